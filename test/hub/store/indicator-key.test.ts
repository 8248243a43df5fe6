import assert from "node:assert/strict";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { indicatorKinds } from "../../../hub/store/contract.ts";
import { canonical, indicatorKey } from "../../../hub/store/indicator-key.ts";
import { readPlaces, writePlace } from "../../../hub/store/place.ts";

describe("an indicator's one spelling", () => {
  it("is its own, for whatever comes", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.webUrl(),
      fc.emailAddress(),
      fc.ipV4(),
      fc.ipV6(),
      fc.domain(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...indicatorKinds), hostile, (kind, value) => {
        const spelled = canonical(kind, value);
        if (spelled === undefined) return;
        assert.equal(canonical(kind, spelled), spelled);
        assert.doesNotMatch(spelled, /\p{C}/u);
      }),
      { numRuns: 2000 },
    );
  });
  it("is the URL standard's and the IDNA's, also where it is told without asking them", () => {
    const piece = fc.string({ unit: fc.constantFrom(...Array.from("aZ0/.?:%@-_~;=&#\\ éxn")), maxLength: 20 });
    const host = fc.string({ unit: fc.constantFrom(...Array.from("ab0.-_xn")), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom("http", "https"), host, piece, (scheme, name, rest) => {
        const url = `${scheme}://${name}.com/${rest}`;
        const told = canonical("url", url);
        assert.equal(told, URL.canParse(url) ? new URL(url).href : undefined);
        if (canonical("host", name) === name && !isIP(name)) assert.equal(domainToASCII(name), name);
      }),
      { numRuns: 3000 },
    );
  });
  for (const [kind, value, spelled] of [
    ["ip", "2001:4860:4860:0000::8888", "2001:4860:4860::8888"],
    ["ip", "::ffff:8.8.8.8", "8.8.8.8"],
    ["ip", "192.168.1.1", undefined],
    ["ip", "100.64.0.1", undefined],
    ["ip", "192.0.2.1", "192.0.2.1"],
    ["ip", "2001:db8::1", "2001:db8::1"],
    ["ip", "198.18.0.1", undefined],
    ["ip", "240.0.0.1", undefined],
    ["ip", "2001:4860::1%eth0", undefined],
    ["domain", "BÜCHER.example", "xn--bcher-kva.example"],
    ["domain", "8.8.8.8", undefined],
    ["domain", "localhost", undefined],
    ["host", "8.8.8.8", "8.8.8.8"],
    ["host", "127.0.0.1", undefined],
    ["url", "https://EXAMPLE.com/a/../b?q#f", "https://example.com/b?q#f"],
    ["url", "data:text/html,x", undefined],
    ["email", "A@Example.ORG", "a@example.org"],
    ["email", "a\u202e@example.org", undefined],
    ["attachment", "AB".repeat(32), "ab".repeat(32)],
    ["campaign", `body:${"0".repeat(32)}`, `body:${"0".repeat(32)}`],
    ["campaign", "other:00", undefined],
  ] as const)
    it(`${kind} ${JSON.stringify(value)} is ${spelled ?? "none"}`, () => assert.equal(canonical(kind, value), spelled));

  it("takes no longer for a long hostile string than for a short one of its kind", () => {
    const start = performance.now();
    for (const kind of indicatorKinds)
      for (const part of ["a.", "@", "-", "%", "::", "http://", "\u0000", "é"]) canonical(kind, part.repeat(200_000));
    assert.ok(performance.now() - start < 2000);
  });
  it("keys of kinds do not meet", () => {
    const keys = new Set(indicatorKinds.map((kind) => indicatorKey(kind, "8.8.8.8")));
    assert.equal(keys.size, indicatorKinds.length);
  });
});

describe("places as text", () => {
  it("are read as they were written, in order, and a cut end is left out", () => {
    const place = fc.record(
      {
        stream: fc.nat(60_000_000),
        version: fc.maxSafeNat(),
        position: fc.nat(999),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(place, { maxLength: 5 }), (places) => {
        assert.deepEqual(readPlaces(places.map(writePlace).join("") + "000"), places);
      }),
    );
  });
});
