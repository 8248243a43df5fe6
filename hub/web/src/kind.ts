/** The kinds of indicator that can be looked up, and how a typed value tells its kind. No DOM here. */
export const kinds = ["ip", "domain", "host", "url", "email", "attachment", "campaign"] as const;
export type Kind = (typeof kinds)[number];

export const isKind = (text: string): text is Kind => (kinds as readonly string[]).includes(text);

/** Undoes what analysts write so that nothing can be clicked: hxxp://, [.], (dot), [at], [:]. */
export function refang(typed: string): string {
  return typed
    .trim()
    .replace(/^hxxp(s?):/i, "http$1:")
    .replace(/\[:(\/\/)?\]/g, ":$1")
    .replace(/\[\.\]|\(\.\)|\[dot\]|\(dot\)/gi, ".")
    .replace(/\[@\]|\(@\)|\[at\]|\(at\)/gi, "@");
}

/** A URL or a name that nothing turns into a link. */
export const defang = (value: string): string =>
  value.replace(/^http/i, "hxxp").replace(/^([a-z+]+:\/\/)?[^/?#]*/i, (authority) => authority.replaceAll(".", "[.]"));

const octet = /^(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;

/** Of what kind a value is most likely. */
export function guessKind(typed: string): Kind {
  const value = refang(typed);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return "url";
  if (/^[0-9a-f]{64}$/i.test(value)) return "attachment";
  if (isAddress(value)) return "ip";
  if (/^[^\s@/]+@[^\s@/]+$/.test(value)) return "email";
  if (/^(?:body|subject|attachment):[0-9a-f]{32}$/i.test(value)) return "campaign";
  if (value.includes("/")) return "url";
  // A registrable domain has most often one dot; a host has more.
  return value.replace(/\.$/, "").split(".").length > 2 ? "host" : "domain";
}

function isAddress(value: string): boolean {
  const parts = value.split(".");
  if (parts.length === 4 && parts.every((part) => octet.test(part))) return true;
  return value.includes(":") && /^[0-9a-f:.]+$/i.test(value) && value.split(":").length > 2;
}
