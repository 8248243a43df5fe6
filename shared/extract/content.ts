import { MailParser, type AttachmentStream, type Headers, type MailParserOptions, type MessageText } from "mailparser";
import type { Head } from "./head.ts";
import { sniff, sniffedBytes } from "./sniff.ts";

/** A mail taken apart by mailparser. Strings are the sender's: neither cleaned nor redacted. */
export interface Content {
  readonly headers: Headers;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly FoundAttachment[];
}

export interface FoundAttachment {
  readonly name?: string;
  readonly type: string;
  readonly sniffed?: string;
  readonly size: number;
  readonly sha256: string;
  /** All of it, Latin-1, where it is no longer than `sniffedBytes`. */
  readonly small?: string;
}

const options: MailParserOptions = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipImageLinks: true,
  skipTextLinks: true,
  checksumAlgo: "sha256",
  maxHeadSize: 1 << 20,
  maxChildNodes: 1000,
};

/**
 * What the parser needs of the header. It would decode all of it, and a `To` of a megabyte takes it two seconds:
 * what we read ourselves does not go through it.
 */
const needed = new Set([
  "content-type",
  "content-transfer-encoding",
  "content-disposition",
  "content-id",
  "mime-version",
  "from",
  "reply-to",
  "subject",
]);
const longest = 16 * 1024;
const mostFields = 50;

function headerFor(head: Head): Buffer {
  const fields = head.fields.filter(({ name, raw }) => needed.has(name) && raw.length <= longest).slice(0, mostFields);
  return Buffer.from(fields.map(({ name, raw }) => `${name}:${raw}\r\n`).join("") + "\r\n", "latin1");
}

/** Rejects with mailparser's error where the mail is beyond its limits. Attachments are hashed, never kept. */
export function readContent(head: Head, mail: Buffer): Promise<Content> {
  return new Promise((resolve, reject) => {
    const parser = new MailParser(options);
    const attachments: FoundAttachment[] = [];
    let body: MessageText | undefined;
    parser.on("data", (part) => {
      if (part.type === "text") body = part;
      else
        take(
          part,
          (attachment) => attachments.push(attachment),
          (error) => parser.destroy(error),
        );
    });
    parser.on("error", reject);
    parser.on("end", () => {
      const { text = "", html = "" } = body ?? {};
      resolve({ headers: parser.headers || new Map(), text, html: html || "", attachments });
    });
    parser.write(headerFor(head));
    parser.end(mail.subarray(head.bodyAt));
  });
}

function take(part: AttachmentStream, done: (attachment: FoundAttachment) => void, fail: (error: Error) => void): void {
  const start: Buffer[] = [];
  let held = 0;
  part.content.on("data", (chunk: Buffer) => {
    if (held < sniffedBytes) start.push(chunk.subarray(0, sniffedBytes - held));
    held += chunk.length;
  });
  part.content.on("error", fail);
  part.content.on("end", () => {
    const beginning = Buffer.concat(start);
    const sniffed = sniff(beginning);
    done({
      ...(part.filename && { name: part.filename }),
      type: part.contentType,
      ...(sniffed && { sniffed }),
      size: part.size ?? 0,
      sha256: part.checksum ?? "",
      ...(held <= sniffedBytes && { small: beginning.toString("latin1") }),
    });
    part.release?.();
  });
}
