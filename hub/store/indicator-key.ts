import { hash } from "node:crypto";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { isPublic, readAddress } from "../../shared/extract/networks.ts";
import type { IndicatorKind } from "./contract.ts";

/**
 * The one spelling of an indicator, for who stores it and who asks for it. undefined: it is none, because it is
 * malformed or stands for no one in the public Internet (private and reserved addresses, single labels).
 * A campaign is named by what its mails share: `body:HEX`, `subject:HEX`, `attachment:HEX`.
 */
export function canonical(kind: IndicatorKind, value: string): string | undefined {
  return spellings[kind](value);
}

/** A short key for an index: base64url of the first 12 bytes of SHA-256(kind ‖ NUL ‖ canonical value). */
export const indicatorKey = (kind: IndicatorKind, value: string): string =>
  hash("sha256", `${kind}\0${value}`, "base64url").slice(0, 16);

const spellings: Record<IndicatorKind, (value: string) => string | undefined> = {
  ip: publicAddress,
  domain: (value) => (isIP(value) ? undefined : hostName(value)),
  host: (value) => (isIP(value) ? publicAddress(value) : hostName(value)),
  url: webAddress,
  email: mailAddress,
  attachment: (value) => match(/^[0-9a-f]{64}$/, value.toLowerCase()),
  campaign: (value) => match(/^(?:body|subject|attachment):[0-9a-f]{32}$/, value.toLowerCase()),
};

const match = (pattern: RegExp, value: string): string | undefined => (pattern.test(value) ? value : undefined);

function publicAddress(value: string): string | undefined {
  const address = value.includes("%") ? undefined : readAddress(value);
  return address !== undefined && isPublic(address) ? address : undefined;
}

/** Most names come as they are to be: lower-case letters, digits and hyphens, ending in letters. The others are read. */
const plainHost = /^(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,24}$/;
const isPlainHost = (value: string): boolean => value.length <= 253 && plainHost.test(value) && !value.includes("xn--");

function hostName(value: string): string | undefined {
  if (isPlainHost(value)) return value;
  if (value.length > 255) return undefined;
  const name = domainToASCII(value.toLowerCase().replace(/\.$/, ""));
  if (name.length > 253 || isIP(name)) return undefined;
  return match(/^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+$/, name);
}

const web = new Set(["http:", "https:", "ftp:"]);

/** Characters that the URL standard leaves alone, after a plain host without a port. */
const plainUrl = /^https?:\/\/([a-z0-9._-]+)\/[A-Za-z0-9._~,;:@&=+$!*()/-]*(?:\?[A-Za-z0-9._~,;:@&=+$!*()/?-]*)?$/;

function webAddress(value: string): string | undefined {
  const plain = value.length <= 2048 ? plainUrl.exec(value)?.[1] : undefined;
  // A segment that begins with a dot may be one that the standard resolves.
  if (plain !== undefined && isPlainHost(plain) && !value.includes("/.")) return value;
  // Checked first, because to throw costs more than to read twice.
  if (value.length > 2048 || !URL.canParse(value)) return undefined;
  const { href, protocol } = new URL(value);
  return web.has(protocol) && href.length <= 4096 ? href : undefined;
}

function mailAddress(value: string): string | undefined {
  if (value.length > 320) return undefined;
  return match(/^[^\s\p{C}]+@[^\s\p{C}@]+$/u, value.toLowerCase());
}
