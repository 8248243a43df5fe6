import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ExtractPool, type FileResult } from "../../../shared/extract/pool.ts";
import { observationFault } from "../../../shared/observation.ts";

// If these fail, one hostile file stops an agent, or a mail is read through a link or counted under another's name.
const dir = mkdtempSync(join(tmpdir(), "tip-extract-"));
after(() => rmSync(dir, { recursive: true }));

/** Threads take a second to start under a loader: tests that need no limits of their own share them. */
const shared = new ExtractPool({ threads: 1, settings: { trusted: [], traps: [], secret: Buffer.alloc(32, 7) } });
after(() => shared.close());
const settings = { trusted: [], traps: [], secret: Buffer.alloc(32, 7) };
const mailOf = (n: number): string =>
  `From: a@example.com\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <${n}@example.com>\r\nSubject: mail ${n}\r\n\r\nhello\r\n`;

function put(name: string, bytes: string | Buffer): { path: string; baseName: string } {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return { path, baseName: name };
}
const observed = (result: FileResult | undefined) => {
  assert.ok(result?.kind === "observation", JSON.stringify(result));
  assert.equal(observationFault(result.observation), undefined);
  return result;
};

test("results come in the order given, over several tasks and threads", async () => {
  const files = Array.from({ length: 45 }, (_, n) => put(`order-${n}`, mailOf(n)));
  const pool = new ExtractPool({ threads: 2, settings, limits: { files: 7 } });
  try {
    const results = await pool.read(files);
    const subjects = results.map((result) => observed(result).observation.subject);
    assert.deepEqual(
      subjects,
      files.map((_, n) => `mail ${n}`),
    );
  } finally {
    await pool.close();
  }
});

test("links, FIFOs, directories and devices are refused, what is gone is gone, and the rest goes on", async () => {
  const mail = put("real", mailOf(1));
  symlinkSync(mail.path, join(dir, "link"));
  execFileSync("mkfifo", [join(dir, "fifo")]);
  mkdirSync(join(dir, "directory"));
  const named = ["link", "fifo", "directory", "nothing", "real"].map((name) => ({
    path: join(dir, name),
    baseName: name,
  }));
  const results = await shared.read([...named, { path: "/dev/zero", baseName: "zero" }]);
  assert.deepEqual(
    results.map(({ kind }) => kind),
    ["refused", "refused", "refused", "gone", "observation", "refused"],
  );
  assert.deepEqual(results[0], { kind: "refused", reason: "a symbolic link" });
});

test("a large mail is hashed to its end and parsed from its beginning", async () => {
  const head = mailOf(1).replace("\r\n\r\n", "\r\nContent-Type: text/plain\r\n\r\n");
  const bytes = Buffer.concat([Buffer.from(head), Buffer.alloc(17 << 20, `${"x".repeat(70)} y\r\n`)]);
  const file = put("large", bytes);
  const result = observed((await shared.read([file]))[0]);
  assert.equal(result.size, bytes.length);
  assert.ok(result.observation.defects?.includes("oversize"));
  assert.equal(result.observation.subject, "mail 1");
  const [same] = await shared.read([{ ...file, bytes }]);
  assert.equal(observed(same).observation.id, result.observation.id);
});

test("a mail that takes too long becomes its envelope, and does not hold up the others", async () => {
  // Millions of lines: seconds of work for the parser, where the small ones take milliseconds.
  const slow = `${mailOf(1)}${"x\n".repeat(6 << 20)}`;
  const files = [put("before", mailOf(2)), put("slow", slow), put("after", mailOf(3))];
  const pool = new ExtractPool({ threads: 1, settings, limits: { ms: 1000, retries: 0 } });
  try {
    const results = (await pool.read(files)).map(observed);
    assert.deepEqual(
      results.map(({ parsed }) => parsed),
      [true, false, true],
    );
    assert.ok(results[1]?.observation.defects?.includes("parser-timeout"));
  } finally {
    await pool.close();
  }
});

test("a mail that kills its thread becomes its envelope, and the others are read", async () => {
  // Half a million header lines in parts, each an object to the parser.
  const part = `--b\n${"a: b\n".repeat(2000)}\n`;
  const bomb = `Content-Type: multipart/mixed; boundary=b\n${mailOf(1)}${part.repeat(500)}`;
  const files = [put("one", mailOf(2)), put("bomb", bomb), put("two", mailOf(3))];
  const pool = new ExtractPool({ threads: 1, settings, limits: { heapMiB: 40, retries: 0, ms: 60_000 } });
  try {
    const results = (await pool.read(files)).map(observed);
    assert.deepEqual(
      results.map(({ parsed }) => parsed),
      [true, false, true],
    );
    assert.ok(results[1]?.observation.defects?.includes("parser-crashed"));
  } finally {
    await pool.close();
  }
});

test("an abort rejects with its reason and leaves the pool usable", async () => {
  const files = Array.from({ length: 20 }, (_, n) => put(`abort-${n}`, mailOf(n)));
  await assert.rejects(shared.read(files, AbortSignal.abort(new Error("stopping"))), /stopping/);
  assert.equal((await shared.read(files)).length, 20);
});
