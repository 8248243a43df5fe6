import Type from "typebox";
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { observationLimits } from "./observation-limits.ts";

/**
 * An observation: what one spam, seen at one trap, tells. Derived fields only; what is unknown is absent.
 *
 * Each property says in which section it leaves the mail server (`tlp`), and how it is written in a leaf (`as`):
 * `bytes` a hex string that travels as its bytes, `time` an ISO 8601 time that travels as seconds.
 */

/** Traffic Light Protocol 2.0 (FIRST). A hub with ceiling `amber` sees both. */
export const Tlp = Type.Union([Type.Literal("green"), Type.Literal("amber")]);
export type Tlp = Static<typeof Tlp>;

/** Schema version of an observation, in each leaf. Unknown fields are kept in the bytes and ignored. */
export const observationVersion = 1;

export { observationLimits };

const green = { tlp: "green" } as const;
const amber = { tlp: "amber" } as const;
const text = (maxLength: number, options: object = {}) => Type.String({ minLength: 1, maxLength, ...options });
const time = (options: object) => Type.String({ format: "date-time", maxLength: 30, as: "time", ...options });
const hex = (bytes: number, options: object) =>
  Type.String({ pattern: `^[0-9a-f]{${bytes * 2}}$`, as: "hex", ...options });

/** What kind of trap saw it: facts about how the address came to be spammed. */
export const TrapKind = Type.Union(
  [Type.Literal("pristine"), Type.Literal("recycled"), Type.Literal("typo"), Type.Literal("seeded")],
  { description: "Kind of trap that received the mail" },
);

const limits = observationLimits;

export const Source = Type.Object(
  {
    ip: Type.Optional(text(45, { ...green, description: "First relay outside the trusted networks" })),
    helo: Type.Optional(text(255, { ...green, description: "What it called itself" })),
    rdns: Type.Optional(text(255, { ...green, description: "Its name by reverse DNS, as our relay saw it" })),
    hop: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, ...amber, description: "Index from the top" })),
    protocol: Type.Optional(text(32, { ...green, description: "ESMTP, ESMTPS, … as our relay recorded" })),
  },
  { description: "Who handed the mail to our side" },
);

export const Envelope = Type.Object({
  sender: Type.Optional(Type.String({ maxLength: 320, ...amber, description: "Return-Path; <> is the null sender" })),
  senderDomain: Type.Optional(text(255, amber)),
  recipients: Type.Array(hex(16, {}), {
    maxItems: limits.recipients,
    ...amber,
    description: "HMAC-SHA-256 of each recipient under a key of the agent, 128 bits",
  }),
  recipientCount: Type.Integer({ minimum: 0, maximum: 1_000_000, ...amber }),
});

export const SeenUrl = Type.Object({
  url: text(limits.url),
  host: Type.Optional(text(255)),
  domain: Type.Optional(text(255, { description: "Registrable domain (public suffix list)" })),
  place: text(32, { description: "Where it stood: text, html-href, html-src, subject, …" }),
});

export const Attachment = Type.Object({
  name: Type.Optional(text(255)),
  type: Type.Optional(text(127, { description: "As declared" })),
  sniffed: Type.Optional(text(127, { description: "By its first bytes" })),
  size: Type.Integer({ minimum: 0 }),
  sha256: hex(32, {}),
});

export const Campaign = Type.Object(
  {
    body: Type.Optional(hex(16, { ...green, description: "Hash of the normalised body" })),
    simhash: Type.Optional(hex(8, { ...green, description: "64-bit simhash of the body's words" })),
    subject: Type.Optional(hex(16, { ...green, description: "Hash of the subject's template" })),
    urls: Type.Optional(Type.Array(text(300), { maxItems: 50, ...green, description: "URL templates" })),
    attachments: Type.Optional(Type.Array(hex(16, {}), { maxItems: limits.attachments, ...green })),
  },
  { description: "Keys that mails of one campaign share, computed on redacted text" },
);

const properties = {
  id: hex(32, { ...green, description: "HMAC-SHA-256(agent secret, SHA-256 of the mail ‖ base name) (L10)" }),
  receivedAt: time({ tlp: "both", description: "By our topmost Received, else the base name, else mtime" }),
  observedAt: time({ tlp: "both", description: "When the agent read it" }),
  trapKind: Type.Optional(Type.Union(TrapKind.anyOf, { ...green, description: "Kind of trap" })),
  size: Type.Integer({ minimum: 0, tlp: "both", description: "Bytes of the raw mail" }),
  source: Type.Optional(Source),
  envelope: Type.Optional(Envelope),
  from: Type.Optional(text(limits.text, amber)),
  replyTo: Type.Optional(text(limits.text, amber)),
  subject: Type.Optional(text(limits.text, amber)),
  messageId: Type.Optional(text(limits.text, amber)),
  mailer: Type.Optional(text(255, amber)),
  charset: Type.Optional(text(64, green)),
  urls: Type.Optional(Type.Array(SeenUrl, { maxItems: limits.urls, ...amber })),
  domains: Type.Optional(
    Type.Array(text(255), { maxItems: limits.domains, ...green, description: "Registrable domains named in it" }),
  ),
  emails: Type.Optional(Type.Array(text(320), { maxItems: limits.emails, ...amber, description: "Addresses in it" })),
  attachments: Type.Optional(Type.Array(Attachment, { maxItems: limits.attachments, ...amber })),
  campaign: Type.Optional(Campaign),
  backscatter: Type.Optional(Type.Boolean({ ...green, description: "A bounce, DSN or auto-reply" })),
  redactions: Type.Optional(Type.Integer({ minimum: 0, ...green, description: "Traces of the trap taken out" })),
  defects: Type.Optional(
    Type.Array(text(120), { maxItems: limits.defects, ...green, description: "What was malformed, cut or refused" }),
  ),
};

export const Observation = Type.Object(properties, { description: "One spam seen at a trap" });
export type Observation = Static<typeof Observation>;

/** What the GREEN section tells of an observation alone: times to 5 min, size to 1 kB. */
export const coarse = { seconds: 300, bytes: 1000 } as const;

/** The annotations of a property, which TypeBox keeps as unknown keys of the schema. */
export interface Leaving {
  readonly tlp?: Tlp | "both";
  readonly as?: "hex" | "time";
}
export const leavingOf = (schema: TSchema): Leaving => schema;

const observationCheck = Compile(Observation);
const partCheck = Compile(Type.Partial(Observation));

/** Why a value is no observation by its schema, naming the place; undefined where it is one. */
export const observationFault = (value: unknown): string | undefined => firstFault(observationCheck, value);

/** The same for what one section tells of an observation, where anything may be absent. */
export const partFault = (value: unknown): string | undefined => firstFault(partCheck, value);

interface Check {
  Check(value: unknown): boolean;
  Errors(value: unknown): { instancePath: string; message: string }[];
}
function firstFault(check: Check, value: unknown): string | undefined {
  if (check.Check(value)) return undefined;
  const first = check.Errors(value)[0];
  return first ? `${first.instancePath || "/"} ${first.message}` : "is no observation";
}
