import { hash as digest } from "node:crypto";
import { mark } from "./redact.ts";
import { Simhash } from "./simhash.ts";

/** Keys that mails of one campaign share (facts: mail.md). All are computed on redacted text. */
export interface BodyKeys {
  /** 16 bytes in hex. */
  readonly body: string;
  /** 8 bytes in hex; only where there are words enough for it to mean anything. */
  readonly simhash?: string;
}

/** What of a text makes its keys, in UTF-16 units. */
export const keyedText = 32 * 1024;
const fewestWords = 5;

const letter = 1;
const digit = 2;
const kinds = Uint8Array.from({ length: 128 }, (_, c) =>
  c >= 97 && c <= 122 ? letter : c >= 48 && c <= 57 ? digit : 0,
);
/** Beyond ASCII all is a letter but Latin-1's signs and the punctuation of all scripts and of CJK. */
const kindBeyond = (c: number): number =>
  c < 0xc0 || (c >= 0x2000 && c < 0x2070) || (c >= 0x3000 && c < 0x3040) ? 0 : letter;

/** Kept from mail to mail: it is used between two awaits of one thread. */
let scratch = { units: new Uint16Array(16 * 1024), normal: new Uint16Array(32 * 1024) };

/** Room for the words of a text, and the text as UTF-16 units, which are read faster than a string's characters. */
function scratchFor(text: string): typeof scratch {
  const { length } = text;
  if (scratch.units.length < length)
    scratch = { units: new Uint16Array(length), normal: new Uint16Array(length * 2 + 2) };
  // All machines that Node runs on are little-endian, but for s390x, where keys would differ and nothing else.
  Buffer.from(scratch.units.buffer).write(text, "utf16le");
  return scratch;
}

/** The start of FNV-1a, over UTF-16 units here. */
const basis = 0x811c9dc5 | 0;

/**
 * The body as its words in lower case, where what differs from mail to mail is made one: a run of digits is `0`, a URL
 * or an address one sign, a trap none. Undefined where no word is left: empty mails must not become one campaign.
 * One pass, with all state in locals, since it sees every character of every mail.
 */
export function bodyKeys(text: string): BodyKeys | undefined {
  const lower = text.slice(0, keyedText).toLowerCase();
  const { units, normal } = scratchFor(lower);
  const simhash = new Simhash();
  let length = 0;
  let start = 0;
  let hash = basis;
  let before = 0;
  for (let i = 0; i <= lower.length; i++) {
    const c = i < lower.length ? units[i]! : 32;
    const kind = c < 128 ? kinds[c]! : kindBeyond(c);
    const put = kind === letter ? c : kind === digit ? 0x30 : 0;
    if (put !== 0) {
      if (kind !== digit || before !== digit) {
        normal[length++] = put;
        hash = Math.imul(hash ^ put, 0x01000193);
      }
    } else {
      if (c === 0x5b && lower.startsWith(mark, i)) i += mark.length - 1;
      else if (length > start && isReference(lower, i, c)) {
        length = start;
        normal[length++] = 0x40;
        hash = 0x40;
        i = nextSpace(units, i, lower.length);
      }
      if (length > start) {
        simhash.add(hash);
        normal[length++] = 0x20;
        start = length;
        hash = basis;
      }
    }
    before = kind;
  }
  if (simhash.words === 0) return undefined;
  const bytes = new Uint8Array(normal.buffer, 0, length * 2);
  const body = digest("sha256", bytes, "hex").slice(0, 32);
  return simhash.words < fewestWords ? { body } : { body, simhash: simhash.hex() };
}

function nextSpace(units: Uint16Array, from: number, end: number): number {
  let at = from;
  while (at < end && units[at]! > 32) at++;
  return at;
}

/** Whether the word that ends here is the start of a URL (`http://`, `www.`) or of an address. */
function isReference(text: string, at: number, c: number): boolean {
  if (c === 0x40) return true;
  if (c === 0x3a) return text.startsWith("//", at + 1);
  return c === 0x2e && text.startsWith("www", at - 3);
}

/** The subject with its numbers and random tokens masked, 16 bytes in hex; undefined where no word is left. */
export function subjectKey(subject: string): string | undefined {
  const template = subject
    .toLowerCase()
    .replace(/^(?:\s{0,9}(?:re|fwd?|aw|wg|tr|sv)\s{0,9}:){1,9}/, "")
    .replaceAll(mark, "*")
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => (/\d/.test(word) ? (/[a-z]/.test(word) ? "*" : word.replace(/\d+/g, "0")) : word))
    .join(" ");
  if (!/\p{L}/u.test(template)) return undefined;
  return digest("sha256", template, "hex").slice(0, 32);
}
