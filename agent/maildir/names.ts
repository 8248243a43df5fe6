/** What the names in a maildir tell (https://cr.yp.to/proto/maildir.html; Maildir++; Dovecot's and Courier's own files). */

const foreign = /^(?:\.|dovecot(?:[.-]|$)|maildirsize$|maildirfolder$|courierimap|courierpop3|subscriptions$)/;

/** Whether a name in new/ or cur/ can be a mail's: dot files and the index files of mail servers are none. */
export const isMailName = (name: string): boolean => !foreign.test(name);

/** The part before `:`, which stays for the mail's life. */
export function baseNameOf(name: string): string {
  const colon = name.indexOf(":");
  return colon > 0 ? name.slice(0, colon) : name;
}

/** Flags in `:2,FLAGS`; empty when there are none yet, undefined when the info is of a kind not ours to change. */
export function flagsOf(name: string): string | undefined {
  const info = name.slice(baseNameOf(name).length);
  if (info === "" || info === ":") return "";
  return info.startsWith(":2,") ? info.slice(3) : undefined;
}

/** The name with the flag S (seen) in its place; flags stand in ASCII order. */
export function seenName(name: string): string | undefined {
  const flags = flagsOf(name);
  if (flags === undefined) return undefined;
  const all = [...new Set(`${flags}S`.split(""))].toSorted().join("");
  return `${baseNameOf(name)}:2,${all}`;
}

/** When the mail was delivered by its base name's leading seconds, in ms; undefined when it does not begin so. */
export function deliveredAt(baseName: string): number | undefined {
  const seconds = /^([0-9]{9,10})(?:\.|$)/.exec(baseName)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
