import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { errno, Failure } from "../../shared/failure.ts";

export interface DirectoryLock {
  release(): void;
}

/**
 * One process per role and data directory. The lock is SQLite's own on an empty database, so it goes with its process,
 * however that ends. The pid stands in a file beside it: opening the locked file itself, even to read, and closing it
 * would release the lock (POSIX record locks).
 *
 * Throws Failure `temporary` naming the holder, `config` when the directory cannot be written to.
 */
export function lockDirectory(directory: string, role: string): DirectoryLock {
  const pidFile = join(directory, `${role}.pid`);
  const database = openLock(join(directory, `${role}.lock`), directory);
  try {
    database.exec("begin exclusive");
  } catch (error) {
    database.close();
    if ((error as { sqliteCodeName?: unknown }).sqliteCodeName !== "SQLITE_BUSY") throw unwritable(directory, error);
    const message = `${directory} is in use by another ${role}${holder(pidFile)}; stop it, or use another --data`;
    throw new Failure("temporary", message, { cause: error });
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => database.close() };
}

function openLock(file: string, directory: string): DatabaseSyncInstance {
  try {
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw unwritable(directory, error);
  }
}

const unwritable = (directory: string, cause: unknown): Failure =>
  new Failure("config", `${directory} cannot be written to; check that it belongs to the user who runs this`, {
    cause,
  });

function holder(pidFile: string): string {
  try {
    const pid = readFileSync(pidFile, "utf8").trim();
    return /^\d{1,10}$/.test(pid) ? ` (process ${pid})` : "";
  } catch (error) {
    // The holder is between its lock and its pid file.
    if (errno(error) === "ENOENT") return "";
    throw error;
  }
}
