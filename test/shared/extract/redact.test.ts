import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { Redactor } from "../../../shared/extract/redact.ts";

// If these fail, a trap is given away to whoever reads what an agent sends.
const letters = (min: number, max: number) =>
  fc.string({
    unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789".split("")),
    minLength: min,
    maxLength: max,
  });
const noise = fc.string({ unit: fc.constantFrom(..." .-:;,<>/?=&€日".split("")), maxLength: 12 });
const base64Of = (bytes: Buffer): string => bytes.toString("base64");

/** All the ways in which an address may stand in a mail, each given some text around it. */
const spellings: Record<string, (local: string, domain: string) => string> = {
  literal: (local, domain) => `${local}@${domain}`,
  "upper case": (local, domain) => `${local}@${domain}`.toUpperCase(),
  "percent-encoded": (local, domain) => `${local}%40${domain}`,
  "percent-encoded twice": (local, domain) => `${local}%2540${domain}`,
  VERP: (local, domain) => `bounce-${local}=${domain}@example.net`,
  "the local part alone": (local) => local,
  hex: (local, domain) => Buffer.from(`${local}@${domain}`).toString("hex"),
  md5: (local, domain) => createHash("md5").update(`${local}@${domain}`).digest("hex"),
  sha1: (local, domain) => createHash("sha1").update(`${local}@${domain}`).digest("hex").toUpperCase(),
  sha256: (local, domain) => createHash("sha256").update(`${local}@${domain}`).digest("hex"),
};

for (const [name, spell] of Object.entries(spellings))
  test(`an address is found as ${name}, wherever it stands`, () => {
    fc.assert(
      fc.property(letters(6, 12), letters(4, 10), noise, noise, (local, label, before, after) => {
        const domain = `${label}.example.org`;
        const redactor = new Redactor([{ address: `${local}@${domain}`, everywhere: false }]);
        const { text, hits } = redactor.redact(`${before} ${spell(local, domain)} ${after}`);
        assert.ok(hits >= 1);
        assert.ok(!text.toLowerCase().includes(spell(local, domain).toLowerCase()));
      }),
      { numRuns: 100 },
    );
  });

test("base64 is found at each of its three alignments, in both alphabets", () => {
  fc.assert(
    fc.property(letters(6, 12), fc.uint8Array({ maxLength: 7 }), fc.boolean(), (local, before, urlSafe) => {
      const address = `${local}@trap.example.org`;
      const coded = base64Of(Buffer.concat([before, Buffer.from(address), Buffer.from("tail")]));
      const text = urlSafe ? coded.replaceAll("+", "-").replaceAll("/", "_") : coded;
      const redacted = new Redactor([{ address, everywhere: false }]).redact(`u=${text}`);
      assert.equal(redacted.hits, 1);
      assert.ok(!Buffer.from(redacted.text.slice(2).replaceAll("[trap]", ""), "base64").includes(local));
    }),
    { numRuns: 200 },
  );
});

test("the domain of a learnt address goes only where it belongs to an address", () => {
  const redactor = new Redactor([{ address: "collector@gmail.com", everywhere: false }]);
  assert.equal(redactor.redact("other@gmail.com and https://gmail.com/").text, "other[trap] and https://gmail.com/");
});

test("a configured domain goes everywhere, in whatever it is part of", () => {
  const redactor = new Redactor([{ domain: "trap.example", everywhere: true }]);
  assert.equal(redactor.redact("https://x.TRAP.example/ trap.example").text, "https://x.[trap]/ [trap]");
  assert.equal(redactor.redact("mytrap.example").hits, 0);
  assert.equal(redactor.redact("u-trap-example.example.net trap_example").text, "u-[trap].example.net [trap]");
});

test("names that every domain has are no trace, nor is a word that only holds the local part", () => {
  const redactor = new Redactor([
    { address: "info@example.org", everywhere: false },
    { address: "list@example.org", everywhere: false },
  ]);
  assert.equal(redactor.redact("more info in the listing").hits, 0);
  assert.equal(redactor.redact("hello list, hello info@example.org").hits, 2);
});

test("a local part beyond ASCII is found", () => {
  const redactor = new Redactor([{ address: "šárka@example.org", everywhere: false }]);
  assert.equal(redactor.redact("to šárka@example.org").hits, 1);
});

test("text made to be slow to look at is not", () => {
  const redactor = new Redactor([{ domain: "trap.example", everywhere: true }]);
  const times = (text: string): string => text.repeat(Math.ceil(200_000 / text.length));
  for (const text of ["25", "%25", "a@trap.example", "@trap.example", '"@trap.example', "ab.trap.example", "40", "x"]) {
    const started = performance.now();
    redactor.redact(`${times(text)}@trap.example ${times(text)}trap.example`);
    assert.ok(performance.now() - started < 1500, text);
  }
});
