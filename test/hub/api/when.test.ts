import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { parseWhen } from "../../../hub/api/when.ts";
import { Failure } from "../../../shared/failure.ts";

const now = Date.parse("2025-06-15T12:00:00Z");

test("a time without a zone is UTC, wherever the hub stands", () => {
  const noon = Date.parse("2025-01-31T12:00:00Z");
  assert.equal(parseWhen("since", "2025-01-31T12:00:00", now), noon);
  assert.equal(parseWhen("since", "2025-01-31T12:00", now), noon);
  assert.equal(parseWhen("since", "2025-01-31T13:00:00+01:00", now), noon);
  assert.equal(parseWhen("since", "2025-01-31", now), Date.parse("2025-01-31T00:00:00Z"));
});

test("a span is taken off now", () => {
  assert.equal(parseWhen("since", "90m", now), now - 5_400_000);
  assert.equal(parseWhen("since", "24h", now), now - 86_400_000);
  assert.equal(parseWhen("since", "2w", now), now - 14 * 86_400_000);
});

test("every ISO time is read back exactly", () => {
  const any = fc.date({ min: new Date(0), max: new Date("2999-01-01"), noInvalidDate: true });
  fc.assert(fc.property(any, (date) => parseWhen("since", date.toISOString(), now) === date.getTime()));
});

test("anything else is refused, naming the parameter", () => {
  const any = fc.oneof(fc.string(), fc.constantFrom("-1h", "1y", "1e3h", "2025-02-30x", "now", "0x10d", "٣d"));
  fc.assert(
    fc.property(any, (text) => {
      try {
        assert.ok(Number.isFinite(parseWhen("until", text, now)));
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === "invalid" && error.message.includes('"until"'));
      }
    }),
  );
});
