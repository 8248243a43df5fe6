import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { defang, guessKind, refang } from "../../../hub/web/src/kind.ts";

test("the kind of what an analyst typed is guessed", () => {
  const cases = {
    "192.0.2.1": "ip",
    "192[.]0[.]2[.]1": "ip",
    "2001:db8::1": "ip",
    "::ffff:192.0.2.1": "ip",
    "example.com": "domain",
    "example[.]com": "domain",
    "www.example.com": "host",
    "192.0.2.300": "host",
    "hxxps://example[.]com/a?b": "url",
    "http://192.0.2.1/": "url",
    "example.com/login": "url",
    "someone@example.com": "email",
    "someone[at]example[dot]com": "email",
    ["AB".repeat(32)]: "attachment",
    [`body:${"0a".repeat(16)}`]: "campaign",
  };
  for (const [typed, kind] of Object.entries(cases)) assert.equal(guessKind(typed), kind, typed);
});

test("a defanged URL or name is read back, and no browser or mail program would link it", () => {
  fc.assert(
    fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.domain()), (value) => {
      const shown = defang(value);
      assert.equal(refang(shown), value);
      assert.doesNotMatch(shown, /^https?:/);
      assert.doesNotMatch(
        shown
          .replace(/^[a-z]+:\/\//, "")
          .split(/[/?#]/)[0]!
          .replaceAll("[.]", ""),
        /\./,
      );
    }),
  );
});
