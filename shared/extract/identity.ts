import type { Observation } from "../observation.ts";
import { observationLimits } from "../observation-limits.ts";
import type { Content } from "./content.ts";
import type { Gate } from "./gate.ts";
import { decodeBytes, rawValues, unfold, value, type Head } from "./head.ts";

type Identity = Pick<Observation, "from" | "replyTo" | "subject" | "messageId" | "mailer" | "charset">;

/** Fields that may stand once (RFC 5322, 3.6). */
const single = ["from", "subject", "date", "message-id", "reply-to", "to"];
/** Where the first part's charset stands, if the mail's own header does not say it. */
const searched = 16 * 1024;

/** Who it claims to be from. Malformed is evidence: what is missing or twice is a defect. */
export function readIdentity(content: Content, head: Head, raw: Buffer, gate: Gate, defects: Set<string>): Identity {
  for (const name of single) if (rawValues(head, name).length > 1) defects.add(`duplicate-${name}`);
  for (const name of ["from", "date", "message-id"])
    if (rawValues(head, name).length === 0) defects.add(`missing-${name}`);
  const charset = charsetOf(head, raw);
  const max = observationLimits.text;
  const found = {
    from: gate.text(mailboxes(content, head, "from", charset), max),
    replyTo: gate.text(mailboxes(content, head, "reply-to", charset), max),
    subject: gate.text(subjectOf(content, head, charset), max),
    messageId: gate.text(value(head, "message-id"), max),
    mailer: gate.text(value(head, "x-mailer") ?? value(head, "user-agent"), 255),
    // Before its case is changed: base64 is best known by it.
    charset: charset && gate.whole(charset)?.toLowerCase(),
  };
  const known = Object.entries(found).filter(([, text]) => text !== undefined);
  return Object.fromEntries(known);
}

function mailboxes(content: Content, head: Head, name: string, charset: string | undefined): string | undefined {
  const parsed = content.headers.get(name);
  const text =
    parsed && typeof parsed === "object" && "text" in parsed && typeof parsed.text === "string"
      ? parsed.text
      : undefined;
  return text?.includes("\ufffd") ? (asWritten(head, name, charset) ?? text) : text;
}

/** The first address of From or Reply-To, as the parser read it; empty where there is none. */
export function addressOf(content: Content, name: "from" | "reply-to"): string {
  const parsed = content.headers.get(name);
  if (!parsed || typeof parsed !== "object" || !("value" in parsed) || !Array.isArray(parsed.value)) return "";
  return parsed.value.find(({ address }) => address)?.address ?? "";
}

function subjectOf(content: Content, head: Head, charset: string | undefined): string | undefined {
  const parsed = content.headers.get("subject");
  if (typeof parsed !== "string") return undefined;
  return parsed.includes("\ufffd") ? (asWritten(head, "subject", charset) ?? parsed) : parsed;
}

/** mailparser takes raw 8-bit for UTF-8; where it is not, the body's charset is the best guess. */
function asWritten(head: Head, name: string, charset: string | undefined): string | undefined {
  const raw = rawValues(head, name)[0];
  return raw !== undefined && /[\x80-\xff]/.test(raw) ? decodeBytes(unfold(raw.slice(0, 4096)), charset) : undefined;
}

/** Whole or not at all: of a value that was cut nothing could be recognised. */
const charsetPattern = /charset\s{0,4}=\s{0,4}["']?([a-z0-9._:-]{1,40})(?=["'\s;,<>/)])/i;

function charsetOf(head: Head, raw: Buffer): string | undefined {
  const field = rawValues(head, "content-type")[0] ?? "";
  const own = charsetPattern.exec(field.length < 4096 ? `${field};` : field.slice(0, 4096));
  const body = (): string => raw.toString("latin1", head.bodyAt, Math.min(raw.length, head.bodyAt + searched));
  return (own ?? charsetPattern.exec(body()))?.[1];
}
