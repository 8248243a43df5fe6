import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
} from "kysely";
import { Failure } from "../../../shared/failure.ts";
import { ThreadConnection } from "./connection.ts";
import type { ThreadSettings } from "./message.ts";

/** Kysely over SQLite in a thread. One connection; who has it, has it alone, and a transaction has it to its end. */
export const sqliteThread = (settings: ThreadSettings): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new ThreadDriver(settings),
  createIntrospector: (database) => new SqliteIntrospector(database),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

export class ThreadDriver implements Driver {
  readonly #settings: ThreadSettings;
  #connection: ThreadConnection | undefined;
  #turn: Promise<void> = Promise.resolve();
  #release: () => void = () => {};
  #closed = false;

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
  }
  async init(): Promise<void> {
    this.#connection = new ThreadConnection(this.#settings);
  }
  async acquireConnection(): Promise<ThreadConnection> {
    await this.#wait();
    if (this.#closed) {
      this.#release();
      throw new Failure("temporary", `${this.#settings.file} is closed: this process is ending`);
    }
    // A thread that died took its connection along; SQLite rolled back what was not committed.
    if (!this.#connection || this.#connection.dead) this.#connection = new ThreadConnection(this.#settings);
    return this.#connection;
  }
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Immediate, because a transaction that turns to writing later can fail with BUSY without waiting.
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A dead connection has nothing to roll back, and its error must not hide the one that led here.
    if ((connection as ThreadConnection).dead) return;
    await connection.executeQuery(CompiledQuery.raw("rollback"));
  }
  async releaseConnection(): Promise<void> {
    this.#release();
  }
  async destroy(): Promise<void> {
    await this.#wait();
    this.#closed = true;
    await this.#connection?.close();
    this.#release();
  }

  /** First come, first served: each waits for the release of the one before. */
  async #wait(): Promise<void> {
    const before = this.#turn;
    let release = (): void => {};
    this.#turn = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
  }
}
