import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { extract, type Mail } from "../../shared/extract/extract.ts";

export interface BenchRow {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly beside?: string;
  readonly ratio?: number;
  readonly budget?: string;
}

const rounds = 7;
const mostMails = 600;
const settings = { trusted: [], traps: ["@trap.example", "collector@example.org"], secret: Buffer.alloc(32, 1) };
const skips = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipImageLinks: true,
  skipTextLinks: true,
  checksumAlgo: "sha256",
};

/** Extraction beside mailparser alone with all skips: the same mails, the same process, turn by turn. */
export async function bench(corpusDir: string | undefined): Promise<BenchRow[]> {
  const mails = corpusDir ? corpus(corpusDir) : written();
  const alone = (mail: Mail): Promise<unknown> => simpleParser(mail.raw, skips);
  const whole = (mail: Mail): Promise<unknown> => extract(mail, settings);
  // Both paths are compiled before anything is counted.
  await round(mails, alone);
  await round(mails, whole);
  const taken: { alone: Cost; whole: Cost }[] = [];
  for (let i = 0; i < rounds; i++) taken.push({ alone: await round(mails, alone), whole: await round(mails, whole) });
  const cpu = median(taken.map((one) => one.whole.cpu));
  const parser = median(taken.map((one) => one.alone.cpu));
  const rate = 1000 / median(taken.map((one) => one.whole.wall));
  const beside = `mailparser alone, ${mails.length} ${corpusDir ? "mails of the corpus" : "written mails"}`;
  const ratio = round2(median(taken.map((one) => one.whole.cpu / one.alone.cpu)));
  return [
    {
      what: "extract: CPU a message",
      value: round2(cpu),
      unit: "ms",
      beside: `${round2(parser)} ms ${beside}`,
      ratio,
      budget: "ratio <= 1.5",
    },
    { what: "extract: messages a second, one thread", value: Math.round(rate), unit: "/s" },
  ];
}

interface Cost {
  /** Milliseconds a mail. */
  readonly cpu: number;
  readonly wall: number;
}

async function round(mails: readonly Mail[], read: (mail: Mail) => Promise<unknown>): Promise<Cost> {
  const before = process.cpuUsage();
  const start = performance.now();
  for (const mail of mails) await read(mail);
  const wall = performance.now() - start;
  const used = process.cpuUsage(before);
  return { cpu: (used.user + used.system) / 1000 / mails.length, wall: wall / mails.length };
}

/** Evenly over the whole corpus, so that no year of it weighs more. */
function corpus(dir: string): Mail[] {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .toSorted();
  const step = Math.max(1, Math.ceil(files.length / mostMails));
  return files
    .filter((_, index) => index % step === 0)
    .map((path, index) => mailOf(readFileSync(path), `${1_700_000_000 + index}.bench`));
}

/** Without a corpus: HTML with a text beside it, of the size of common spam. */
function written(): Mail[] {
  return Array.from({ length: 300 }, (_, n) => {
    const words = Array.from({ length: 300 }, (__, i) => `word${(i * 7 + n) % 211}`).join(" ");
    const links = Array.from(
      { length: 8 },
      (__, i) => `<p><a href="http://shop${n % 17}.example.com/offer${i}?id=${n}">buy</a> ${words.slice(0, 200)}</p>`,
    );
    const raw = [
      `Return-Path: <bounce-${n}@example.com>`,
      "Delivered-To: collector@example.org",
      `Received: from mail.example.net (mail.example.net [198.51.100.${n % 250}])`,
      "\tby mx.example.org (Postfix) with ESMTP id 4C0FFEE; Thu, 1 Jan 2026 00:00:00 +0000 (UTC)",
      `From: "Offers" <offers@example.com>`,
      `Subject: =?utf-8?q?Your_parcel_${n}_waits?=`,
      `Message-ID: <${n}@example.com>`,
      "MIME-Version: 1.0",
      "Content-Type: multipart/alternative; boundary=b",
      "",
      `--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${words}\r\n`,
      `--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>${links.join("\r\n")}</body></html>\r\n--b--`,
    ];
    return mailOf(Buffer.from(raw.join("\r\n")), `${1_700_000_000 + n}.bench`);
  });
}

function mailOf(raw: Buffer, baseName: string): Mail {
  const sha256 = createHash("sha256").update(raw).digest();
  return { raw, size: raw.length, sha256, baseName, mtimeMs: 1.7e12, observedAt: 1.8e12, truncated: false };
}

const round2 = (value: number): number => Math.round(value * 100) / 100;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
