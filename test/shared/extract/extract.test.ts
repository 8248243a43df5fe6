import assert from "node:assert/strict";
import { test } from "node:test";
import { observationFault } from "../../../shared/observation.ts";
import { delivered, read } from "./mails.ts";

// If these fail, what analysts see of a mail is wrong, or tells of the trap.
const observe = async (raw: Buffer | string, more = {}) => {
  const { observation, parsed } = await read(raw, more);
  assert.equal(observationFault(observation), undefined);
  return { ...observation, parsed };
};
const html = (body: string): string => delivered("Subject: x\r\nContent-Type: text/html; charset=utf-8", body);
const urlsOf = async (raw: string): Promise<string[]> =>
  ((await observe(raw)).urls ?? []).map(({ url, place }) => `${place} ${url}`);

test("the source is the first relay outside of the trusted networks, whatever stands below", async () => {
  const { source, receivedAt } = await observe(delivered("Subject: x", "hello"));
  assert.deepEqual(source, {
    ip: "203.0.113.77",
    helo: "said.example.com",
    rdns: "real.example.com",
    hop: 2,
    protocol: "ESMTP",
  });
  assert.equal(receivedAt, "2026-01-01T10:00:02.000Z");
});

test("the envelope tells the sender, and the recipient only by its HMAC", async () => {
  const { envelope } = await observe(delivered("Subject: x", "hello"));
  assert.equal(envelope?.sender, "bounce-17@shop.example.com");
  assert.equal(envelope?.senderDomain, "example.com");
  assert.match(envelope?.recipients[0] ?? "", /^[0-9a-f]{32}$/);
  assert.equal(envelope?.recipientCount, 1);
});

test("no string that leaves holds the trap's names or our host's, in subject, URLs, text and HELO", async () => {
  const secret = "collector@example.org";
  const body = `Dear collector, http://a.example.com/u?e=collector%40example.org&b=${Buffer.from(secret).toString("base64")} archive@example.org x@mx.own-host.example.net http://pix.trap.example/1`;
  const observation = await observe(
    delivered(`Subject: for ${secret}\r\nX-Mailer: trap.example mx.own-host.example.net`, body),
  );
  const said = JSON.stringify(observation).toLowerCase();
  for (const name of ["collector", "archive@", "trap.example", "own-host", "y29sbgvjdg9y"])
    assert.ok(!said.includes(name), `${name} in ${said}`);
  assert.equal(observation.subject, "for [trap]");
  assert.ok((observation.redactions ?? 0) >= 6);
  assert.ok(observation.domains?.includes("example.com"));
});

test("references of HTML are found where browsers follow them, each once", async () => {
  const found = await urlsOf(
    html(
      `<base href="http://b.example.com/d/"><a href="HTTP://A.example.com/%7Ex">a</a><a href="http://a.example.com/%7Ex">again</a><img src="pic.png" srcset="http://s.example.com/1 1x, http://s.example.com/2 2x"><form action="//f.example.com/f"><button formaction="http://g.example.com/"></form><body background=http://h.example.com/h><area href="http&#58;//i.example.com/"><meta http-equiv=Refresh content="0; URL='http://j.example.com/'"><div style="background:url(http://k.example.com/k)"></div><style>a{b:url("http://l.example.com/")}</style><a href="http://127.0.0.1/">local</a><a href="javascript:alert(1)">js</a>visit hxxp://m[.]example[.]com/m.`,
    ),
  );
  assert.deepEqual(found, [
    "html-base http://b.example.com/d/",
    "html-href http://a.example.com/%7Ex",
    "html-src http://b.example.com/d/pic.png",
    "html-srcset http://s.example.com/1",
    "html-srcset http://s.example.com/2",
    "html-action http://f.example.com/f",
    "html-formaction http://g.example.com/",
    "html-background http://h.example.com/h",
    "html-href http://i.example.com/",
    "html-refresh http://j.example.com/",
    "html-css http://k.example.com/k",
    "html-css http://l.example.com/",
    "html-text http://m.example.com/m",
  ]);
});

test("URLs of text end where the sentence goes on, and bare hosts count with a real suffix", async () => {
  const text =
    "See (http://a.example.com/x_(y)), or www.b-shop.com. Read file.sh and readme.md, not foo.nosuchsuffix; c-shop.net/path?q=1 user@d-shop.org";
  const observation = await observe(delivered("Subject: http://s.example.com", text));
  assert.deepEqual(
    observation.urls?.map(({ url }) => url),
    ["http://a.example.com/x_(y)", "http://www.b-shop.com/", "http://c-shop.net/path?q=1", "http://s.example.com/"],
  );
  assert.deepEqual(observation.emails, ["user@d-shop.org"]);
  assert.deepEqual(observation.domains?.toSorted(), ["b-shop.com", "c-shop.net", "example.com"]);
});

test("mails of one campaign share their keys; an empty one has none", async () => {
  const text = (n: number): string =>
    `Dear customer ${n}, your parcel waits. Pay the fee at http://p${n}.shop.example.com/pay/${n}x?id=${n} today, please do.`;
  const [a, b] = await Promise.all([1, 2222].map((n) => observe(delivered(`Subject: Parcel ${n} waits`, text(n)))));
  assert.deepEqual(a?.campaign, b?.campaign);
  assert.deepEqual(a?.campaign?.urls, ["http://*.example.com/pay/*?id=*"]);
  const empty = await observe(delivered("Subject: ", " \r\n\t\r\n"));
  assert.deepEqual(empty.campaign, {});
});

test("attachments have name, both types, size and hash", async () => {
  const exe = Buffer.concat([Buffer.from("MZ"), Buffer.alloc(2000, 7)]);
  const part = (head: string, body: string): string => `--b\r\n${head}\r\n\r\n${body}\r\n`;
  const body =
    part("Content-Type: text/plain", "see it") +
    part(
      'Content-Type: application/pdf; name="x"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="invoice\u202efdp.exe"',
      exe.toString("base64"),
    ) +
    "--b--";
  const observation = await observe(delivered("Subject: x\r\nContent-Type: multipart/mixed; boundary=b", body));
  const [attachment] = observation.attachments ?? [];
  assert.equal(attachment?.name, "invoicefdp.exe");
  assert.equal(attachment?.type, "application/pdf");
  assert.equal(attachment?.sniffed, "application/vnd.microsoft.portable-executable");
  assert.equal(attachment?.size, exe.length);
  assert.ok(observation.defects?.includes("control-characters"));
  assert.equal(observation.campaign?.attachments?.[0], attachment?.sha256.slice(0, 32));
});

test("what is no mail gives its envelope, its reason, and a time that can be", async () => {
  const cases: [Buffer | string, string][] = [
    ["", "empty"],
    ["just text\nno header", "not-a-mail"],
    [Buffer.from([0x1f, 0x8b, 8, 0, 1, 2]), "compressed"],
  ];
  for (const [raw, defect] of cases) {
    const observation = await observe(raw);
    assert.equal(observation.parsed, false);
    assert.ok(observation.defects?.includes(defect), defect);
    assert.equal(observation.receivedAt, "2026-01-01T00:00:00.000Z");
  }
  const future = await observe("Received: from a ([192.0.2.1]) by b; Thu, 1 Jan 2099 00:00:00 +0000\n\nx", {
    baseName: "x",
  });
  assert.equal(future.receivedAt, "2026-01-02T00:00:00.000Z");
});

test("a bounce is marked, and names no one as its sender", async () => {
  const raw = delivered(
    "Subject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
    "--b\r\n\r\nsorry\r\n--b--",
  ).replace("<bounce-17@shop.example.com>", "<>");
  const observation = await observe(raw);
  assert.equal(observation.backscatter, true);
  assert.equal(observation.envelope?.sender, "<>");
  assert.deepEqual(observation.domains, []);
});

test("raw 8-bit headers are read by the body's charset, and are a defect", async () => {
  const raw = Buffer.from(
    "From: a@example.com\nSubject: Ol\u00e1\nContent-Type: text/plain; charset=iso-8859-1\n\nx",
    "latin1",
  );
  const observation = await observe(raw);
  assert.equal(observation.subject, "Olá");
  assert.ok(observation.defects?.includes("raw-8bit-header"));
});
