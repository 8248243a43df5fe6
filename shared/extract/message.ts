import type { Observation } from "../observation.ts";
import { observationLimits } from "../observation-limits.ts";
import { readAttachments } from "./attachments.ts";
import { bodyKeys, keyedText, subjectKey } from "./campaign.ts";
import type { Content } from "./content.ts";
import type { Delivery } from "./envelope.ts";
import type { Gate } from "./gate.ts";
import type { Head } from "./head.ts";
import { addressOf, readIdentity } from "./identity.ts";
import { readReferences, type References } from "./references.ts";
import { domainOfEmail } from "./urls.ts";

interface Found {
  readonly mail: { readonly raw: Buffer; readonly truncated: boolean };
  readonly head: Head;
  readonly content: Content;
  readonly delivery: Delivery;
  readonly backscatter: boolean;
}

interface Tools {
  readonly gate: Gate;
  readonly isOwn: (domain: string) => boolean;
  readonly defects: Set<string>;
}

/** What the sender wrote, in the fields in which it may leave. */
export function readMessage(found: Found, tools: Tools): Partial<Observation> {
  const { mail, head, content, delivery, backscatter } = found;
  const { gate, isOwn, defects } = tools;
  const who = readIdentity(content, head, mail.raw, gate, defects);
  const subject = who.subject ?? "";
  const references = readReferences({ text: content.text, html: content.html, subject }, gate, isOwn, defects);
  // Of an attachment that was cut the hash would be of something that nobody sent.
  const attachments = mail.truncated ? [] : readAttachments(content, gate, defects);
  const named = backscatter
    ? []
    : [delivery.sender ?? "", addressOf(content, "from"), addressOf(content, "reply-to")].flatMap(
        (address) => gate.whole((address.includes("@") && domainOfEmail(address)) || "") || [],
      );
  return {
    ...who,
    urls: references.urls,
    domains: fitting(
      [...new Set([...references.domains, ...named])].filter((domain) => !isOwn(domain)),
      defects,
    ),
    emails: [...references.emails],
    attachments,
    campaign: campaignOf(references, subject, attachments, gate),
  };
}

/** As many as the observation's share of the batch allows. */
function fitting(domains: string[], defects: Set<string>): string[] {
  let left = 6000;
  const kept = domains.slice(0, observationLimits.domains).filter((domain) => (left -= domain.length + 2) >= 0);
  if (kept.length < domains.length) defects.add("domains-cut");
  return kept;
}

function campaignOf(
  references: References,
  subject: string,
  attachments: NonNullable<Observation["attachments"]>,
  gate: Gate,
): NonNullable<Observation["campaign"]> {
  const keys = bodyKeys(gate.redact(references.visible.slice(0, keyedText)));
  const key = subjectKey(subject);
  return {
    ...keys,
    ...(key && { subject: key }),
    ...(references.templates.length > 0 && { urls: [...references.templates] }),
    ...(attachments.length > 0 && { attachments: attachments.map(({ sha256 }) => sha256.slice(0, 32)) }),
  };
}
