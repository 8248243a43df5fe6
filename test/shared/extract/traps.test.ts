import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { observationFault } from "../../../shared/observation.ts";
import { delivered, read } from "./mails.ts";

// If these fail, whoever writes to a trap learns from a hub which address it was, by asking for what they planted.
const trap = "collector@example.org";
const md5 = createHash("md5").update(trap).digest("hex");
const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

const observe = async (raw: string) => {
  const { observation } = await read(raw);
  assert.equal(observationFault(observation), undefined);
  return observation;
};
async function silent(raw: string, ...secrets: string[]) {
  const observation = await observe(raw);
  const said = JSON.stringify(observation).toLowerCase();
  for (const secret of secrets) assert.ok(!said.includes(secret), `${secret} in ${said}`);
  return observation;
}
const withBody = (body: string): string => delivered("Subject: x", body);

test("a name that follows a percent-escape is found", async () => {
  const { urls } = await silent(
    withBody(
      "http://a.example.com/r?u=http%3A%2F%2Ftrap.example%2Fcollector%2F http://a.example.com/q?to=%3Ccollector%3E&d=%3Dtrap.example http://a.example.com/s?x=%2520trap.example",
    ),
    "trap.example",
    "collector",
  );
  assert.equal(urls?.length, 3);
});

for (const [name, hidden] of Object.entries({
  "a dot": "collector@trap%2Eexample",
  "one letter": "%63ollector@trap.example",
  "all of it": percent(trap),
  "all of it, twice": percent(percent(trap)),
  "the local part": percent("collector"),
  "base64's own signs": `x${percent(Buffer.from(trap).toString("base64"))}`,
}))
  test(`what percent-escapes hide in a URL is found: ${name}`, async () => {
    for (const place of ["path/?/x", "?e=?&b=1", "p#?"]) {
      const body = `http://a.example.com/${place.replace(/\?(?=\/x|&|$)/, () => hidden)}`;
      const { urls } = await observe(withBody(body));
      const shown = urls?.[0]?.url ?? "";
      const plain = decodeURIComponent(decodeURIComponent(shown)).toLowerCase();
      assert.ok(shown.startsWith("http://a.example.com/"), shown);
      assert.ok(!/collector|trap\.example|ollector|y29sbgvjdg9y/.test(plain), `${shown} from ${body}`);
    }
  });

test("what percent-escapes hide in a subject is found, and a plain percentage stays", async () => {
  assert.equal((await observe(delivered(`Subject: for ${percent(trap)}`, "x"))).subject, "[trap]");
  assert.equal((await observe(delivered("Subject: 50%20off, 100% sure", "x"))).subject, "50%20off, 100% sure");
});

test("a domain that is the trap's digest or name is left out wherever domains stand", async () => {
  const hex = Buffer.from(trap).toString("hex");
  const raw = withBody(
    `http://${md5}.blogspot.com/ http://${hex.slice(0, 42)}.github.io/ http://collector.blogspot.com/`,
  )
    .replace("bounce-17@shop.example.com", `x@${md5}.blogspot.com`)
    .replace("offers@shop.example.com", "x@collector.github.io");
  const { envelope, domains, campaign } = await silent(raw, md5, hex, "collector");
  assert.equal(envelope?.senderDomain, undefined);
  assert.deepEqual(domains, []);
  assert.equal(campaign?.urls, undefined);
});

test("the protocol that a relay wrote goes through the gate", async () => {
  const raw = withBody("x").replace("with ESMTP id 9", "with collector id 9");
  assert.equal((await observe(raw)).source?.protocol, "[trap]");
});

test("of an address at a trap's domain no local part stays, in any spelling of it", async () => {
  const base64 = Buffer.from("carolzzz@trap.example").toString("base64");
  const hex = Buffer.from("carolzzz@trap.example").toString("hex");
  const body = `http://a.example.com/u?e=carolzzz@trap.example&f=carolzzz%40trap.example&g=car%2Bolzzz%2540trap.example write carolzzz=trap.example@bounce.example.com or "carol zzz"@trap.example or carolzzz@mail.trap.example http://a.example.com/${base64}/${hex}`;
  const raw = delivered(`Subject: hi carolzzz@trap.example and <carolzzz@x.trap.example> ${base64} ${hex}`, body);
  const { subject, urls } = await silent(raw, "carolzzz", "olzzz", base64.slice(0, 6), hex.slice(0, 8));
  assert.equal(subject, "hi [trap] and <[trap]> [trap] [trap]");
  assert.equal(urls?.[0]?.url, "http://a.example.com/u?e=[trap]&f=[trap]&g=[trap]");
});

test("other traps that a mail was written to are looked for alone and by digest", async () => {
  const digest = createHash("sha256").update("dave.yy@trap.example").digest("hex");
  const to = "To: carolzzz@trap.example,\r\n <dave.yy@trap.example>\r\nBcc: erinzzz@mx.trap.example\r\n";
  const raw = delivered(`${to}Subject: carolzzz erinzzz`, `http://a.example.com/${digest}/dave.yy/carolzzz`);
  const { subject } = await silent(raw, "carolzzz", "dave.yy", "erinzzz", digest);
  assert.equal(subject, "[trap] [trap]");
});

const attached = (type: string, content: string): string =>
  delivered(
    `Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b`,
    `--b\r\n\r\ntext\r\n--b\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n${content}\r\n--b--\r\n`,
  );

test("base64 is found where its case is lost: types, charsets, hosts, addresses", async () => {
  const base64 = Buffer.from(trap).toString("base64").replace(/=+$/, "");
  const lost = base64.toLowerCase().slice(0, 24);
  const typed = await silent(attached(`application/x-${base64}`, "PK"), lost);
  assert.equal(typed.attachments?.[0]?.type, undefined);
  const body = `http://${base64}.example.com/ ${base64}@a.example.com http://${base64}.blogspot.com/`;
  const raw = delivered(`Subject: x\r\nContent-Type: text/plain; charset=${base64}`, body);
  assert.equal((await silent(raw, lost)).charset, undefined);
});

test("a type or charset that is none by its grammar is left out, and others stay", async () => {
  const { attachments } = await observe(attached("application/x=y", "PK"));
  assert.deepEqual([attachments?.length, attachments?.[0]?.type], [1, undefined]);
  const kept = await observe(attached("application/vnd.ms-excel", "PK"));
  assert.equal(kept.attachments?.[0]?.type, "application/vnd.ms-excel");
  for (const [written, charset] of [
    [`"${"a".repeat(41)}"`, undefined],
    ['"ISO-8859-1"', "iso-8859-1"],
    ["Windows-1252;x=y", "windows-1252"],
  ])
    assert.equal((await observe(delivered(`Content-Type: text/plain; charset=${written}`, "x"))).charset, charset);
});

for (const content of [trap, `${trap}\r\n`, `  ${trap.toUpperCase()}`, "collector", Buffer.from(trap).toString("hex")])
  test(`an attachment that is little but the trap's name gives no hash: ${JSON.stringify(content)}`, async () => {
    const { attachments, campaign, defects } = await observe(attached("application/x-data", content));
    assert.deepEqual(attachments, []);
    assert.equal(campaign?.attachments, undefined);
    assert.ok(defects?.includes("attachment-withheld"));
  });

test("a long attachment keeps its hash", async () => {
  const { attachments, campaign } = await observe(attached("application/x-data", "x".repeat(600)));
  assert.equal(attachments?.[0]?.sha256, createHash("sha256").update("x".repeat(600)).digest("hex"));
  assert.equal(campaign?.attachments?.length, 1);
});
