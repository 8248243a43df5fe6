import { constants } from "node:fs";
import { access, lstat, opendir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { errno, Failure, messageOf } from "../../shared/failure.ts";
import type { After } from "./after.ts";

/** One maildir as the admin named it. */
export interface Maildir {
  /** Absolute, as configured (links in it are kept); begins the id of each of its folders. */
  readonly path: string;
}

/** A folder of a maildir: itself, or a Maildir++ subfolder (`.Name`), with the mails in its new/ and cur/. */
export interface Folder {
  /** Stable over restarts and moves of the file system: the configured path and the subfolder's name, never an inode. */
  readonly id: string;
  readonly path: string;
  readonly subs: readonly Sub[];
}

/** Where in a folder a mail lies: `new` as delivered, `cur` once a reader has seen it. */
export type Sub = "new" | "cur";
/** In this order: a mail only ever moves from new to cur, so one that moves during a scan is still met. */
export const subs: readonly Sub[] = ["new", "cur"];

/** A mail as the directory shows it. Its kind is not looked at: the reader refuses what is no regular file. */
export interface MailEntry {
  /** The folder's id. */
  readonly folder: string;
  /** The name before `:`, which stays when the mail moves or its flags change. */
  readonly baseName: string;
  readonly path: string;
  readonly sub: Sub;
}

/**
 * Checks at start that a maildir is there and may be used as `after` demands.
 * Throws Failure `config`, one line that says what is wrong and how to mend it.
 */
export async function openMaildir(given: string, after: After): Promise<Maildir> {
  const path = resolve(given);
  if (!(await isDirectory(path)))
    throw new Failure("config", `maildir ${path} is a file; name the directory above new/ and cur/`);
  await reachable(path, constants.R_OK | constants.X_OK, "list");
  const held = await subsOf(path);
  if (held.length === 0)
    throw new Failure("config", `${path} is no maildir: it has neither new/ nor cur/; name the directory above them`);
  for (const sub of held) await reachable(join(path, sub), constants.R_OK | constants.X_OK, "read");
  if (after.action === "leave") return { path };
  if (after.action === "seen" && !held.includes("cur"))
    throw new Failure("config", `maildir ${path} has no cur/ to move mails to; make it, or use --after leave`);
  for (const sub of held) await reachable(join(path, sub), constants.W_OK, "change");
  return { path };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const code = errno(error);
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new Failure("config", `maildir ${path} does not exist; make it, or mend --maildir`, { cause: error });
    throw new Failure("config", `maildir ${path} cannot be reached: ${messageOf(error)}`, { cause: error });
  }
}

async function reachable(path: string, mode: number, what: "list" | "read" | "change"): Promise<void> {
  try {
    await access(path, mode);
  } catch (error) {
    const mend =
      what === "change" ? "let the agent's user write there, or use --after leave" : "let the agent's user read it";
    throw new Failure("config", `may not ${what} maildir ${path} (${errno(error) ?? messageOf(error)}); ${mend}`, {
      cause: error,
    });
  }
}

/** The folders that a maildir has now, and those that may not be entered; undefined while the maildir is not there. */
export async function foldersOf(maildir: Maildir): Promise<{ folders: Folder[]; closed: string[] } | undefined> {
  const folders: Folder[] = [];
  const closed: string[] = [];
  try {
    const own = await subsOf(maildir.path);
    if (own.length > 0) folders.push({ id: maildir.path, path: maildir.path, subs: own });
    for await (const entry of await opendir(maildir.path)) {
      // A link may lead anywhere, in circles too: only real directories are folders.
      if (!entry.name.startsWith(".") || !(entry.isDirectory() || isUnknown(entry))) continue;
      const path = join(maildir.path, entry.name);
      const held = await subsOf(path).catch((error: unknown) => {
        if (errno(error) !== "EACCES") throw error;
        closed.push(path);
        return [];
      });
      if (held.length > 0) folders.push({ id: path, path, subs: held });
    }
  } catch (error) {
    if (errno(error) === "ENOENT" || errno(error) === "ENOTDIR") return undefined;
    throw error;
  }
  return folders.length + closed.length > 0 ? { folders, closed } : undefined;
}

/** Some file systems do not say the kind in the listing; then `subsOf` asks. */
const isUnknown = (entry: { isFile(): boolean; isSymbolicLink(): boolean; isFIFO(): boolean; isSocket(): boolean }) =>
  !entry.isFile() && !entry.isSymbolicLink() && !entry.isFIFO() && !entry.isSocket();

async function subsOf(folder: string): Promise<Sub[]> {
  const held: Sub[] = [];
  for (const sub of subs) if (await isRealDirectory(join(folder, sub))) held.push(sub);
  return held;
}

async function isRealDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (errno(error) === "ENOENT" || errno(error) === "ENOTDIR") return false;
    throw error;
  }
}
