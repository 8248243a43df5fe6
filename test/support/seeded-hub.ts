import { createHash, randomBytes, type KeyObject } from "node:crypto";
import { openBatch, origin, sealBatch, type Position, type StreamKey } from "../../shared/batch/batch.ts";
import { entryOf, fits, type Entry } from "../../shared/batch/entry.ts";
import { identityOf, newIdentityKey, rawPublicKey } from "../../shared/keys.ts";
import type { Observation } from "../../shared/observation.ts";
import type { Store } from "../../hub/store/contract.ts";

/** An agent that joined a store, and how far its stream has come. */
export interface SeededAgent {
  readonly id: string;
  readonly name: string;
  readonly key: KeyObject;
  readonly stream: StreamKey;
  position: Position;
}

/** Joins an agent to the store, as an invitation and its enrolment do. */
export async function seedAgent(store: Store, name: string, operator: string, now: number): Promise<SeededAgent> {
  const key = newIdentityKey();
  const id = identityOf(key);
  const secretHash = randomBytes(32).toString("hex");
  const invite = { secretHash, name, operator, role: "agent", createdAt: now, expiresAt: now + 60_000 } as const;
  await store.roster.invite(invite);
  const request = { secretHash, id, publicKey: rawPublicKey(key), release: "0.1.0", tlp: "amber" } as const;
  const { outcome } = await store.roster.enrol(request, now);
  if (outcome !== "enrolled") throw new Error(`the agent could not join: ${outcome}`);
  return { id, name, key, stream: { agent: id, incarnation: randomBytes(16).toString("hex") }, position: origin };
}

/** Gives the store these observations in batches that are sealed, opened and applied as they are in earnest. */
export async function seedObservations(
  store: Store,
  agent: SeededAgent,
  observations: readonly Observation[],
  now: number,
): Promise<void> {
  for (const entries of batchesOf(observations.map(entryOf))) {
    const sealed = await sealBatch(agent.stream, agent.position, entries, agent.key);
    const opened = await openBatch(sealed, agent.key);
    const { version } = opened.header;
    await store.streams.head(agent.stream, version, 0, now);
    const applied = await store.streams.apply(opened, now);
    if (applied.outcome !== "applied" || applied.quarantined > 0)
      throw new Error(`version ${version} was not taken: ${JSON.stringify(applied)}`);
    agent.position = { version, hash: opened.hash };
  }
}

function* batchesOf(entries: readonly Entry[]): Generator<Entry[]> {
  let batch: Entry[] = [];
  let held = { entries: 0, bytes: 0, items: 0 };
  for (const entry of entries) {
    if (!fits(held, entry)) {
      yield batch;
      batch = [];
      held = { entries: 0, bytes: 0, items: 0 };
    }
    batch.push(entry);
    held = { entries: batch.length, bytes: held.bytes + entry.bytes, items: held.items + entry.items };
  }
  if (batch.length > 0) yield batch;
}

const hex = (bytes: number, ...seed: unknown[]): string =>
  createHash("sha256")
    .update(JSON.stringify(seed))
    .digest("hex")
    .slice(0, bytes * 2);

const campaigns = [
  ["Your parcel is waiting for a fee", "Parcel desk", "parcel-desk.example.com", "track"],
  ["Invoice 40-2211 overdue", "Accounts", "billing.example.net", "invoice"],
  ["You have one new voice message", "Voice mail", "voice.example.org", "listen"],
  ["Re: your loan was approved", "Fast credit", "credit-now.example.com", "apply"],
  ["Your mailbox is almost full", "Mail administrator", "webmail.example.net", "login"],
  ["Miracle cure that doctors hate", "Health news", "pills.example.org", "shop"],
  ["Winner! Claim your prize today", "Lottery office", "prize.example.com", "claim"],
] as const;

/**
 * Spam number `n`, the same for the same number: of one of seven campaigns, observed at `at` (ms). Its addresses are
 * public ones, because the store keeps no reserved ones.
 */
export function spam(n: number, at: number, more: Partial<Observation> = {}): Observation {
  const [subject, name, host, page] = campaigns[(n * n) % campaigns.length]!;
  const url = `http://${page}${n % 9}.${host}/${page}?id=${n}`;
  const sender = `${name.toLowerCase().replaceAll(" ", ".")}${n % 13}@${host}`;
  const time = new Date(Math.floor(at / 1000) * 1000).toISOString();
  return {
    id: hex(32, "id", n),
    receivedAt: time,
    observedAt: time,
    trapKind: n % 3 === 0 ? "recycled" : "pristine",
    size: 1800 + ((n * 977) % 30_000),
    source: {
      ip: n % 11 === 0 ? `2a00:1450:4001::${((n % 40) + 1).toString(16)}` : `25.${n % 5}.${n % 7}.${(n % 60) + 1}`,
      helo: `mx${n % 17}.${host}`,
      ...(n % 4 !== 0 && { rdns: `host-${n % 60}.dynamic.example.net` }),
      hop: 0,
      protocol: "ESMTP",
    },
    envelope: {
      sender: `bounce-${n}@${host}`,
      senderDomain: host.split(".").slice(-2).join("."),
      recipients: [hex(16, "trap", n % 5)],
      recipientCount: 1,
    },
    from: `${name} <${sender}>`,
    subject,
    messageId: `<${n}@${host}>`,
    mailer: "Bulk Mailer 5.1",
    charset: "utf-8",
    urls: [{ url, host: `${page}${n % 9}.${host}`, domain: host.split(".").slice(-2).join("."), place: "html-href" }],
    domains: [host.split(".").slice(-2).join(".")],
    emails: [sender],
    ...(page === "invoice" && {
      attachments: [
        {
          name: `invoice-${n}.pdf`,
          type: "application/pdf",
          sniffed: "application/zip",
          size: 48_211,
          sha256: hex(32, n % 4),
        },
      ],
    }),
    campaign: { body: hex(16, "body", host, n % 2), simhash: hex(8, host), subject: hex(16, subject) },
    ...(n % 6 === 0 && { defects: ["header:8bit", "mime:boundary-missing"] }),
    ...more,
  };
}
