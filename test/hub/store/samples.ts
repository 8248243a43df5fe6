import { generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  headerHash,
  openBatch,
  origin,
  sealBatch,
  type OpenedBatch,
  type Position,
  type StreamKey,
} from "../../../shared/batch/batch.ts";
import { entryOf } from "../../../shared/batch/entry.ts";
import { identityOf, rawPublicKey, sha256 } from "../../../shared/keys.ts";
import type { Observation, Tlp } from "../../../shared/observation.ts";
import type { Store } from "../../../hub/store/contract.ts";

/** 2026-01-15 12:00 UTC: what the tests call now. */
export const noon = Date.UTC(2026, 0, 15, 12);

export const hexOf = (text: string, bytes = 32): string => sha256(Buffer.from(text)).subarray(0, bytes).toString("hex");

/** An agent's side: a key, and a chain of batches under one incarnation. */
export class TestAgent {
  readonly key: KeyObject = generateKeyPairSync("ed25519").privateKey;
  readonly id = identityOf(this.key);
  stream: StreamKey = { agent: this.id, incarnation: hexOf("first", 16) };
  position: Position = origin;

  /** Begins another incarnation. */
  restart(name: string): void {
    this.stream = { agent: this.id, incarnation: hexOf(name, 16) };
    this.position = origin;
  }
  /** Seals, as the next version, what the hub is to open; only some sections of it where they are named. */
  async batch(
    observations: readonly Observation[],
    sections: readonly Tlp[] = ["green", "amber"],
  ): Promise<OpenedBatch> {
    const opened = await this.after(this.position, observations, sections);
    this.position = { version: opened.header.version, hash: headerHash(opened.sealed.header) };
    return opened;
  }
  /** The same, after any position, without moving on. */
  async after(
    position: Position,
    observations: readonly Observation[],
    sections: readonly Tlp[] = ["green", "amber"],
  ): Promise<OpenedBatch> {
    const sealed = await sealBatch(this.stream, position, observations.map(entryOf), this.key);
    const given = { ...sealed, sections: sealed.sections.filter(({ tlp }) => sections.includes(tlp)) };
    return openBatch(given, this.key);
  }
}

export async function enrolled(store: Store, name = "mx"): Promise<TestAgent> {
  const agent = new TestAgent();
  const secretHash = hexOf(`secret of ${agent.id}`);
  const times = { createdAt: noon, expiresAt: noon + 1000 };
  await store.roster.invite({ secretHash, name, operator: "example", role: "agent", ...times });
  const publicKey = rawPublicKey(agent.key);
  await store.roster.enrol({ secretHash, id: agent.id, publicKey, release: "0.1.0", tlp: "amber" }, noon);
  return agent;
}

/** A spam as an agent would tell it. `name` makes the id. */
export function spam(name: string, told: Partial<Observation> = {}): Observation {
  const at = new Date(noon - 3_600_000).toISOString();
  return {
    id: hexOf(name),
    receivedAt: at,
    observedAt: at,
    size: 4000,
    trapKind: "pristine",
    source: { ip: "8.8.8.8", helo: "mail.example.net", hop: 1 },
    subject: `buy ${name}`,
    domains: ["shop.example.com"],
    urls: [
      {
        url: `http://www.shop.example.com/${name}`,
        host: "www.shop.example.com",
        domain: "example.com",
        place: "text",
      },
    ],
    emails: ["Sender@example.org"],
    attachments: [{ name: "a.zip", size: 10, sha256: hexOf("a.zip") }],
    campaign: { body: hexOf("body", 16) },
    ...told,
  };
}
