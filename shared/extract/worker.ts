import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { workerData } from "node:worker_threads";
import { errno } from "../failure.ts";
import type { Observation } from "../observation.ts";
import { envelopeOnly, extract, type Extracted, type Mail } from "./extract.ts";
import type { ExtractSettings } from "./rules.ts";

/** A file to be read; with `bytes`, a mail that is no file (standard input). */
export interface MailFile {
  readonly path: string;
  readonly baseName: string;
  readonly bytes?: Uint8Array;
}

export type FileResult =
  | {
      readonly kind: "observation";
      readonly observation: Observation;
      readonly parsed: boolean;
      readonly size: number;
      readonly mtimeMs: number;
    }
  /** Not a regular file, or one that cannot be read. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "gone" };

export interface Task {
  readonly files: readonly MailFile[];
  /** One 32-bit number: the index of the file that is being read, so that the pool knows which one hangs or kills. */
  readonly progress: SharedArrayBuffer;
  /** Given for a mail that hung or killed its thread: it is not parsed again. */
  readonly defect?: string;
}

/** What is kept of a mail for parsing. */
const keptBytes = 16 << 20;
/**
 * What is hashed whole: so much is read well within the deadline. Of a longer one the digest is SHA-256 of its first
 * `keptBytes`, its last `lastBytes` and its size in decimal digits: as steady, and a sparse file of gigabytes costs nothing.
 */
const wholeBytes = 64 << 20;
const lastBytes = 1 << 20;
const chunkBytes = 256 * 1024;

/** The pool's settings: one object, so that the rules are made once a thread. */
const settings = workerData as ExtractSettings;

/** Reads mails one by one; results in the order given. */
export async function readMails(task: Task): Promise<FileResult[]> {
  const at = new Int32Array(task.progress);
  const results: FileResult[] = [];
  for (const [index, file] of task.files.entries()) {
    Atomics.store(at, 0, index);
    results.push(await readMail(file, task.defect));
  }
  return results;
}

async function readMail(file: MailFile, defect: string | undefined): Promise<FileResult> {
  const mail = file.bytes ? fromBytes(file.bytes, file.baseName) : await load(file);
  if ("kind" in mail) return mail;
  const { observation, parsed }: Extracted = defect
    ? envelopeOnly(mail, settings, defect)
    : await extract(mail, settings);
  return { kind: "observation", observation, parsed, size: mail.size, mtimeMs: mail.mtimeMs };
}

function fromBytes(bytes: Uint8Array, baseName: string): Mail {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = all.length;
  const raw = all.subarray(0, keptBytes);
  const now = Date.now();
  const isWhole = size <= wholeBytes;
  const sha256 = isWhole ? createHash("sha256").update(all).digest() : partly(raw, all.subarray(-lastBytes), size);
  const extent = { truncated: size > raw.length, partlyHashed: !isWhole };
  return { raw, size, sha256, baseName, mtimeMs: now, observedAt: now, ...extent };
}

const partly = (first: Buffer, last: Buffer, size: number): Buffer =>
  createHash("sha256").update(first).update(last).update(String(size)).digest();

async function load(file: MailFile): Promise<Mail | FileResult> {
  let handle: FileHandle;
  try {
    // Never through a link; and opening a FIFO must not wait for its writer.
    handle = await open(
      file.path,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch (error) {
    return refusal(error);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return { kind: "refused", reason: stat.isDirectory() ? "a directory" : "not a regular file" };
    return {
      ...(stat.size > wholeBytes ? await readPartly(handle, stat.size) : await readWhole(handle, stat.size)),
      baseName: file.baseName,
      mtimeMs: stat.mtimeMs,
      observedAt: Date.now(),
    };
  } catch (error) {
    return refusal(error);
  } finally {
    await handle.close();
  }
}

function refusal(error: unknown): FileResult {
  const code = errno(error);
  if (code === "ENOENT" || code === "ENOTDIR") return { kind: "gone" };
  if (code === "ELOOP") return { kind: "refused", reason: "a symbolic link" };
  // ENXIO: a socket, or a device without a driver.
  if (code === "ENXIO" || code === "ENODEV") return { kind: "refused", reason: "not a regular file" };
  if (code === undefined) throw error;
  return { kind: "refused", reason: `unreadable (${code})` };
}

type Read = Pick<Mail, "raw" | "size" | "sha256" | "truncated" | "partlyHashed">;

async function readPartly(handle: FileHandle, size: number): Promise<Read> {
  const raw = await readAt(handle, 0, keptBytes);
  const sha256 = partly(raw, await readAt(handle, size - lastBytes, lastBytes), size);
  return { raw, size, sha256, truncated: true, partlyHashed: true };
}

/** Fewer bytes where the file ends before. */
async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let held = 0;
  while (held < length) {
    const { bytesRead } = await handle.read(bytes, held, Math.min(length - held, chunkBytes), from + held);
    if (bytesRead === 0) break;
    held += bytesRead;
  }
  return bytes.subarray(0, held);
}

/** Hashes to the end, keeps the beginning. A file that grows meanwhile is what was read of it, `wholeBytes` at most. */
async function readWhole(handle: FileHandle, expected: number): Promise<Read> {
  const hash = createHash("sha256");
  let raw = Buffer.allocUnsafe(Math.min(expected, keptBytes));
  let kept = 0;
  let size = 0;
  while (size < wholeBytes) {
    const room = raw.length - kept;
    const target = room > 0 ? raw.subarray(kept) : Buffer.allocUnsafe(size === expected ? 512 : chunkBytes);
    const { bytesRead } = await handle.read(target, 0, Math.min(target.length, chunkBytes), size);
    if (bytesRead === 0) break;
    const read = target.subarray(0, bytesRead);
    hash.update(read);
    size += bytesRead;
    if (room > 0) kept += bytesRead;
    else if (kept < keptBytes) {
      raw = Buffer.concat([raw, read.subarray(0, keptBytes - kept)]);
      kept = raw.length;
    }
  }
  return { raw: raw.subarray(0, kept), size, sha256: hash.digest(), truncated: size > kept };
}
