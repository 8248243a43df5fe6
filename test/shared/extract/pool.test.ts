import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Worker } from "node:worker_threads";
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

test("a sparse file of gigabytes is an observation at once, and those beside it as well", async () => {
  const huge = put("huge", mailOf(1));
  truncateSync(huge.path, 3 * 2 ** 30);
  const [above, result, below] = (await shared.read([put("h1", mailOf(2)), huge, put("h2", mailOf(3))])).map(observed);
  assert.equal(result?.size, 3 * 2 ** 30);
  for (const defect of ["partly-hashed", "oversize"]) assert.ok(result?.observation.defects?.includes(defect));
  assert.deepEqual([above?.observation.subject, below?.observation.subject], ["mail 2", "mail 3"]);
});

test("of a very large mail beginning, end and size make its id, from a file as from a pipe", async () => {
  const bytes = Buffer.alloc(65 << 20);
  bytes.write(mailOf(1));
  const idOf = async (changed: Buffer): Promise<string> => {
    const file = put("very-large", changed);
    const [stored, piped] = (await shared.read([file, { ...file, bytes: changed }])).map(observed);
    assert.ok(stored?.observation.defects?.includes("partly-hashed"));
    assert.equal(piped?.observation.id, stored?.observation.id);
    return stored?.observation.id ?? "";
  };
  const first = await idOf(bytes);
  bytes[bytes.length - 1] = 1;
  const second = await idOf(bytes);
  assert.notEqual(second, first);
  assert.notEqual(await idOf(bytes.subarray(1)), second);
});

test("a mail of which not even the envelope can be had in time is refused, and the caller is not", async () => {
  const slow = put("too-slow", mailOf(1));
  truncateSync(slow.path, 60 << 20);
  const pool = new ExtractPool({ threads: 1, settings, limits: { ms: 20, lastMs: 1, retries: 0 } });
  try {
    const [result] = await pool.read([slow]);
    assert.deepEqual(result, { kind: "refused", reason: "cannot be read in time" });
  } finally {
    await pool.close();
  }
});

test("an abort rejects with its reason and leaves the pool usable", async () => {
  const files = Array.from({ length: 20 }, (_, n) => put(`abort-${n}`, mailOf(n)));
  await assert.rejects(shared.read(files, AbortSignal.abort(new Error("stopping"))), /stopping/);
  assert.equal((await shared.read(files)).length, 20);
});

test("a thread that fails when nobody waits for it any more does not end the process", async () => {
  // Running out of memory while being stopped takes luck: here an idle thread tells of it.
  const threads: Worker[] = [];
  const onThread = (thread: Worker): void => void threads.push(thread);
  process.on("worker", onThread);
  const faults: unknown[] = [];
  const pool = new ExtractPool({ threads: 1, settings, onFault: (error) => faults.push(error) });
  try {
    const files = [put("fault", mailOf(1))];
    assert.equal((await pool.read(files)).length, 1);
    const fault = new Error("Worker terminated due to reaching memory limit: JS heap out of memory");
    threads[0]?.emit("error", fault);
    assert.deepEqual(faults, [fault]);
    observed((await pool.read(files))[0]);
    assert.equal(threads.length, 2);
  } finally {
    process.off("worker", onThread);
    await pool.close();
  }
});
