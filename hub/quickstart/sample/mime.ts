import type { Charset, Encoding, File, Letter } from "./letter.ts";
import type { Random } from "./random.ts";

/** Writes letters as MIME (RFC 2045–2047), with LF line ends as Postfix stores them. */

export function inCharset(text: string, charset: Charset): Buffer {
  if (charset === "iso-8859-1") return Buffer.from(text, "latin1");
  if (charset !== "windows-1251") return Buffer.from(text, "utf8");
  // The Russian letters alone; the rest of our texts is ASCII.
  return Buffer.from(Array.from(text, (c) => cyrillic(c.codePointAt(0) ?? 63)));
}
const cyrillic = (code: number): number => (code >= 0x410 && code <= 0x44f ? code - 0x350 : code < 128 ? code : 63);

/** RFC 2047: base64 words of at most 75 characters; text that is ASCII stays as it is. */
export function encodedWords(text: string, charset: Charset): string {
  if (/^[ -~]*$/.test(text)) return text;
  const pieces = Array.from(text).reduce<string[]>((words, character) => {
    const last = words.at(-1) ?? "";
    if (words.length > 0 && inCharset(last + character, charset).length <= 36)
      words[words.length - 1] = last + character;
    else words.push(character);
    return words;
  }, []);
  return pieces.map((piece) => `=?${charset}?B?${inCharset(piece, charset).toString("base64")}?=`).join("\n ");
}

export function quotedPrintable(bytes: Buffer): string {
  const lines: string[] = [];
  let line = "";
  for (const byte of bytes) {
    if (byte === 10) {
      lines.push(line);
      line = "";
      continue;
    }
    const plain = byte >= 32 && byte < 127 && byte !== 61;
    const piece = plain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    if (line.length + piece.length > 75) {
      lines.push(`${line}=`);
      line = "";
    }
    line += piece;
  }
  return [...lines, line].join("\n");
}

const wrapped = (bytes: Buffer): string => bytes.toString("base64").replace(/.{76}/g, "$&\n");

function encoded(bytes: Buffer, encoding: Encoding): Buffer {
  if (encoding === "base64") return Buffer.from(wrapped(bytes));
  return encoding === "quoted-printable" ? Buffer.from(quotedPrintable(bytes)) : bytes;
}

/** Headers of a part (without an empty line) and its bytes. */
interface Part {
  readonly headers: string[];
  readonly body: Buffer;
}

function textPart(subtype: "plain" | "html", text: string, { charset = "utf-8", encoding = "8bit" }: Letter): Part {
  return {
    headers: [`Content-Type: text/${subtype}; charset=${charset}`, `Content-Transfer-Encoding: ${encoding}`],
    body: encoded(inCharset(text, charset), encoding),
  };
}

function filePart({ name, type, content }: File): Part {
  const ascii = /^[ -~]*$/.test(name);
  // RFC 2231 where it must be.
  const named = (key: string): string => (ascii ? `${key}="${name}"` : `${key}*=utf-8''${encodeURIComponent(name)}`);
  return {
    headers: [
      `Content-Type: ${type}; ${named("name")}`,
      "Content-Transfer-Encoding: base64",
      `Content-Disposition: attachment; ${named("filename")}`,
    ],
    body: Buffer.from(wrapped(content)),
  };
}

function multipart(kind: string, parts: readonly Part[], boundary: string): Part {
  const pieces = parts.map(({ headers, body }) =>
    Buffer.concat([Buffer.from(`--${boundary}\n${headers.join("\n")}\n\n`), body, Buffer.from("\n")]),
  );
  return {
    headers: [`Content-Type: multipart/${kind}; boundary="${boundary}"`],
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\n`)]),
  };
}

/** The MIME headers and the body of a letter. */
export function mimeOf(letter: Letter, random: Random): Part {
  const { text, html, attachments = [] } = letter;
  const bodies: Part[] = [];
  if (text !== undefined) bodies.push(textPart("plain", text, letter));
  if (html !== undefined) bodies.push(textPart("html", html, letter));
  const boundary = (): string => `----=_Part_${random.word(12, "0123456789")}`;
  const [first] = bodies;
  if (!first) return multipart("mixed", attachments.map(filePart), boundary());
  const body = bodies.length === 1 ? first : multipart("alternative", bodies, boundary());
  return attachments.length === 0 ? body : multipart("mixed", [body, ...attachments.map(filePart)], boundary());
}
