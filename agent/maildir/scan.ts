import type { Dirent } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { errno, messageOf } from "../../shared/failure.ts";
import type { Folder, MailEntry, Sub } from "./folders.ts";
import { baseNameOf, isMailName } from "./names.ts";

/** What was registered with a mail, so that a scan hashes nothing. */
export interface Registered {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
}

/**
 * Who remembers which mails are done. For each base name, in order: what was registered (or true, for known without
 * size and time), or undefined or false when it never was. One that is being read at the moment may be called known, so
 * that it is not reported again meanwhile; if it then comes to nothing, the finder must be told to look again.
 */
export interface Registry {
  known(folder: string, baseNames: string[]): Promise<readonly (Registered | boolean | undefined)[]>;
}

export interface ScanOptions {
  readonly registry: Registry;
  /** How many entries are held and asked for at once; bounds the memory of a scan. At most 1000. */
  readonly chunk?: number;
  /**
   * Also compares size and mtime with the registry, and reports a mail anew when both differ: another file under an old
   * name. One of them alone does not (a mail server that compresses keeps the mtime, a restored backup the size).
   * It costs an lstat a mail, so it is for the first scan after the start; later ones go by name only.
   */
  readonly compare?: boolean;
  readonly signal?: AbortSignal;
  /** A name that is no UTF-8 cannot be opened by it. */
  readonly onUnnamable?: (directory: string) => void;
}

/**
 * Lists new/ or cur/ of a folder as a stream and hands out the mails that the registry does not know, in small chunks.
 * Nothing is opened, nothing remembered. While the consumer works the listing waits: the maildir is the queue.
 * Throws UnreadableDirectory, and what the registry throws.
 */
export async function* scan(folder: Folder, sub: Sub, options: ScanOptions): AsyncGenerator<MailEntry[]> {
  const size = Math.min(options.chunk ?? 1000, 1000);
  const directory = join(folder.path, sub);
  let chunk = new Map<string, MailEntry>();
  for await (const entry of entriesOf(directory)) {
    if (options.signal?.aborted) return;
    if (!isMailName(entry.name) || entry.isDirectory()) continue;
    if (entry.name.includes("\ufffd")) {
      options.onUnnamable?.(directory);
      continue;
    }
    const baseName = baseNameOf(entry.name);
    chunk.set(baseName, { folder: folder.id, baseName, path: join(directory, entry.name), sub });
    if (chunk.size < size) continue;
    yield* unknownOf(chunk, options);
    chunk = new Map();
  }
  yield* unknownOf(chunk, options);
}

/** A directory that cannot be listed, or no longer: told apart from a fault of the registry or the consumer. */
export class UnreadableDirectory extends Error {
  readonly gone: boolean;
  constructor(path: string, cause: unknown) {
    super(`${path}: ${messageOf(cause)}`, { cause });
    this.name = "UnreadableDirectory";
    this.gone = errno(cause) === "ENOENT" || errno(cause) === "ENOTDIR";
  }
}

async function* entriesOf(directory: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(directory, { bufferSize: 256 });
  } catch (error) {
    throw new UnreadableDirectory(directory, error);
  }
}

/** The same for names that a watcher gave: those that are there and not known. Never the truth, only sooner. */
export async function* look(
  folder: Folder,
  sub: Sub,
  names: Iterable<string>,
  options: ScanOptions,
): AsyncGenerator<MailEntry[]> {
  const chunk = new Map<string, MailEntry>();
  for (const name of names) {
    const path = join(folder.path, sub, name);
    if (!isMailName(name) || name.includes("\ufffd") || !(await isEntry(path))) continue;
    const baseName = baseNameOf(name);
    chunk.set(baseName, { folder: folder.id, baseName, path, sub });
  }
  yield* unknownOf(chunk, options);
}

async function* unknownOf(chunk: Map<string, MailEntry>, options: ScanOptions): AsyncGenerator<MailEntry[]> {
  const entries = [...chunk.values()];
  const folder = entries[0]?.folder;
  if (folder === undefined) return;
  const known = await options.registry.known(folder, [...chunk.keys()]);
  const fresh = await Promise.all(
    entries.map(async (entry, at) => {
      const registered = known[at];
      if (!registered) return entry;
      return options.compare && registered !== true && (await isAnother(entry.path, registered)) ? entry : undefined;
    }),
  );
  const unknown = fresh.filter((entry) => entry !== undefined);
  if (unknown.length > 0) yield unknown;
}

/** File systems and registries round times; a mail that was replaced is older or newer by more. */
const roundingMs = 2000;

async function isAnother(path: string, registered: Registered): Promise<boolean> {
  try {
    const { size, mtimeMs } = await lstat(path);
    return size !== registered.size && Math.abs(mtimeMs - registered.mtimeMs) > roundingMs;
  } catch (error) {
    if (errno(error) === "ENOENT") return false;
    throw error;
  }
}

async function isEntry(path: string): Promise<boolean> {
  try {
    return !(await lstat(path)).isDirectory();
  } catch (error) {
    // It moved or went between the event and now. Whatever else is wrong, the scan meets it and says so.
    if (errno(error) !== undefined) return false;
    throw error;
  }
}
