import { mkdirSync, realpathSync } from "node:fs";
import { Level } from "level";
import { Failure, messageOf } from "../../shared/failure.ts";

/**
 * What the ledger asks of its database: ordered keys, and writes of many keys that happen together and last.
 * This file alone knows LevelDB.
 */
export interface Database {
  get(key: string): Promise<Buffer | undefined>;
  getMany(keys: string[]): Promise<(Buffer | undefined)[]>;
  /** All or nothing; with `sync` it is on the disk when the promise resolves. */
  write(operations: readonly Operation[], options: { sync: boolean }): Promise<void>;
  /** Keys from `from` (included) to `to` (excluded), in order. */
  range(from: string, to: string, options?: { reverse?: boolean; limit?: number }): AsyncIterable<[string, Buffer]>;
  close(): Promise<void>;
}
export type Operation =
  | { readonly type: "put"; readonly key: string; readonly value: Buffer }
  | { readonly type: "del"; readonly key: string };

/**
 * Folders that this process has open. A second open of the same folder would fail, and by failing release the
 * first one's lock (POSIX locks belong to the process), so it is never tried.
 */
const openHere = new Set<string>();

/** Opens the folder; `create` only where nothing was there before: an emptied folder must not pass for a new one. */
export async function openDatabase(folder: string, create: boolean): Promise<Database> {
  if (create) mkdirSync(folder, { recursive: true, mode: 0o700 });
  let real: string;
  try {
    real = realpathSync(folder);
  } catch (cause) {
    throw new Failure("damaged", `the ledger's database ${folder} is gone`, { cause });
  }
  if (openHere.has(real)) throw new Failure("temporary", `the ledger in ${folder} is already open in this process`);
  openHere.add(real);
  const level = new Level<string, Buffer>(real, { createIfMissing: create, valueEncoding: "buffer" });
  try {
    await level.open();
  } catch (error) {
    openHere.delete(real);
    throw openingFailure(folder, error);
  }
  return new LevelDatabase(level, () => openHere.delete(real));
}

function openingFailure(folder: string, error: unknown): Failure {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  if (cause?.code === "LEVEL_LOCKED")
    return new Failure(
      "temporary",
      `another process has the ledger in ${folder} open; stop it first, or ask it (tip-agent status)`,
      { cause: error },
    );
  if (/No space left|ENOSPC/.test(cause?.message ?? ""))
    return new Failure(
      "temporary",
      `no space is left for the ledger in ${folder}; free some and start again, nothing is lost`,
      { cause: error },
    );
  return new Failure(
    "damaged",
    `the ledger's database ${folder} does not open: ${cause?.message ?? messageOf(error)}. Restore it from a backup, or move it away and run 'tip-agent ledger restart'`,
    { cause: error },
  );
}

class LevelDatabase implements Database {
  readonly #level: Level<string, Buffer>;
  readonly #closed: () => void;
  constructor(level: Level<string, Buffer>, closed: () => void) {
    this.#level = level;
    this.#closed = closed;
  }
  get(key: string): Promise<Buffer | undefined> {
    return named(this.#level.get(key));
  }
  getMany(keys: string[]): Promise<(Buffer | undefined)[]> {
    return named(this.#level.getMany(keys));
  }
  write(operations: readonly Operation[], options: { sync: boolean }): Promise<void> {
    return this.#level.batch([...operations], options);
  }
  async *range(
    from: string,
    to: string,
    options: { reverse?: boolean; limit?: number } = {},
  ): AsyncIterable<[string, Buffer]> {
    try {
      yield* this.#level.iterator({ gte: from, lt: to, ...options });
    } catch (error) {
      throw damageOf(error);
    }
  }
  async close(): Promise<void> {
    await this.#level.close();
    this.#closed();
  }
}

/** Damage that LevelDB itself finds (a block's checksum) is one by our name too. */
function damageOf(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (code !== "LEVEL_CORRUPTION" && !/corrupt/i.test(messageOf(error))) return error;
  const how = "run 'tip-agent ledger restart', which sets the damaged database aside";
  return new Failure("damaged", `the ledger's database is damaged (${messageOf(error)}); ${how}`, { cause: error });
}

async function named<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw damageOf(error);
  }
}
