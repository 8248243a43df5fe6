/**
 * How far a hit goes to its left, so that no local part of a trap's address stays where only its domain is known:
 * over an address (the hit begins with a spelling of `@`), over a host and the address before it, over what is coded in
 * hex, or in base64.
 */
export type Reach = "none" | "address" | "host" | "hex" | "base64";

const isAlnum = (c: number): boolean => (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
const isHex = (c: number): boolean => (c >= 48 && c <= 57) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102);
const percent = 37;
const quote = 34;
/** RFC 5321 allows a local part of 64, with its quotes 66. */
const longestQuoted = 66;

/** Where a hit at `at` begins; never before `floor`, so that all of them together take time linear in the text. */
export function reachLeft(reach: Reach, text: string, at: number, floor: number): number {
  if (reach === "none") return at;
  if (reach === "address") return overAddress(text, at, floor);
  if (reach === "host") return overHost(text, at, floor);
  return reach === "hex" ? overHex(text, at, floor) : overBase64(text, at, floor);
}

/** `/ ? & = #` are allowed in a local part, but end it: in URLs, where most of them stand, they part it from others. */
function inLocal(c: number): boolean {
  if (isAlnum(c)) return true;
  if (c < 128) return ".!$'*+^_`{|}~-".includes(String.fromCharCode(c));
  return /[\p{L}\p{M}\p{N}\p{Surrogate}]/u.test(String.fromCharCode(c));
}

function overAddress(text: string, at: number, floor: number): number {
  if (at > floor && text.charCodeAt(at - 1) === quote) {
    const opening = text.lastIndexOf('"', at - 2);
    if (at > floor + 1 && opening >= Math.max(floor, at - longestQuoted)) return opening;
  }
  let start = at;
  while (start > floor) {
    const escape = escapeBefore(text, start);
    if (escape > 0) {
      if (start - escape < floor || !inLocal(Number.parseInt(text.slice(start - 2, start), 16))) break;
      start -= escape;
    } else if (inLocal(text.charCodeAt(start - 1))) start--;
    else break;
  }
  return start;
}

/** Escapes of escapes that are seen; with no end to it, digits alone would take time in their square. */
const deepest = 4;

/** The length of the percent-escape that ends at `at`, itself escaped again or not; 0 where there is none. */
export function escapeBefore(text: string, at: number): number {
  if (at < 3 || !isHex(text.charCodeAt(at - 1)) || !isHex(text.charCodeAt(at - 2))) return 0;
  let start = at - 3;
  for (let i = 0; i < deepest && start >= 2 && text.startsWith("25", start - 1); i++) start -= 2;
  return text.charCodeAt(start) === percent ? at - start : 0;
}

function overHost(text: string, at: number, floor: number): number {
  let start = at;
  while (start > floor && escapeBefore(text, start) === 0) {
    const c = text.charCodeAt(start - 1);
    if (!isAlnum(c) && c !== 45 && c !== 46) break;
    start--;
  }
  const escape = escapeBefore(text, start);
  if (start > floor && text[start - 1] === "@") return overAddress(text, start - 1, floor);
  if (escape > 0 && start - escape >= floor && text.startsWith("40", start - 2))
    return overAddress(text, start - escape, floor);
  return at;
}

function overHex(text: string, at: number, floor: number): number {
  let start = at;
  while (start - 2 >= floor && isHex(text.charCodeAt(start - 1)) && isHex(text.charCodeAt(start - 2))) {
    const byte = Number.parseInt(text.slice(start - 2, start), 16);
    if (byte !== 64 && byte < 128 && !inLocal(byte)) break;
    start -= 2;
  }
  return start;
}

/** Without `/`, which would reach over a URL's path: in base64 of ASCII it stands for nothing but `?`. */
function overBase64(text: string, at: number, floor: number): number {
  let start = at;
  while (start > floor) {
    const c = text.charCodeAt(start - 1);
    if (!isAlnum(c) && c !== 43 && c !== 45 && c !== 95) break;
    start--;
  }
  return start;
}
