import type { Observation } from "../observation.ts";
import { observationLimits } from "../observation-limits.ts";
import { walk, type Path } from "./boundary.ts";
import { readContent, type Content } from "./content.ts";
import { isBackscatter, readDelivery, type Delivery } from "./envelope.ts";
import { Gate } from "./gate.ts";
import { decodeBytes, readHead, type Head } from "./head.ts";
import { readMessage } from "./message.ts";
import { hostOf, ownDomains } from "./own.ts";
import { receivedAt } from "./received-at.ts";
import { readDate } from "./received.ts";
import { Rules, type ExtractSettings } from "./rules.ts";
import { sniff } from "./sniff.ts";
import { domainOf, domainOfEmail } from "./urls.ts";

/** A mail as it was found. */
export interface Mail {
  /** The whole, or its beginning where `truncated`. */
  readonly raw: Buffer;
  /** Of the whole, in bytes. */
  readonly size: number;
  /** Of the whole, or what stands for it where `partlyHashed` (worker.ts). */
  readonly sha256: Buffer;
  /** The file's name; what is from `:` on are flags, and left. */
  readonly baseName: string;
  readonly mtimeMs: number;
  /** When it was read, in milliseconds. */
  readonly observedAt: number;
  readonly truncated: boolean;
  readonly partlyHashed?: boolean;
}

export interface Extracted {
  readonly observation: Observation;
  /** False where only the envelope could be read: such a mail is never touched (L4). */
  readonly parsed: boolean;
}

const made = new WeakMap<ExtractSettings, Rules>();

function rulesOf(settings: ExtractSettings): Rules {
  const known = made.get(settings);
  if (known) return known;
  const rules = new Rules(settings);
  made.set(settings, rules);
  return rules;
}

/**
 * Whatever bytes come, an observation that passes its schema: of the envelope alone, with the reason in `defects`, where
 * the body cannot be read. Throws only for settings that do not hold (Failure "config"). The caller limits the time.
 */
export async function extract(mail: Mail, settings: ExtractSettings): Promise<Extracted> {
  const head = readHead(mail.raw);
  const nothing = unreadable(mail, head);
  if (nothing) return envelopeOnly(mail, settings, nothing);
  let content: Content;
  try {
    content = await readContent(head, mail.raw);
  } catch {
    // mailparser's words hold what the sender wrote; that it refused is all that may leave.
    return envelopeOnly(mail, settings, "parser-rejected");
  }
  return { observation: observe(mail, rulesOf(settings), head, content, []), parsed: true };
}

/** For a mail that is beyond the parser; `defect` says why. */
export function envelopeOnly(mail: Mail, settings: ExtractSettings, defect: string): Extracted {
  return { observation: observe(mail, rulesOf(settings), readHead(mail.raw), undefined, [defect]), parsed: false };
}

function unreadable(mail: Mail, head: Head): string | undefined {
  if (mail.size === 0) return "empty";
  if (head.fields.length > 0) return undefined;
  // Dovecot's zlib plugin keeps mails compressed.
  return /gzip|zstd|bzip2|xz/.test(sniff(mail.raw.subarray(0, 512)) ?? "") ? "compressed" : "not-a-mail";
}

function observe(
  mail: Mail,
  rules: Rules,
  head: Head,
  content: Content | undefined,
  noted: readonly string[],
): Observation {
  const path = walk(head, rules.trusted);
  const defects = new Set([...noted, ...head.defects, ...path.defects]);
  if (mail.truncated) defects.add("oversize").add("truncated");
  if (mail.partlyHashed) defects.add("partly-hashed");
  const delivery = readDelivery(head, path, rules.trapDomains);
  const host = hostOf(path);
  const gate = new Gate([rules.configured, rules.learnt(delivery.own, host)], defects);
  const isOwn = ownDomains(rules, delivery, host);
  const baseName = mail.baseName.split(":", 1)[0] ?? "";
  const relay = readDate(path.ours[0]?.date ?? "");
  const backscatter = isBackscatter(head, delivery.sender);
  const source = sourceOf(path, gate, isOwn);
  return {
    id: rules.idOf(mail.sha256, baseName),
    receivedAt: iso(receivedAt({ relay, baseName, mtimeMs: mail.mtimeMs }, mail.observedAt)),
    observedAt: iso(mail.observedAt),
    size: mail.size,
    ...(source && { source }),
    envelope: envelopeOf(delivery, rules, gate, isOwn),
    ...(head.fields.length > 0 && { backscatter: backscatter }),
    ...(content && readMessage({ mail, head, content, delivery, backscatter }, { gate, isOwn, defects })),
    redactions: gate.redactions,
    defects: [...defects].slice(0, observationLimits.defects),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

function sourceOf({ source }: Path, gate: Gate, isOwn: (domain: string) => boolean): Observation["source"] {
  if (!source) return undefined;
  // Spammers like to call themselves by the name of whom they call on.
  const named = (name: string | undefined): string | undefined =>
    name && isOwn(domainOf(name) ?? "") ? gate.withheld() : gate.text(name && decodeBytes(name), 255);
  const helo = named(source.helo);
  const rdns = named(source.rdns);
  const protocol = gate.text(source.protocol, 32);
  return {
    ...(source.ip && { ip: source.ip }),
    ...(helo && { helo }),
    ...(rdns && { rdns }),
    hop: source.hop,
    ...(protocol && { protocol }),
  };
}

function envelopeOf(
  delivery: Delivery,
  rules: Rules,
  gate: Gate,
  isOwn: (domain: string) => boolean,
): NonNullable<Observation["envelope"]> {
  const sender = gate.text(delivery.sender, 320);
  const domain = gate.whole((delivery.sender && domainOfEmail(delivery.sender)) || "");
  return {
    ...(sender && { sender }),
    ...(domain && !isOwn(domain) && { senderDomain: domain }),
    recipients: delivery.recipients.slice(0, observationLimits.recipients).map((one) => rules.recipient(one)),
    recipientCount: delivery.recipients.length,
  };
}
