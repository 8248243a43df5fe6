import { sign, verify, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants } from "node:zlib";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { Failure } from "../failure.ts";
import { sha256 } from "../keys.ts";
import { Tlp, type Observation } from "../observation.ts";
import type { Entry } from "./entry.ts";
import { partOf } from "./leaf.ts";
import { pack, unpack, wireLimits } from "./msgpack.ts";

/**
 * A batch is observations under one version of a stream (L3).
 *
 *   signature  Ed25519 over "TIP-batch-1\0" ‖ header
 *   header     { format, agent, incarnation, version, previous, sections: [{ tlp, count, hash }] }
 *   section    hash = SHA-256("TIP-section-1\0" ‖ leaf hash ‖ leaf hash …), leaf hash = SHA-256(salt ‖ leaf bytes)
 *   body       brotli of [[salt, leaf bytes] | [leaf hash], …]; the second form where a leaf was erased
 *
 * The header's bytes are opaque: verified, stored and relayed as they came. A section, or a leaf, may be missing
 * and the rest still verifies; the salt keeps what is missing from being guessed.
 */
export const batchFormat = "tip-batch-1";

const signedPrefix = Buffer.from("TIP-batch-1\0");
const sectionPrefix = Buffer.from("TIP-section-1\0");
const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

export interface StreamKey {
  /** SHA-256 of the agent's first public key, hex. */
  readonly agent: string;
  /** 16 random bytes, hex. */
  readonly incarnation: string;
}
export interface Position {
  readonly version: number;
  /** SHA-256 of that version's header; empty at version 0. */
  readonly hash: Buffer;
}
export const origin: Position = { version: 0, hash: Buffer.alloc(0) };

export interface SealedSection {
  readonly tlp: Tlp;
  /** Compressed. */
  readonly body: Buffer;
}
/** As it lies on disk and travels. */
export interface SealedBatch {
  readonly header: Buffer;
  readonly signature: Buffer;
  readonly sections: readonly SealedSection[];
}

export interface Header {
  readonly stream: StreamKey;
  readonly version: number;
  readonly previous: Buffer;
  readonly sections: readonly { readonly tlp: Tlp; readonly count: number; readonly hash: Buffer }[];
}

export interface OpenedSection {
  readonly tlp: Tlp;
  /** In order; undefined where the leaf was erased. */
  readonly leaves: readonly (Buffer | undefined)[];
  /** The compressed bytes that were verified. */
  readonly body: Buffer;
}
/** A batch whose signature and hashes hold. That it follows the one before is for the caller to check. */
export interface OpenedBatch {
  readonly header: Header;
  readonly hash: Buffer;
  readonly sealed: SealedBatch;
  readonly sections: readonly OpenedSection[];
}

/** Signs the entries as the version after `previous`. */
export async function sealBatch(
  stream: StreamKey,
  previous: Position,
  entries: readonly Entry[],
  key: KeyObject,
): Promise<SealedBatch> {
  const sections = await Promise.all(
    (["green", "amber"] as const).map(async (tlp) => {
      const leaves = entries.map((entry) => entry[tlp]);
      const plain = pack(leaves.map(({ salt, bytes }) => [salt, bytes]));
      const hash = sectionHash(leaves.map(({ salt, bytes }) => sha256(salt, bytes)));
      return { tlp, body: await deflate(plain), count: leaves.length, hash };
    }),
  );
  const claims = sections.map(({ tlp, count, hash }) => ({ tlp, count, hash }));
  const header = writeHeader({ stream, version: previous.version + 1, previous: previous.hash, sections: claims });
  return { header, signature: signHeader(header, key), sections: sections.map(({ tlp, body }) => ({ tlp, body })) };
}

/** The same sections under another stream and place in the chain: what a new incarnation does with what it keeps. */
export function resealBatch(batch: OpenedBatch, stream: StreamKey, previous: Position, key: KeyObject): SealedBatch {
  const version = previous.version + 1;
  const header = writeHeader({ stream, version, previous: previous.hash, sections: batch.header.sections });
  return { header, signature: signHeader(header, key), sections: batch.sealed.sections };
}

const deflate = (plain: Buffer): Promise<Buffer> =>
  compress(plain, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });

export const signHeader = (header: Buffer, key: KeyObject): Buffer =>
  sign(null, Buffer.concat([signedPrefix, header]), key);

/** Whether this key signed exactly these header bytes. */
export const verifyHeader = (header: Uint8Array, signature: Uint8Array, key: KeyObject): boolean =>
  verify(null, Buffer.concat([signedPrefix, header]), key, signature);

const sectionHash = (leafHashes: readonly Buffer[]): Buffer => sha256(sectionPrefix, ...leafHashes);

const writeHeader = ({ stream, version, previous, sections }: Header): Buffer =>
  pack({
    format: batchFormat,
    agent: Buffer.from(stream.agent, "hex"),
    incarnation: Buffer.from(stream.incarnation, "hex"),
    version,
    previous,
    sections: sections.map(({ tlp, count, hash }) => ({ tlp, count, hash })),
  });

const bytes = (...lengths: number[]) =>
  Type.Refine(Type.Unsafe<Uint8Array>({}), (value) => value instanceof Uint8Array && lengths.includes(value.length));
const headerCheck = Compile(
  Type.Object({
    format: Type.Literal(batchFormat),
    agent: bytes(32),
    incarnation: bytes(16),
    version: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    previous: bytes(0, 32),
    sections: Type.Array(
      Type.Object({ tlp: Tlp, count: Type.Integer({ minimum: 0, maximum: 1000 }), hash: bytes(32) }),
      { minItems: 1, maxItems: 2 },
    ),
  }),
);
const headerLimits = { bytes: 4096, items: 64, depth: 4 };

/** Reads header bytes whose signature was verified (or that are only to be named in a report). */
export function readHeader(header: Uint8Array): Header {
  const value = unpack(header, headerLimits);
  if (!headerCheck.Check(value)) {
    const format = (value as { format?: unknown } | null)?.format;
    if (typeof format === "string" && format !== batchFormat)
      throw new Failure(
        "invalid",
        `batch format ${JSON.stringify(format.slice(0, 40))} is unknown here; upgrade this side`,
      );
    throw new Failure("invalid", "a batch header of another shape");
  }
  if (new Set(value.sections.map((section) => section.tlp)).size !== value.sections.length)
    throw new Failure("invalid", "a batch header that names a section twice");
  if ((value.version === 1) !== (value.previous.length === 0))
    throw new Failure("invalid", "a batch header whose previous hash does not fit its version");
  return {
    stream: {
      agent: Buffer.from(value.agent).toString("hex"),
      incarnation: Buffer.from(value.incarnation).toString("hex"),
    },
    version: value.version,
    previous: Buffer.from(value.previous),
    sections: value.sections.map(({ tlp, count, hash }) => ({ tlp, count, hash: Buffer.from(hash) })),
  };
}

export const headerHash = (header: Uint8Array): Buffer => sha256(header);

/**
 * Verifies a batch: signature, header, then each section that came, inflated with a cap.
 * Throws Failure `invalid` naming what does not hold; nothing of an invalid batch is handed out.
 */
export async function openBatch(sealed: SealedBatch, key: KeyObject): Promise<OpenedBatch> {
  if (!verifyHeader(sealed.header, sealed.signature, key))
    throw new Failure("invalid", "the batch's signature is not by the agent's key");
  const header = readHeader(sealed.header);
  const seen = new Set<Tlp>();
  const sections: OpenedSection[] = [];
  for (const { tlp, body } of sealed.sections) {
    const claim = header.sections.find((section) => section.tlp === tlp);
    if (!claim || seen.has(tlp)) throw new Failure("invalid", `a ${tlp} section that the header does not name once`);
    seen.add(tlp);
    sections.push(await openSection(tlp, body, claim));
  }
  return { header, hash: headerHash(sealed.header), sealed, sections };
}

const entriesCheck = Compile(
  Type.Array(Type.Union([Type.Tuple([bytes(16), Type.Unsafe<Uint8Array>({})]), Type.Tuple([bytes(32)])])),
);

async function openSection(tlp: Tlp, body: Buffer, claim: { count: number; hash: Buffer }): Promise<OpenedSection> {
  const plain = await inflate(body, tlp);
  const entries = unpack(plain);
  if (!entriesCheck.Check(entries)) throw new Failure("invalid", `the ${tlp} section's body has another shape`);
  const leaves: (Buffer | undefined)[] = [];
  const hashes: Buffer[] = [];
  for (const entry of entries) {
    const [first, leaf] = entry;
    if (leaf !== undefined && !(leaf instanceof Uint8Array))
      throw new Failure("invalid", `a leaf in the ${tlp} section is no bytes`);
    hashes.push(leaf === undefined ? Buffer.from(first) : sha256(first, leaf));
    leaves.push(leaf === undefined ? undefined : Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength));
  }
  if (leaves.length !== claim.count)
    throw new Failure("invalid", `the ${tlp} section has ${leaves.length} leaves, the header says ${claim.count}`);
  if (!sectionHash(hashes).equals(claim.hash))
    throw new Failure("invalid", `the ${tlp} section's bytes are not those that were signed`);
  return { tlp, leaves, body };
}

async function inflate(body: Buffer, tlp: Tlp): Promise<Buffer> {
  try {
    return await decompress(body, { maxOutputLength: wireLimits.bytes });
  } catch (error) {
    throw new Failure("invalid", `the ${tlp} section does not decompress within ${wireLimits.bytes} bytes`, {
      cause: error,
    });
  }
}

/** A leaf's part of its observation; a fault in words when the leaf is not even msgpack. */
export function readLeaf(leaf: Buffer, tlp: Tlp): { part: Partial<Observation> } | { fault: string } {
  try {
    return { part: partOf(unpack(leaf), tlp) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}
