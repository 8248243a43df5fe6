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

function hostName(value: string): string | undefined {
  if (value.length > 255) return undefined;
  const name = domainToASCII(value.toLowerCase().replace(/\.$/, ""));
  if (name.length > 253 || isIP(name)) return undefined;
  return match(/^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+$/, name);
}

const web = new Set(["http:", "https:", "ftp:"]);

function webAddress(value: string): string | undefined {
  // Checked first, because to throw costs more than to read twice.
  if (value.length > 2048 || !URL.canParse(value)) return undefined;
  const { href, protocol } = new URL(value);
  return web.has(protocol) && href.length <= 4096 ? href : undefined;
}

function mailAddress(value: string): string | undefined {
  if (value.length > 320) return undefined;
  return match(/^[^\s\p{C}]+@[^\s\p{C}@]+$/u, value.toLowerCase());
}
