import assert from "node:assert/strict";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { simpleParser, type ParsedMail } from "mailparser";
import { writeSampleMaildir } from "../../../hub/quickstart/sample/maildir.ts";
import { sampleMails } from "../../../hub/quickstart/sample/mails.ts";
import { temporary } from "../../support/maildir.ts";

const now = Date.parse("2026-02-03T04:05:06Z");
const mails = sampleMails(264, 847, now);
const sourceOf = (raw: Buffer): string | undefined =>
  /\(\S+ \[(?:IPv6:)?([^\]]+)\]\)/.exec(raw.toString("latin1"))?.[1];

test("a sample has all its mails, from more than 48 machines, in the last 48 hours", () => {
  assert.equal(mails.length, 264);
  assert.equal(new Set(mails.map(({ name }) => name)).size, 264);
  const sources = new Set(mails.map(({ raw }) => sourceOf(raw)).filter((ip) => ip !== undefined));
  assert.ok(sources.size >= 48, `${sources.size} sources`);
  assert.ok([...sources].some((ip) => ip.includes(":")));
  const times = mails.map(({ name }) => Number(name.slice(0, 10)) * 1000);
  assert.ok(Math.min(...times) >= now - 48 * 3_600_000 - 1000 && Math.max(...times) <= now);
});

test("the same seed tells the same sample, another seed another", () => {
  assert.deepEqual(sampleMails(30, 5, now), sampleMails(30, 5, now));
  assert.notDeepEqual(sampleMails(30, 5, now), sampleMails(30, 6, now));
});

test("nobody outside is meant: only names and addresses that are set aside for examples", () => {
  const all = mails.map(({ raw }) => raw.toString("latin1").replaceAll("=\n", "")).join("\n");
  const names = all.match(/(?<=:\/\/(?:example\.com@)?|@)[a-z0-9.-]+\.[a-z]+/gi) ?? [];
  assert.ok(names.length > 200);
  const strangers = names.filter((name) => !/(?:\.|^)(?:example(?:\.(?:com|net|org))?|test|invalid)$/i.test(name));
  assert.deepEqual(strangers, []);
  const addresses = all.match(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g) ?? [];
  assert.deepEqual(
    addresses.filter((ip) => !/^(?:192\.0\.2|198\.51\.100|203\.0\.113)\./.test(ip)),
    [],
  );
});

test("what is meant to be read can be read, and says what its campaign says", async () => {
  const read: ParsedMail[] = [];
  for (const { raw } of mails) read.push(await simpleParser(raw, { skipTextToHtml: true, skipImageLinks: true }));
  const subjects = read.map((mail) => mail.subject ?? "");
  const kinds = [/parcel|shipment/i, /✔/, /Ihr (Konto|Zugang).*(bestätigen|prüfen)/, /recorded|everything|privacy/i];
  kinds.push(
    /invoice|reminder/i,
    /💌/u,
    /(Enhorabuena|Felicidades)! .*Navidad$/,
    /loan|cash/i,
    /^(Заработок|Доход) от/,
  );
  kinds.push(
    /watches/i,
    /estate|consent|proposal/i,
    /a week$/,
    /website/,
    /voice message|missed call/i,
    /software/,
    /mailbox/i,
  );
  for (const kind of kinds)
    assert.ok(
      subjects.some((subject) => kind.test(subject)),
      String(kind),
    );
  const names = new Set(read.flatMap((mail) => mail.attachments.map((file) => file.filename)));
  assert.ok([...names].some((name) => /\.pdf\.(exe|scr)$/.test(name ?? "")) && names.has("Voice_\u202eexe.pdf"));
  const zip = read.flatMap((mail) => mail.attachments).find((file) => file.filename?.endsWith(".zip"));
  assert.equal(zip?.content.subarray(0, 4).toString("latin1"), "PK\x03\x04");
  assert.ok(read.some((mail) => /BitcoinEater/.test(mail.text ?? "")));
});

test("the malformed are among them: an empty file, one without headers, one that is never closed", () => {
  const texts = mails.map(({ raw }) => raw.toString("latin1"));
  assert.ok(texts.includes(""));
  assert.ok(texts.some((text) => text.startsWith("just some words")));
  assert.ok(texts.some((text) => /boundary="gone"/.test(text) && !text.includes("--gone--")));
  assert.ok(
    texts.some((text) => /^Subject: \xa1/m.test(text)),
    "bare 8-bit bytes in a header",
  );
  assert.ok(texts.some((text) => text.startsWith("Return-Path: <>\n")));
});

test("a sample maildir is made once and whole, and nothing that is there is touched", async (t) => {
  const root = temporary(t);
  const path = join(root, "var", "maildir");
  assert.equal(await writeSampleMaildir(path, now), 264);
  assert.equal(readdirSync(join(path, "new")).length, 264);
  assert.deepEqual(readdirSync(join(root, "var")), ["maildir"]);
  const [name = ""] = readdirSync(join(path, "new"));
  assert.equal(statSync(join(path, "new", name)).mtimeMs, Number(name.slice(0, 10)) * 1000);
  assert.equal(await writeSampleMaildir(path, now), 0);
  mkdirSync(join(root, "own"));
  assert.equal(await writeSampleMaildir(join(root, "own"), now), 0);
  assert.deepEqual(readdirSync(join(root, "own")), []);
});
