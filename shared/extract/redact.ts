import { createHash } from "node:crypto";

/** A name that must not leave. A domain is looked for everywhere, or only where it is part of an address. */
export interface Secret {
  readonly address?: string;
  readonly domain?: string;
  readonly everywhere: boolean;
}

interface Needle {
  readonly text: string;
  /** Base64 is looked for in its own case, all else in any. */
  readonly exact: boolean;
  /** Only where no letter or digit stands beside it. */
  readonly token: boolean;
}

export const mark = "[trap]";

/** Local parts that every domain has tell nothing of which trap it is (RFC 2142 and habit). */
const roles = new Set(
  "abuse admin administrator billing contact hostmaster info mail mailer-daemon marketing news noreply office postmaster root sales security service support test user webmaster www".split(
    " ",
  ),
);

/** ASCII letters to lower case; all beyond ASCII is one class, told apart when compared. */
const fold = Uint8Array.from({ length: 128 }, (_, c) => (c >= 65 && c <= 90 ? c + 32 : c));
const foldOf = (c: number): number => (c < 128 ? fold[c]! : 0);
const isAlnum = (c: number): boolean => (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
const shortest = 4;

/**
 * Finds what gives a trap away, in the spellings of facts: literal in any case, `@` encoded once or twice, VERP, base64
 * in its three alignments, hex, and hex digests. One pass after Wu and Manber (1994): the last two characters of a
 * window of four say how far the window may move, and only where it may not anything is compared. So time is linear,
 * however many needles there are.
 */
export class Redactor {
  /** By their first four characters. */
  readonly #heads = new Map<number, Needle[]>();
  /** By two characters of seven bits: how far the window may move. */
  readonly #shift = new Uint8Array(1 << 14).fill(shortest - 1);

  constructor(secrets: readonly Secret[]) {
    const needles = secrets.flatMap(needlesOf).filter((needle) => needle.text.length >= shortest);
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
      const length = this.#longest(text, at);
      if (length === 0) {
        end++;
        continue;
      }
      out += text.slice(kept, at) + mark;
      kept = at + length;
      end = kept + shortest - 1;
      hits++;
    }
    return hits === 0 ? { text, hits } : { text: out + text.slice(kept), hits };
  }
  /** The length of the longest needle at `at`; 0 where there is none. */
  #longest(text: string, at: number): number {
    const needles = this.#heads.get(keyAt(text, at));
    if (needles === undefined) return 0;
    for (const needle of needles) if (stands(needle, text, at)) return needle.text.length;
    return 0;
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
  if (
    needle.token &&
    ((at > 0 && isAlnum(text.charCodeAt(at - 1))) || (end < text.length && isAlnum(text.charCodeAt(end))))
  )
    return false;
  if (needle.exact) return text.startsWith(needle.text, at);
  for (let i = 0; i < needle.text.length; i++) {
    const c = text.charCodeAt(at + i);
    if ((c < 128 ? fold[c] : c) !== needle.text.charCodeAt(i)) return false;
  }
  return true;
}

function needlesOf(secret: Secret): Needle[] {
  const address = secret.address?.toLowerCase();
  const at = address?.lastIndexOf("@") ?? -1;
  const domain = secret.domain?.toLowerCase() ?? address?.slice(at + 1);
  const needles: Needle[] = [];
  if (address && at > 0) needles.push(...ofAddress(address.slice(0, at), address.slice(at + 1), secret.address ?? ""));
  if (!domain) return needles;
  for (const sign of ["@", "%40", "%2540", "&#64;", "="]) needles.push(plain(sign + domain));
  if (secret.everywhere) needles.push(token(domain), ...encoded(domain));
  return needles;
}

const plain = (text: string): Needle => ({ text, exact: false, token: false });
const token = (text: string): Needle => ({ text, exact: false, token: true });

function ofAddress(local: string, domain: string, asWritten: string): Needle[] {
  const address = `${local}@${domain}`;
  const needles = ["@", "%40", "%2540", "&#64;", "="].map((sign) => plain(local + sign + domain));
  needles.push(...encoded(address), ...digests(address));
  if (asWritten !== address) needles.push(...encoded(asWritten), ...digests(asWritten));
  if (local.length < shortest || roles.has(local)) return needles;
  needles.push(token(local), ...digests(local));
  // Fewer than six bytes leave too few certain characters: any text in base64 would have them.
  if (local.length >= 6) needles.push(...encoded(local));
  return needles;
}

const digests = (text: string): Needle[] =>
  ["md5", "sha1", "sha256"].map((algorithm) => plain(createHash(algorithm).update(text).digest("hex")));

function encoded(text: string): Needle[] {
  const bytes = Buffer.from(text);
  const needles = [plain(bytes.toString("hex"))];
  for (let before = 0; before < 3; before++) {
    const coded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Characters that hold bits of a neighbour are not certain, and left out.
    const certain = coded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    needles.push({ text: certain, exact: true, token: false });
    if (/[+/]/.test(certain)) {
      const safe = certain.replaceAll("+", "-").replaceAll("/", "_");
      needles.push({ text: safe, exact: true, token: false });
    }
  }
  return needles;
}
