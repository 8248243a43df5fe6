import { lstat, opendir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errno } from "../../shared/failure.ts";
import type { After } from "./after.ts";
import { subs, type Folder } from "./folders.ts";
import { baseNameOf, deliveredAt, isMailName, seenName } from "./names.ts";

/** `kept`: the policy leaves it for now. `gone`: someone else moved or removed it. `refused`: no regular file. */
export type Touched = "touched" | "kept" | "gone" | "refused";

const dayMs = 86_400_000;

/**
 * Does to one mail what the policy says; only for a mail that is committed and was parsed (L4).
 * seen: renamed to cur/BASE:2,…S. delete: removed once it is that old. `now` in ms.
 * Throws what the system says when it may not (EACCES, EROFS, …).
 */
export async function touch(path: string, after: After, now: number): Promise<Touched> {
  if (after.action === "leave") return "kept";
  try {
    const found = await lstat(path);
    if (!found.isFile()) return "refused";
    if (after.action === "seen") return await markSeen(path);
    if (now - ageFrom(basename(path), found.mtimeMs, now) < after.days * dayMs) return "kept";
    await unlink(path);
    return "touched";
  } catch (error) {
    if (errno(error) === "ENOENT") return "gone";
    throw error;
  }
}

/** The base name's time; a name without one, or one of a time to come, is no evidence, and mtime stands for it. */
function ageFrom(name: string, mtimeMs: number, now: number): number {
  const delivered = deliveredAt(baseNameOf(name));
  return delivered !== undefined && delivered <= now + dayMs ? delivered : mtimeMs;
}

async function markSeen(path: string): Promise<Touched> {
  const name = seenName(basename(path));
  if (name === undefined) return "kept";
  const target = join(dirname(dirname(path)), "cur", name);
  // rename() would silently replace another mail. Base names are unique by the rules of maildir, so this is for broken ones.
  if (target === path || (await isThere(target))) return "kept";
  await rename(path, target);
  return "touched";
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errno(error) === "ENOENT") return false;
    throw error;
  }
}

export interface SweepOptions {
  readonly after: After;
  /** Which of these are committed and were parsed, in order. Asked for at most 1000 at once. */
  mayTouch(folder: string, baseNames: string[]): Promise<readonly boolean[]>;
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/**
 * Walks a folder and touches what may be touched and is not yet: what a crash left between commit and touch, and what has
 * become old enough. Tells how many it touched. Throws as `touch` does, and ENOENT when the folder is gone.
 */
export async function sweep(folder: Folder, options: SweepOptions): Promise<number> {
  let touched = 0;
  if (options.after.action === "leave") return touched;
  for (const sub of folder.subs.length > 0 ? folder.subs : subs)
    for await (const names of chunksOf(join(folder.path, sub), options)) {
      const may = await options.mayTouch(folder.id, names.map(baseNameOf));
      for (const [at, name] of names.entries()) {
        if (options.signal?.aborted) return touched;
        if (!may[at]) continue;
        if ((await touch(join(folder.path, sub, name), options.after, options.now())) === "touched") touched++;
      }
    }
  return touched;
}

async function* chunksOf(directory: string, { after, signal }: SweepOptions): AsyncGenerator<string[]> {
  const done = (name: string): boolean =>
    after.action === "seen" && basename(directory) === "cur" && seenName(name) === name;
  let names: string[] = [];
  for await (const entry of await opendir(directory, { bufferSize: 256 })) {
    if (signal?.aborted) return;
    if (!isMailName(entry.name) || entry.isDirectory() || done(entry.name)) continue;
    names.push(entry.name);
    if (names.length < 1000) continue;
    yield names;
    names = [];
  }
  if (names.length > 0) yield names;
}
