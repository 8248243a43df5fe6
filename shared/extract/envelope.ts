import type { Path } from "./boundary.ts";
import { decodeBytes, rawValues, unfold, value, type Head } from "./head.ts";

/** What delivery wrote on top: who sent, by the envelope, and to which of our addresses. Not cleaned, not redacted. */
export interface Delivery {
  /** `<>` is the null sender. */
  readonly sender?: string;
  /** Envelope recipients, each once, in lower case. */
  readonly recipients: readonly string[];
  /** All our addresses that the mail shows: to be redacted. */
  readonly own: readonly string[];
}

const address = /^[^\s<>@,;]{1,64}@[^\s<>@,;]{1,255}$/;
const mostOwn = 20;
const mostNamed = 50;
const longest = 64 * 1024;

/**
 * Postfix prepends Return-Path, X-Original-To and Delivered-To, Exim Envelope-To; only the topmost of each is ours.
 * X-Original-To is what the sender wrote; Delivered-To may be an alias of it.
 */
export function readDelivery(head: Head, path: Path, trapDomains: ReadonlySet<string>): Delivery {
  const original = addressesOf(value(head, "x-original-to"));
  const listed = addressesOf(value(head, "envelope-to") ?? value(head, "x-envelope-to"));
  const recorded = addressesOf(path.ours.flatMap((hop) => hop.recipient ?? []).join(","));
  const delivered = addressesOf(value(head, "delivered-to"));
  const recipients = [original, listed, recorded.slice(0, 1), delivered].find((some) => some.length > 0) ?? [];
  const ours = [...new Set([...original, ...listed, ...delivered, ...recorded])].slice(0, mostOwn);
  const own = [...new Set([...ours, ...namedTraps(head, trapDomains)])];
  const sender = readSender(head);
  return { ...(sender && { sender }), recipients, own };
}

/** Other traps that it was written to: what is known of them is looked for in all spellings too. */
function namedTraps(head: Head, trapDomains: ReadonlySet<string>): string[] {
  if (trapDomains.size === 0) return [];
  const fields = ["to", "cc", "bcc"].flatMap((name) => rawValues(head, name)).map(unfold);
  return addressesOf(decodeBytes(fields.join(",").slice(0, longest)))
    .filter((one) => isAt(trapDomains, one.slice(one.lastIndexOf("@") + 1)))
    .slice(0, mostNamed);
}

/** Whether a host is one of the domains or below one. */
function isAt(domains: ReadonlySet<string>, host: string): boolean {
  const dot = host.indexOf(".");
  return domains.has(host) || (dot >= 0 && isAt(domains, host.slice(dot + 1)));
}

function addressesOf(field: string | undefined): string[] {
  if (!field) return [];
  const all = field.slice(0, longest).split(/[\s,;<>]+/);
  return [...new Set(all.filter((one) => address.test(one)).map((one) => one.toLowerCase()))];
}

function readSender(head: Head): string | undefined {
  const raw = rawValues(head, "return-path")[0];
  if (raw === undefined) return undefined;
  const text = decodeBytes(unfold(raw.slice(0, 4096)));
  const inner = /^<([^>]*)>/.exec(text)?.[1]?.trim() ?? text;
  return inner === "" && text !== "<>" && !text.startsWith("<") ? undefined : inner || "<>";
}

/** A bounce, a report of delivery or an automatic answer: it tells nothing about who sent the mail that caused it. */
export function isBackscatter(head: Head, sender: string | undefined): boolean {
  const report = /^multipart\/report\b/i.test(value(head, "content-type") ?? "");
  if (sender === undefined) return report;
  const automatic = !/^no\b/i.test(value(head, "auto-submitted") ?? "no");
  const failed = head.byName.has("x-failed-recipients") || head.byName.has("x-autoreply");
  const daemon = /\b(?:mailer-daemon|postmaster)@/i.test(value(head, "from") ?? "");
  return sender === "<>" && (report || automatic || failed || daemon);
}
