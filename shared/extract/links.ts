import { domainOf } from "./urls.ts";

/** References in running text, found in time linear in its length. */
export interface Found {
  /** With a scheme; `http` is put before what has none. */
  readonly urls: readonly string[];
  readonly emails: readonly string[];
}

const maxText = 1 << 20;
const maxFound = 2000;
const maxUrl = 4096;

const schemed = /\b(?:https?|ftp):[/\\]{2}[^\s<>"\u0000-\u001f]{1,4096}/gi;
/** Suffixes that file names have as well: without `www.` or a path they name a file. */
const fileLike = new Set("zip mov md sh py pl rs ps so cc pm ai app".split(" "));

export function findLinks(text: string): Found {
  const plain = refang(text.length > maxText ? text.slice(0, maxText) : text);
  const urls: string[] = [];
  for (const [match] of plain.matchAll(schemed)) {
    if (urls.length >= maxFound) break;
    urls.push(trimEnd(match));
  }
  return { urls: [...urls, ...bareHosts(plain)], emails: findEmails(plain) };
}

/** `hxxp://spam[.]example` to what it stands for. */
function refang(text: string): string {
  if (!/hxxp|\[\.\]|\(\.\)|\[dot\]|\(dot\)/i.test(text)) return text;
  return text
    .replace(/hxxp/gi, "http")
    .replace(/\[:\]/g, ":")
    .replace(/\[\.\]|\(\.\)|\[dot\]|\(dot\)/gi, ".");
}

const pairs = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);

/** What ends a sentence is not the URL's; a bracket is, if it was opened in it. */
function trimEnd(url: string): string {
  let end = url.length;
  for (; end > 0; end--) {
    const last = url[end - 1]!;
    const opening = pairs.get(last);
    if (opening === undefined ? !".,;:!?'*_`|\\".includes(last) : isClosed(url.slice(0, end), opening, last)) break;
  }
  return url.slice(0, end);
}

/** Whether each of the closing brackets has its own opening one. */
const isClosed = (url: string, opening: string, closing: string): boolean =>
  url.split(opening, 20).length >= url.split(closing, 20).length;

const isAlnum = (c: number): boolean => (c >= 48 && c <= 57) || (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
const inHost = (c: number): boolean => isAlnum(c) || c === 45 || c === 46;

/**
 * Whether the piece is torn out of a longer word: `cher.com` out of `bücher.com` is nobody's, or a stranger's. Only Latin
 * letters make one word with it; in scripts that are written without spaces a name may well stand between them.
 */
const cutsWord = (text: string, start: number, end: number): boolean =>
  /[\p{Script=Latin}\p{M}]$/u.test(text.slice(Math.max(0, start - 2), start)) ||
  /^[\p{Script=Latin}\p{M}]/u.test(text.slice(end, end + 2));

/** Host names without a scheme. From each dot to both sides, and never over the same text twice. */
function bareHosts(text: string): string[] {
  const found: string[] = [];
  let floor = 0;
  for (
    let dot = text.indexOf(".");
    dot >= 0 && found.length < maxFound;
    dot = text.indexOf(".", Math.max(floor, dot + 1))
  ) {
    if (!isAlnum(text.charCodeAt(dot + 1))) continue;
    let start = dot;
    while (start > floor && dot - start < 64 && inHost(text.charCodeAt(start - 1))) start--;
    let end = dot + 1;
    while (end < text.length && end - start < 254 && inHost(text.charCodeAt(end))) end++;
    floor = end;
    // Part of a URL or an address, both found elsewhere.
    if (start > 0 && /[/@\\:%=&?_+]/.test(text[start - 1]!)) continue;
    if (text[end] === "@" || cutsWord(text, start, end)) continue;
    const host = text.slice(start, end).replace(/^[.-]+|[.-]+$/g, "");
    const path = text[end] === "/" ? (/^\/[^\s<>"]{0,2000}/.exec(text.slice(end, end + 2001))?.[0] ?? "") : "";
    if (isHost(host, path !== "")) {
      found.push(trimEnd(`http://${host}${path}`));
      floor = end + path.length;
    }
  }
  return found;
}

function isHost(host: string, hasPath: boolean): boolean {
  const last = host.slice(host.lastIndexOf(".") + 1);
  if (!/^(?:[a-z]{2,18}|[A-Z]{2,18}|xn--[a-z0-9-]+)$/.test(last)) return false;
  if (!hasPath && !/^www\./i.test(host) && fileLike.has(last.toLowerCase())) return false;
  return domainOf(host) !== undefined;
}

const inLocal = (c: number): boolean => isAlnum(c) || ".!#$%&'*+-/=?^_`{|}~".includes(String.fromCharCode(c));

function findEmails(text: string): string[] {
  const found: string[] = [];
  let floor = 0;
  for (let at = text.indexOf("@"); at >= 0 && found.length < maxFound; at = text.indexOf("@", at + 1)) {
    let start = at;
    while (start > floor && at - start < 65 && inLocal(text.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (end < text.length && end - at < 254 && inHost(text.charCodeAt(end))) end++;
    floor = end;
    const email = cutsWord(text, start, end) ? undefined : readEmail(text.slice(start, end));
    if (email) found.push(email);
  }
  return found;
}

/** An address with a domain that can be: lower-cased, its domain's suffix a public one. */
export function readEmail(raw: string): string | undefined {
  const address = raw.replace(/^[^a-z0-9]+|[^a-z0-9]+$/gi, "").toLowerCase();
  const at = address.lastIndexOf("@");
  if (at < 1 || at > 64 || address.length > maxUrl) return undefined;
  return domainOf(address.slice(at + 1)) ? address : undefined;
}
