import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { median, rounded, type BenchRow, type BenchSetting } from "./row.ts";
import { sampleMails } from "../../hub/quickstart/sample/mails.ts";
import { extract, type Mail } from "../../shared/extract/extract.ts";

const rounds = 7;
const settings = { trusted: [], traps: ["@trap.example", "collector@example.org"], secret: Buffer.alloc(32, 1) };
const skips = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipImageLinks: true,
  skipTextLinks: true,
  checksumAlgo: "sha256",
};

/** Extraction beside mailparser alone with all skips: the same mails, the same process, turn by turn. */
export async function bench({ spam, fast }: BenchSetting): Promise<BenchRow[]> {
  const mails = spam === undefined ? written() : corpus(spam, fast ? 300 : 1900);
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
  const beside = `mailparser alone, ${mails.length} ${spam ? "mails of the corpus" : "written mails"}`;
  const ratio = rounded(median(taken.map((one) => one.whole.cpu / one.alone.cpu)));
  return [
    {
      what: "extract: CPU a message",
      value: rounded(cpu),
      unit: "ms",
      beside: `${rounded(parser)} ms ${beside}`,
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
function corpus(dir: string, most: number): Mail[] {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .toSorted();
  const step = Math.max(1, Math.ceil(files.length / most));
  return files
    .filter((_, index) => index % step === 0)
    .map((path, index) => mailOf(readFileSync(path), `${1_700_000_000 + index}.bench`));
}

/** Without a corpus: the project's own sample. */
const written = (): Mail[] => sampleMails(300, 1).map(({ name, raw }) => mailOf(raw, name));

function mailOf(raw: Buffer, baseName: string): Mail {
  const sha256 = createHash("sha256").update(raw).digest();
  return { raw, size: raw.length, sha256, baseName, mtimeMs: 1.7e12, observedAt: 1.8e12, truncated: false };
}
