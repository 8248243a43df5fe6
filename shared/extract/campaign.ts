import { createHash } from "node:crypto";

/** Keys that mails of one campaign share (facts: mail.md). All are computed on redacted text. */
export interface BodyKeys {
  /** 16 bytes in hex. */
  readonly body: string;
  /** 8 bytes in hex; only where there are words enough for it to mean anything. */
  readonly simhash?: string;
}

const maxText = 256 * 1024;
const fewestWords = 5;
const mostWords = 2000;

/** Undefined where no word is left: empty mails must not become one campaign. */
export function bodyKeys(text: string): BodyKeys | undefined {
  const words = normalised(text.slice(0, maxText));
  if (words.length === 0) return undefined;
  const body = createHash("sha256").update(words.join(" ")).digest("hex").slice(0, 32);
  return words.length < fewestWords ? { body } : { body, simhash: simhash(words.slice(0, mostWords)) };
}

/** Words in lower case; URLs and addresses are one word each, a run of digits is `0`: what differs from mail to mail. */
function normalised(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replace(/[a-z]{3,5}:\/\/\S*|\bwww\.\S*/g, " url ")
    .replace(/\[trap\]/g, " ")
    .replace(/\d+/g, "0");
  return plain.match(/[^\s!-/:-@[-`{-~\u0080-\u00bf\u2000-\u206f\u3000-\u303f]+/g) ?? [];
}

/** Charikar's simhash over pairs of words, 64 bits. Two keys that differ in few bits are of texts that differ in few words. */
function simhash(words: readonly string[]): string {
  const votes = new Int32Array(64);
  let before = hash(words[0]!, 0x811c9dc5);
  for (let i = 1; i < words.length; i++) {
    const low = hash(words[i]!, before);
    const high = mix(low ^ 0x9e3779b9);
    for (let bit = 0; bit < 32; bit++) {
      votes[bit]! += ((low >>> bit) & 1) * 2 - 1;
      votes[bit + 32]! += ((high >>> bit) & 1) * 2 - 1;
    }
    before = hash(words[i]!, 0x811c9dc5);
  }
  let low = 0;
  let high = 0;
  for (let bit = 0; bit < 32; bit++) {
    if (votes[bit]! > 0) low |= 1 << bit;
    if (votes[bit + 32]! > 0) high |= 1 << bit;
  }
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/** FNV-1a over UTF-16 units, then mixed, since its low bits alone are poor. */
function hash(word: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < word.length; i++) h = Math.imul(h ^ word.charCodeAt(i), 0x01000193);
  return mix(h);
}

/** The finaliser of MurmurHash3. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The subject with its numbers and random tokens masked; undefined where no word is left. */
export function subjectKey(subject: string): string | undefined {
  const template = subject
    .toLowerCase()
    .replace(/^(?:\s{0,9}(?:re|fwd?|aw|wg|tr|sv)\s{0,9}:){1,9}/, "")
    .replace(/\[trap\]/g, "*")
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => (/\d/.test(word) && /[a-z]/.test(word) ? "*" : word.replace(/\d+/g, "0")))
    .join(" ");
  if (!/\p{L}/u.test(template)) return undefined;
  return createHash("sha256").update(template).digest("hex").slice(0, 32);
}
