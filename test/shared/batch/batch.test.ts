import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { test } from "node:test";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import * as fc from "fast-check";
import {
  headerHash,
  openBatch,
  origin,
  readLeaf,
  resealBatch,
  sealBatch,
  signHeader,
  type SealedBatch,
} from "../../../shared/batch/batch.ts";
import { batchLimits, entryOf, fits } from "../../../shared/batch/entry.ts";
import { partOf } from "../../../shared/batch/leaf.ts";
import { pack, unpack } from "../../../shared/batch/msgpack.ts";
import { identityOf, newIdentityKey, sha256 } from "../../../shared/keys.ts";
import { observationLimits, type Observation } from "../../../shared/observation.ts";
import { anyObservation } from "../../support/arbitrary-observation.ts";

const key = newIdentityKey();
const publicKey = createPublicKey(key);
const stream = { agent: identityOf(key), incarnation: "ab".repeat(16) };
const invalid = { code: "invalid" };

const sealed = (observations: readonly Observation[]): Promise<SealedBatch> =>
  sealBatch(stream, origin, observations.map(entryOf), key);
const sample = fc.sample(anyObservation, { numRuns: 5, seed: 7 });

test("what was sealed opens, leaf by leaf, in order", async () => {
  const batch = await openBatch(await sealed(sample), publicKey);
  const ids = batch.sections[0]?.leaves.map((leaf) => (leaf ? partOf(unpack(leaf), "green").id : undefined));
  assert.deepEqual(
    ids,
    sample.map(({ id }) => id),
  );
  assert.deepEqual(batch.header.stream, stream);
  assert.equal(batch.header.version, 1);
});

test("no byte of header, signature or body can be changed unnoticed", async () => {
  const whole = await sealed(sample);
  const change = (bytes: Buffer, at: number, by: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at % copy.length]! ^= by;
    return copy;
  };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("header", "signature", "green", "amber"),
      fc.nat(100_000),
      fc.integer({ min: 1, max: 255 }),
      async (part, at, by) => {
        const changed: SealedBatch = {
          header: part === "header" ? change(whole.header, at, by) : whole.header,
          signature: part === "signature" ? change(whole.signature, at, by) : whole.signature,
          sections: whole.sections.map(({ tlp, body }) => ({ tlp, body: part === tlp ? change(body, at, by) : body })),
        };
        // A change in the compressed bytes may mean the same plain bytes: then nothing was changed that is signed.
        const section = changed.sections.find(({ tlp }) => tlp === part);
        const original = whole.sections.find(({ tlp }) => tlp === part);
        if (section && original && inflatesAlike(section.body, original.body)) return;
        await assert.rejects(openBatch(changed, publicKey), invalid);
      },
    ),
    { numRuns: 400 },
  );
});

function inflatesAlike(a: Buffer, b: Buffer): boolean {
  try {
    return brotliDecompressSync(a).equals(brotliDecompressSync(b));
  } catch {
    return false;
  }
}

test("a section may be withheld and the rest still verifies", async () => {
  const whole = await sealed(sample);
  const green = { ...whole, sections: whole.sections.filter(({ tlp }) => tlp === "green") };
  const opened = await openBatch(green, publicKey);
  assert.deepEqual(
    opened.sections.map(({ tlp }) => tlp),
    ["green"],
  );
  assert.equal(opened.header.sections.length, 2);
});

test("a leaf may be erased, leaving its hash, and the rest still verifies; another leaf in its place does not", async () => {
  const whole = await sealed(sample);
  const rewrite = (change: (leaves: [Buffer, Buffer][]) => unknown[]): SealedBatch => ({
    ...whole,
    sections: whole.sections.map(({ tlp, body }) => {
      const leaves = unpack(brotliDecompressSync(body)) as [Buffer, Buffer][];
      return { tlp, body: brotliCompressSync(pack(change(leaves))) };
    }),
  });
  const erased = await openBatch(
    rewrite(([first, ...rest]) => [[sha256(first![0], first![1])], ...rest]),
    publicKey,
  );
  assert.equal(erased.sections[0]?.leaves[0], undefined);
  assert.ok(erased.sections[0]?.leaves[1]);
  await assert.rejects(
    openBatch(
      rewrite(([first, second, ...rest]) => [second, first, ...rest]),
      publicKey,
    ),
    invalid,
  );
  await assert.rejects(
    openBatch(
      rewrite((leaves) => leaves.slice(1)),
      publicKey,
    ),
    invalid,
  );
});

test("another agent's key, a section twice, a section that the header does not name, a bomb: refused", async () => {
  const whole = await sealed(sample);
  await assert.rejects(openBatch(whole, createPublicKey(newIdentityKey())), invalid);
  await assert.rejects(openBatch({ ...whole, sections: [...whole.sections, whole.sections[0]!] }, publicKey), invalid);
  const bomb = brotliCompressSync(Buffer.alloc(64 << 20));
  await assert.rejects(openBatch({ ...whole, sections: [{ tlp: "green", body: bomb }] }, publicKey), invalid);
});

test("a format of the future is refused by name", async () => {
  const header = pack({ ...(unpack((await sealed(sample)).header) as object), format: "tip-batch-9" });
  await assert.rejects(
    openBatch({ header, signature: signHeader(header, key), sections: [] }, publicKey),
    /tip-batch-9.*upgrade/,
  );
});

test("sealed anew under another incarnation it is another version of the same leaves", async () => {
  const opened = await openBatch(await sealed(sample), publicKey);
  const other = { ...stream, incarnation: "cd".repeat(16) };
  const again = await openBatch(resealBatch(opened, other, origin, key), publicKey);
  assert.deepEqual(again.header.stream, other);
  assert.deepEqual(again.header.sections, opened.header.sections);
  assert.ok(!again.hash.equals(opened.hash));
});

test("two readings of one observation are salted apart: a withheld leaf cannot be guessed by its hash", async () => {
  const [one, two] = await Promise.all([sealed(sample), sealed(sample)]);
  assert.ok(!headerHash(one.header).equals(headerHash(two.header)));
});

test("an observation over 64 KiB is cut, says so, and is still an observation", () => {
  const urls = Array.from({ length: observationLimits.urls }, (_, i) => ({
    url: `http://example.org/${i}/${"x".repeat(2000)}`,
    place: "text",
  }));
  const entry = entryOf({ ...sample[0]!, urls });
  assert.ok(entry.green.bytes.length + entry.amber.bytes.length <= observationLimits.leafBytes);
  const read = readLeaf(entry.green.bytes, "green");
  assert.ok("part" in read && read.part.defects?.includes("cut:urls"));
});

test("a batch closes at its limits, and what fits opens again", async () => {
  const entry = entryOf(sample[0]!);
  assert.ok(fits({ entries: 999, bytes: 0, items: 0 }, entry));
  assert.ok(!fits({ entries: 1000, bytes: 0, items: 0 }, entry));
  assert.ok(!fits({ entries: 1, bytes: batchLimits.bytes, items: 0 }, entry));
  assert.ok(!fits({ entries: 1, bytes: 0, items: batchLimits.items }, entry));
  const big = Array.from({ length: 2000 }, () =>
    entryOf({ ...sample[0]!, subject: "s".repeat(900), from: "f".repeat(900) }),
  );
  const held = { entries: 0, bytes: 0, items: 0 };
  const taken = big.filter((one) => {
    if (!fits(held, one)) return false;
    held.entries++;
    held.bytes += one.bytes;
    held.items += one.items;
    return true;
  });
  await openBatch(await sealBatch(stream, origin, taken, key), publicKey);
});
