import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Kysely, sql } from "kysely";
import { Failure } from "../../shared/failure.ts";
import { AgentsOf } from "./agents-of.ts";
import type { AuditEntry, Store } from "./contract.ts";
import type { Connections } from "./engine.ts";
import { appendAudit, Facts } from "./facts.ts";
import { Indicators } from "./indicators.ts";
import { lockDirectory, type DirectoryLock } from "./lock.ts";
import { migrate, requireSchema } from "./migrate.ts";
import { Observations } from "./observations.ts";
import { Roster } from "./roster.ts";
import type { Database } from "./schema.ts";
import { sqliteThread } from "./sqlite/dialect.ts";
import { Streams } from "./streams.ts";
import { Tokens } from "./tokens.ts";

export interface StoreOptions {
  /** The hub's data directory; the database in it is `hub.sqlite`. */
  readonly directory: string;
  /**
   * `serve` makes the directory and migrates, and is alone in it with its kind until it ends; `cli` works beside a
   * running `serve`, on a store that is there and of this release.
   */
  readonly mode: "serve" | "cli";
}

/**
 * Opens the hub's store. Throws Failure `config` (no store yet, another schema, a directory that cannot be written
 * to), `temporary` (another `serve` is there) or `damaged`.
 */
export async function openStore({ directory, mode }: StoreOptions): Promise<Store> {
  const file = join(directory, "hub.sqlite");
  if (mode === "serve") makeDirectory(directory);
  else if (!existsSync(file))
    throw new Failure("config", `${directory} holds no store yet; start tip-hub serve once with --data ${directory}`);
  const lock = mode === "serve" ? lockDirectory(directory, "serve") : undefined;

  const connections: Kysely<Database>[] = [];
  const connect = (readOnly: boolean): Kysely<Database> => {
    const connection = new Kysely<Database>({ dialect: sqliteThread({ file, readOnly }) });
    connections.push(connection);
    return connection;
  };
  try {
    const writer = connect(false);
    if (mode === "serve") await migrate(writer, "sqlite", file);
    else await requireSchema(writer, file);
    // A command asks little and is soon gone: a second thread would only make it slower to start.
    const reader = mode === "cli" ? writer : connect(true);
    // Opened now, so that what is wrong is said now; and Kysely can only end what it has begun.
    await sql`select 1`.execute(reader);
    return new SqlStore({ engine: "sqlite", writer, reader }, lock);
  } catch (error) {
    await Promise.all(connections.map((connection) => connection.destroy()));
    lock?.release();
    throw error;
  }
}

function makeDirectory(directory: string): void {
  try {
    // What is in it names agents and reveals traps: it is its owner's alone.
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Failure("config", `${directory} cannot be made or written to; choose another --data or mend its owner`, {
      cause,
    });
  }
}

/** The store over any engine. */
class SqlStore implements Store {
  readonly roster: Roster;
  readonly streams: Streams;
  readonly tokens: Tokens;
  readonly observations: Observations;
  readonly indicators: Indicators;
  readonly facts: Facts;
  readonly #at: Connections;
  readonly #lock: DirectoryLock | undefined;
  #closing: Promise<void> | undefined;

  constructor(connections: Connections, lock: DirectoryLock | undefined) {
    const agents = new AgentsOf(connections.reader);
    this.#at = connections;
    this.#lock = lock;
    this.roster = new Roster(connections);
    this.streams = new Streams(connections);
    this.tokens = new Tokens(connections);
    this.observations = new Observations(connections, agents);
    this.indicators = new Indicators(connections, agents, this.observations);
    this.facts = new Facts(connections);
  }

  audit(entry: AuditEntry): Promise<void> {
    return appendAudit(this.#at, entry);
  }

  /** What was asked for before is answered; the lock goes last. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }
  async #close(): Promise<void> {
    const { reader, writer } = this.#at;
    if (reader !== writer) await reader.destroy();
    await writer.destroy();
    this.#lock?.release();
  }
}
