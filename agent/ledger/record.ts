import { pack, unpack } from "../../shared/batch/msgpack.ts";
import type { SealedBatch } from "../../shared/batch/batch.ts";
import { Failure } from "../../shared/failure.ts";

/** How the ledger's values are written; keys.ts says which stands where. */

export interface StreamRecord {
  readonly format: 1;
  readonly agent: string;
  readonly incarnation: string;
  readonly openedAt: number;
}
export interface Halted {
  readonly reason: string;
  readonly at: number;
}
/** A mail as the registry knows it: which batch holds it, and what a scan may compare without reading it. */
export interface MailRecord {
  readonly version: number;
  readonly size: number;
  readonly mtimeMs: number;
  /** A mail that could not be parsed is never touched (L4). */
  readonly parsed: boolean;
}
export interface Acknowledged {
  readonly version: number;
  readonly hash: string;
  readonly at: number;
}

export const writeJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const readJson = (bytes: Buffer): unknown => JSON.parse(bytes.toString("utf8"));

export const writeMail = ({ version, size, mtimeMs, parsed }: MailRecord): Buffer =>
  pack([version, size, mtimeMs, parsed]);
export function readMail(bytes: Buffer): MailRecord {
  const [version, size, mtimeMs, parsed] = unpack(bytes) as [number, number, number, boolean];
  return { version, size, mtimeMs, parsed };
}

export function writeBatch({ header, signature, sections }: SealedBatch): Buffer {
  return pack({ header, signature, ...Object.fromEntries(sections.map(({ tlp, body }) => [tlp, body])) });
}
/** A stored batch is never larger than its uncompressed megabyte and a header. */
const batchLimits = { bytes: (1 << 20) + (64 << 10), items: 16, depth: 2 };
export function readBatch(bytes: Buffer): SealedBatch {
  const value = unpack(bytes, batchLimits) as Record<string, unknown> | null;
  const part = (name: string): Buffer => {
    const found = value?.[name];
    if (!(found instanceof Uint8Array)) throw new Failure("damaged", `a stored batch has no ${name}`);
    return Buffer.from(found.buffer, found.byteOffset, found.byteLength);
  };
  return {
    header: part("header"),
    signature: part("signature"),
    sections: (["green", "amber"] as const).map((tlp) => ({ tlp, body: part(tlp) })),
  };
}
