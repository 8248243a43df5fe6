import { domainToASCII } from "node:url";
import { parse } from "tldts";
import { isPublic, readAddress } from "./networks.ts";

/** A URL as the WHATWG standard spells it; host and domain only where they name someone on the Internet. */
export interface PlainUrl {
  readonly href: string;
  readonly host: string;
  readonly domain?: string;
  readonly parts: URL;
}

/** Undefined for what is no web address, or points at nobody: other schemes, private addresses, bare local names. */
export function readUrl(raw: string, base?: string): PlainUrl | undefined {
  const parts = parsed(raw, base);
  if (!parts || !/^(?:https?|ftp):$/.test(parts.protocol)) return undefined;
  const host = parts.hostname.replace(/^\[|\]$|\.$/g, "");
  const address = readAddress(host);
  if (address) return isPublic(address) ? { href: parts.href, host: address, parts } : undefined;
  const domain = domainOf(host);
  return domain ? { href: parts.href, host, domain, parts } : undefined;
}

function parsed(raw: string, base: string | undefined): URL | undefined {
  try {
    return new URL(raw, base);
  } catch {
    // Most are one: to ask first would parse them twice.
    return undefined;
  }
}

/**
 * The registrable domain of a host: what one customer of a registry has. Suffixes that companies added to the list
 * (blogspot.com, github.io) count too, since each name under them is another customer: to blame the whole would be
 * wrong and useless. The suffix itself counts as its owner's domain. Undefined where no public suffix is known.
 */
export function domainOf(host: string): string | undefined {
  const known = looked.get(host);
  if (known !== undefined) return known || undefined;
  const domain = lookUp(host);
  if (looked.size >= remembered) looked.clear();
  if (host.length <= 253) looked.set(host, domain ?? "");
  return domain;
}

/** The same hosts come again and again, in one mail and from mail to mail. */
const looked = new Map<string, string>();
const remembered = 5000;

function lookUp(host: string): string | undefined {
  const ascii = domainToASCII(host.replace(/\.$/, ""));
  if (!ascii || ascii.length > 253) return undefined;
  const own = parse(ascii, { allowPrivateDomains: true });
  if (own.isIp) return undefined;
  if (own.domain && (own.isIcann || own.isPrivate)) return own.domain;
  const icann = own.isPrivate ? parse(ascii, { allowPrivateDomains: false }) : undefined;
  if (icann?.domain && icann.isIcann) return icann.domain;
  return own.domain && own.publicSuffix && reserved.has(own.publicSuffix) ? own.domain : undefined;
}

/** No registry has them (RFC 2606): examples and tests speak of names under them as of any, as with addresses. */
const reserved = new Set(["example", "test", "invalid"]);

/** The registrable domain of an address. */
export const domainOfEmail = (address: string): string | undefined =>
  domainOf(address.slice(address.lastIndexOf("@") + 1));

const maxTemplate = 300;

/**
 * A URL with whatever may be one recipient's taken out: labels below the registrable domain, path segments that do not
 * read like a plain lower-case word, all values of the query. `https://*.example.com/shop/*.php?id=*`
 */
export function templateOf({ parts, host, domain }: PlainUrl): string {
  const who = domain === undefined ? host : host === domain || host === `www.${domain}` ? domain : `*.${domain}`;
  const port = parts.port ? `:${parts.port}` : "";
  const path = parts.pathname.split("/", 12).map(maskSegment).join("/");
  return `${parts.protocol}//${who}${port}${path}${maskQuery(parts.search)}`.slice(0, maxTemplate);
}

function maskSegment(segment: string): string {
  if (segment === "") return "";
  const dot = segment.lastIndexOf(".");
  const ending = dot > 0 && /^\.[a-z]{2,5}$/.test(segment.slice(dot)) ? segment.slice(dot) : "";
  const stem = ending ? segment.slice(0, dot) : segment;
  return (/^[a-z]{1,12}$/.test(stem) ? stem : "*") + ending;
}

function maskQuery(search: string): string {
  if (search.length < 2) return "";
  const keys = search
    .slice(1)
    .split("&", 12)
    .map((pair) => (/^[a-z_]{1,12}=/i.test(pair) ? `${pair.slice(0, pair.indexOf("="))}=*` : "*"));
  return `?${keys.join("&")}`;
}
