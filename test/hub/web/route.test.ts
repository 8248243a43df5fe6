import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { kinds } from "../../../hub/web/src/kind.ts";
import { hashOf, indicatorHash, parseRoute } from "../../../hub/web/src/route.ts";

test("a link to an indicator leads back to it, whatever stands in its value", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.string({ minLength: 1, unit: "grapheme" }), (kind, value) => {
      assert.deepEqual(parseRoute(indicatorHash(kind, value)), { at: "indicator", kind, value });
    }),
  );
});

test("a link with raw slashes, as someone typed it, is understood", () => {
  const route = parseRoute("#/indicator/url/http://example.com/a/b");
  assert.deepEqual(route, { at: "indicator", kind: "url", value: "http://example.com/a/b" });
});

test("every address is a place, and a place that is none says so", () => {
  fc.assert(fc.property(fc.string(), (hash) => parseRoute(`#${hash}`).at.length > 0));
  assert.deepEqual(parseRoute(""), { at: "home" });
  assert.deepEqual(parseRoute("#/indicator/asn/1"), { at: "unknown", path: "indicator/asn/1" });
  assert.equal(hashOf(parseRoute("#/indicator/asn/1")), "#/indicator/asn/1");
});

test("half a surrogate pair, as broken mails have it, breaks no link", () => {
  assert.deepEqual(parseRoute(indicatorHash("url", "http://x/\ud800")), {
    at: "indicator",
    kind: "url",
    value: "http://x/\ufffd",
  });
});
