import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Packr } from "msgpackr";
import { pack, scan, unpack, wireLimits } from "../../../shared/batch/msgpack.ts";

const refused = { code: "invalid" };
const plain = fc.jsonValue({ maxDepth: 5 });

test("plain data comes back as it went", () => {
  fc.assert(
    fc.property(plain, (value) => {
      // JSON knows no -0 apart from 0; msgpack does.
      assert.deepEqual(JSON.parse(JSON.stringify(unpack(pack(value)))), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("random and mutated bytes are refused or decode, without a crash and without hanging", () => {
  const seed = pack({ v: 1, id: Buffer.alloc(32), list: [1, "two", { three: null }], time: 1_767_225_600 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(seed.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
      (changes) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of changes) bytes[at] = value;
        tryUnpack(bytes);
      },
    ),
    { numRuns: 20_000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), tryUnpack), { numRuns: 20_000 });
});

function tryUnpack(bytes: Uint8Array): void {
  try {
    unpack(bytes);
  } catch (error) {
    assert.equal((error as { code?: string }).code, "invalid", String(error));
  }
}

test("extensions and records are refused: dates, errors, sets, regular expressions, shared structures", () => {
  const loose = new Packr({ useRecords: true, structuredClone: true, moreTypes: true });
  const shared: unknown[] = [];
  shared.push(shared);
  for (const value of [
    new Date(),
    new Error("x"),
    new Set([1]),
    /x/,
    [new Map([["a", 1]]), new Date()],
    shared,
    { a: 1 },
  ])
    assert.throws(() => unpack(loose.pack(value)), refused);
  for (const tag of [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8])
    assert.throws(() => unpack(Buffer.from([tag, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])), refused);
});

const nested = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.from([0xc0])]);

test("depth 16 is read, depth 17 is refused", () => {
  assert.doesNotThrow(() => unpack(nested(16)));
  assert.throws(() => unpack(nested(17)), refused);
});

test("an array that claims four billion entries is refused before anything is made of it", () => {
  const before = process.memoryUsage().rss;
  assert.throws(() => unpack(Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0])), refused);
  assert.throws(() => unpack(Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61, 0xc0])), refused);
  assert.throws(() => unpack(Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff, 0x61])), refused);
  assert.ok(process.memoryUsage().rss - before < 50 << 20);
});

test("items, bytes, keys that are no strings, trailing and missing bytes are held to", () => {
  assert.throws(() => unpack(pack(Array.from({ length: wireLimits.items + 1 }, () => 0))), refused);
  assert.throws(() => unpack(Buffer.alloc(wireLimits.bytes + 1)), refused);
  assert.throws(() => unpack(Buffer.from([0x81, 0x01, 0x02])), refused);
  assert.throws(() => unpack(Buffer.from([0x81, 0x91, 0x01, 0x02])), refused);
  assert.throws(() => unpack(Buffer.from([0xc0, 0xc0])), refused);
  assert.throws(() => unpack(Buffer.from([0x92, 0xc0])), refused);
  assert.throws(() => unpack(Buffer.alloc(0)), refused);
});

test("a key __proto__ changes no prototype", () => {
  const hostile = Buffer.concat([
    Buffer.from([0x81, 0xa9]),
    Buffer.from("__proto__"),
    Buffer.from([0x81, 0xa1, 0x78, 0x01]),
  ]);
  const value = unpack(hostile) as Record<string, unknown>;
  assert.equal(value["x"], undefined);
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

test("the scan counts every value once, keys too", () => {
  assert.equal(scan(pack({ a: [1, 2], b: null })), 1 + 2 + 2 + 2);
});
