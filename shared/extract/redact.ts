import { needlesOf, shortest, type Needle, type Secret } from "./needles.ts";
import { escapeBefore, reachLeft } from "./reach.ts";

export const mark = "[trap]";

/** ASCII letters to lower case; all beyond ASCII is one class, told apart when compared. */
const fold = Uint8Array.from({ length: 128 }, (_, c) => (c >= 65 && c <= 90 ? c + 32 : c));
const foldOf = (c: number): number => (c < 128 ? fold[c]! : 0);
const isAlnum = (c: number): boolean => (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);

/**
 * Finds what gives a trap away, in the spellings of facts: literal in any case, `@` encoded once or twice, VERP, base64
 * in its three alignments, hex, and hex digests; with the local part before a domain where only that is known. One pass after Wu and Manber (1994): the last two characters of a
 * window of four say how far the window may move, and only where it may not anything is compared. So time is linear,
 * however many needles there are.
 */
export class Redactor {
  /** By their first four characters. */
  readonly #heads = new Map<number, Needle[]>();
  /** By two characters of seven bits: how far the window may move. */
  readonly #shift = new Uint8Array(1 << 14).fill(shortest - 1);

  constructor(secrets: readonly Secret[]) {
    const needles = secrets.flatMap(needlesOf);
    // Longest first: the whole address goes, not its local part alone.
    for (const needle of needles.toSorted((a, b) => b.text.length - a.text.length)) this.#add(needle);
  }
  #add(needle: Needle): void {
    for (let i = 1; i < shortest; i++) {
      const pair = (byteOf(needle.text, i - 1) << 7) | byteOf(needle.text, i);
      this.#shift[pair] = Math.min(this.#shift[pair]!, shortest - 1 - i);
    }
    const key = keyAt(needle.text, 0);
    const others = this.#heads.get(key);
    if (others) others.push(needle);
    else this.#heads.set(key, [needle]);
  }
  redact(text: string): { text: string; hits: number } {
    if (this.#heads.size === 0) return { text, hits: 0 };
    const shift = this.#shift;
    const bytes = bytesOf(text);
    let kept = 0;
    let out = "";
    let hits = 0;
    for (let end = shortest - 1; end < text.length;) {
      const step = shift[(foldByte[bytes[end - 1]!]! << 7) | foldByte[bytes[end]!]!]!;
      if (step > 0) {
        end += step;
        continue;
      }
      const at = end - shortest + 1;
      const needle = this.#longest(text, at);
      if (needle === undefined) {
        end++;
        continue;
      }
      out += text.slice(kept, reachLeft(needle.reach, text, at, kept)) + mark;
      kept = at + needle.text.length;
      end = kept + shortest - 1;
      hits++;
    }
    return hits === 0 ? { text, hits } : { text: out + text.slice(kept), hits };
  }
  /** The longest needle at `at`. */
  #longest(text: string, at: number): Needle | undefined {
    return this.#heads.get(keyAt(text, at))?.find((needle) => stands(needle, text, at));
  }
}

let scratch = Buffer.alloc(64 * 1024);
const foldByte = Uint8Array.from({ length: 256 }, (_, c) => foldOf(c));

const byteOf = (text: string, at: number): number => foldByte[text.charCodeAt(at) & 0xff]!;

/**
 * The text with a byte a character: reading bytes is several times faster than reading characters of strings, which
 * come in many shapes. Of a character beyond Latin-1 the lower byte is left, in needles too; comparing reads the text itself.
 */
function bytesOf(text: string): Buffer {
  if (scratch.length < text.length) scratch = Buffer.alloc(text.length);
  scratch.write(text, 0, "latin1");
  return scratch;
}

function keyAt(text: string, at: number): number {
  let key = 0;
  for (let i = at; i < at + shortest; i++) key = (key << 7) | foldOf(text.charCodeAt(i));
  return key;
}

function stands(needle: Needle, text: string, at: number): boolean {
  const end = at + needle.text.length;
  if (end > text.length) return false;
  if (needle.token && !isAlone(text, at, end)) return false;
  if (needle.exact) return text.startsWith(needle.text, at);
  for (let i = 0; i < needle.text.length; i++) {
    const c = text.charCodeAt(at + i);
    if ((c < 128 ? fold[c] : c) !== needle.text.charCodeAt(i)) return false;
  }
  return true;
}

/** The last digit of `%2F` is no letter beside what follows it. */
function isAlone(text: string, at: number, end: number): boolean {
  if (end < text.length && isAlnum(text.charCodeAt(end))) return false;
  return at === 0 || !isAlnum(text.charCodeAt(at - 1)) || escapeBefore(text, at) > 0;
}
