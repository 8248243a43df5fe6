import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { entryOf } from "../../../shared/batch/entry.ts";
import type { Extracted } from "../../../shared/extract/extract.ts";
import { observationFault, observationLimits } from "../../../shared/observation.ts";
import { delivered, read } from "./mails.ts";

// If these fail, a hostile mail stops the agent, or makes an observation that no hub takes.
const most = 5000;

async function holds(raw: Buffer): Promise<Extracted> {
  const start = performance.now();
  const extracted = await read(raw);
  assert.ok(performance.now() - start < most, "it takes too long");
  assert.equal(observationFault(extracted.observation), undefined);
  const lines = JSON.stringify(extracted.observation);
  assert.doesNotMatch(lines, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  const entry = entryOf(extracted.observation);
  assert.ok(entry.bytes <= observationLimits.leafBytes + 64);
  assert.ok(!extracted.observation.defects?.some((defect) => defect.startsWith("cut:")), "it is cut to fit a batch");
  return extracted;
}

test("random bytes give a valid observation", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => void (await holds(Buffer.from(bytes)))),
    { numRuns: 1000 },
  );
});

const pieces = [
  "From: ",
  "Subject: ",
  "Received: ",
  "from a (b [1.2.3.4]) by c; ",
  "Return-Path: <>",
  "\r\n",
  "\n",
  "\n\n",
  "\t",
  " ",
  "Content-Type: multipart/mixed; boundary=b",
  "Content-Type: text/html",
  "--b\n",
  "--b--",
  "Content-Type: message/rfc822\n\n",
  "Content-Transfer-Encoding: base64\n",
  "Content-Transfer-Encoding: quoted-printable\n",
  "=?utf-8?b?",
  "?=",
  "=?utf-8?q?=00=E2=80=AE?=",
  "<a href='http://x.example.com/",
  "'>",
  "<![CDATA[",
  "<!--",
  "<base href=",
  "<style>url(",
  "&#x202e;",
  "&#55357;",
  "http://",
  "hxxp://a[.]b.com",
  "@example.org",
  "collector@example.org",
  "\u0000",
  "\u202e",
  "\ud800",
  "é",
  "日本",
  "__proto__: x\n",
  "constructor",
  "filename*0*=utf-8''%ff",
  "http://[::1]/",
  "http://%00/",
  "http://xn--/",
  "http://a..b/",
  "charset=utf-7",
  'charset="__proto__"',
  "Date: ",
];

test("mails put together of hostile pieces give a valid observation", async () => {
  const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 20 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      async (parts) => void (await holds(Buffer.from(parts.join("")))),
    ),
    { numRuns: 1000 },
  );
});

test("a mail with bytes changed, cut out and repeated gives a valid observation", async () => {
  const whole = Buffer.from(
    delivered(
      "Subject: =?utf-8?q?Hello?=\r\nContent-Type: multipart/alternative; boundary=b",
      '--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nhttp://a.example.com/=3Fx\r\n--b\r\nContent-Type: text/html\r\n\r\n<a href="http://b.example.com/">b</a>\r\n--b--',
    ),
  );
  const change = fc.record({
    at: fc.nat(whole.length - 1),
    byte: fc.nat(255),
    length: fc.nat(60),
    kind: fc.constantFrom("set", "cut", "repeat"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
      let raw = Buffer.from(whole);
      for (const { at, byte, length, kind } of changes) {
        const piece = raw.subarray(at, at + length);
        if (kind === "set") raw[at % raw.length] = byte;
        else
          raw = Buffer.concat([
            raw.subarray(0, at),
            ...(kind === "repeat" ? [piece, piece] : []),
            raw.subarray(at + length),
          ]);
        if (raw.length === 0) break;
      }
      await holds(raw);
    }),
    { numRuns: 1000 },
  );
});

const megabyte = 1 << 20;
const fill = (text: string): string => text.repeat(Math.ceil(megabyte / text.length));
const asHtml = (body: string): string => delivered("Subject: x\r\nContent-Type: text/html", body);
const asText = (body: string): string => delivered("Subject: x", body);
const bombs: Record<string, () => string> = {
  "nested elements": () => asHtml(fill("<div>")),
  "unclosed attributes": () => asHtml(fill("<a href='")),
  "css without end": () => asHtml(`<style>${fill("url(")}`),
  entities: () => asHtml(fill("&#x202e;&amp")),
  "many links": () =>
    asHtml(Array.from({ length: 25_000 }, (_, n) => `<a href="http://h${n}.example.com/${n}">x</a>`).join("\n")),
  "at signs": () => asText(fill("@")),
  "addresses without end": () => asText(fill("a@b.")),
  schemes: () => asText(fill("http://")),
  dots: () => asText(fill("a.")),
  "one long word": () => asText(fill("a")),
  spaces: () => asText(fill(" ")),
  brackets: () => asText(fill("http://a.com/(")),
  "a million header lines": () => `${"X: y\n".repeat(1_000_000)}\nx`,
  "folds without end": () => `Subject: x\n${fill(" y\n")}\n\nx`,
  "a header without end": () => `Subject: ${fill("x ")}`,
  "recipients without end": () => `To: ${fill("a@example.com,")}\n\nx`,
  "parentheses in Received": () => `Received: from ${fill("(")}\n\nx`,
  "encoded words": () => `Subject: ${fill("=?utf-8?q?=41?= ")}\n\nx`,
  "traces of the trap": () => asText(fill("collector@example.org ")),
};

for (const [name, make] of Object.entries(bombs))
  test(`a megabyte of ${name} is read in time linear in its length`, async () => {
    const raw = Buffer.from(make());
    const start = process.cpuUsage();
    await holds(raw);
    const { user, system } = process.cpuUsage(start);
    assert.ok((user + system) / 1000 < 3000, `${(user + system) / 1000} ms`);
  });
