/**
 * The header block of a mail, read by tolerant rules of our own: the parser may refuse a mail, and what the trusted
 * relays wrote must be had all the same (RFC 5322, 2.2; obsolete forms 4.5.8 are taken).
 *
 * Bytes are held as Latin-1, one character a byte, until a value is asked for.
 */
export interface Field {
  /** Lower case. */
  readonly name: string;
  /** As it stands, folds and all: where a relay folded tells what it wrote and what the sender did. */
  readonly raw: string;
}

export interface Head {
  readonly fields: readonly Field[];
  /** The same values by name, each list from the top. */
  readonly byName: ReadonlyMap<string, readonly string[]>;
  /** Where the body begins. */
  readonly bodyAt: number;
  readonly defects: readonly string[];
}

/** A hundred times what real mail has; what is beyond is not read. */
const maxBytes = 256 * 1024;
const maxFields = 2000;
const maxName = 100;

const namePattern = /^[\x21-\x39\x3b-\x7e]+$/;

export function readHead(mail: Buffer): Head {
  const defects = new Set<string>();
  const text = mail.toString("latin1", 0, Math.min(mail.length, maxBytes));
  const fields: Field[] = [];
  let at = 0;
  let open: { name: string; from: number; to: number } | undefined;
  const close = (): void => {
    if (open) fields.push({ name: open.name, raw: text.slice(open.from, open.to) });
    open = undefined;
  };
  while (at < text.length && fields.length < maxFields) {
    const end = text.indexOf("\n", at);
    const next = end < 0 ? text.length : end + 1;
    const last = end < 0 ? text.length : text[end - 1] === "\r" && end > at ? end - 1 : end;
    if (last === at) {
      at = next;
      break;
    }
    const first = text.charCodeAt(at);
    if (first === 32 || first === 9) {
      if (open) open.to = last;
      else defects.add("bad-header-line");
    } else {
      close();
      open = opened(text, at, last);
      if (!open && !(at === 0 && text.startsWith("From "))) defects.add("bad-header-line");
    }
    at = next;
  }
  close();
  const read = text.slice(0, at);
  if (/[\x80-\xff]/.test(read)) defects.add("raw-8bit-header");
  if (read.includes("\0")) defects.add("nul-in-header");
  const cut = fields.length >= maxFields || (at >= maxBytes && mail.length > maxBytes);
  if (cut) defects.add("header-cut");
  return { fields, byName: grouped(fields), bodyAt: cut ? blankLine(mail, at) : at, defects: [...defects] };
}

function grouped(fields: readonly Field[]): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const { name, raw } of fields) {
    const before = byName.get(name);
    if (before) before.push(raw);
    else byName.set(name, [raw]);
  }
  return byName;
}

/** Behind the first blank line from `at` on; the end where there is none. */
function blankLine(mail: Buffer, at: number): number {
  const ends = [mail.indexOf("\n\n", at - 1), mail.indexOf("\n\r\n", at - 1)].filter((end) => end >= 0);
  return ends.length === 0 ? mail.length : mail.indexOf("\n", Math.min(...ends) + 1) + 1;
}

function opened(text: string, at: number, end: number): { name: string; from: number; to: number } | undefined {
  const colon = text.indexOf(":", at);
  if (colon < 0 || colon >= end || colon - at > maxName) return undefined;
  const name = text.slice(at, colon).trimEnd();
  return namePattern.test(name) ? { name: name.toLowerCase(), from: colon + 1, to: end } : undefined;
}

/** All values of a field, from the top. */
export const rawValues = (head: Head, name: string): readonly string[] => head.byName.get(name) ?? [];

/** The topmost value, unfolded and with its bytes decoded; undefined where there is none or it is blank. */
export function value(head: Head, name: string): string | undefined {
  const raw = head.byName.get(name)?.[0];
  return raw === undefined ? undefined : decodeBytes(unfold(raw)) || undefined;
}

/** RFC 5322, 2.2.3. */
export const unfold = (raw: string): string => raw.replace(/\r?\n/g, "").trim();

/** Latin-1 to what was meant: UTF-8 where it is that (RFC 6532), else `charset`, else windows-1252. */
export function decodeBytes(latin1: string, charset?: string): string {
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, "latin1");
  for (const label of ["utf-8", charset]) {
    if (!label) continue;
    try {
      return new TextDecoder(label, { fatal: true }).decode(bytes);
    } catch {
      // Not that charset, or none that is known: the next one is tried.
    }
  }
  return new TextDecoder("windows-1252").decode(bytes);
}
