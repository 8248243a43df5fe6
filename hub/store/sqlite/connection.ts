import { Worker } from "node:worker_threads";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import { Failure, messageOf } from "../../../shared/failure.ts";
import { threadFile } from "../../../shared/thread.ts";
import type { Answer, Request, StatementFault, ThreadSettings } from "./message.ts";

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A database connection that lives in a thread. When the thread dies, whatever waits is rejected and so is every later
 * call: the driver looks at `dead` and opens another. Whether a statement that waited took effect is then unknown.
 */
export class ThreadConnection implements DatabaseConnection {
  readonly #file: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #gone: Promise<void>;
  #last = 0;
  #dead: Error | undefined;

  constructor(settings: ThreadSettings) {
    this.#file = settings.file;
    const { filename, execArgv } = threadFile(import.meta.url, "./thread");
    this.#worker = new Worker(filename, { execArgv, workerData: settings });
    this.#worker.on("message", (answer: Answer) => this.#take(answer.id)?.resolve(answer));
    this.#worker.on("error", (error) => this.#die(messageOf(error)));
    this.#gone = new Promise((resolve) => {
      this.#worker.once("exit", (status) => {
        this.#die(`its thread ended with status ${status}`);
        resolve();
      });
    });
  }

  get dead(): boolean {
    return this.#dead !== undefined;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const answer = await this.#ask(query.sql, query.parameters);
    if (answer.error) throw failureOf(this.#file, answer.error);
    const { rows, changes } = answer;
    return { rows: rows as R[], ...(changes !== undefined && { numAffectedRows: BigInt(changes) }) };
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("the store reads by pages, not by streams");
  }

  /** Ends after what was sent before; the file is closed then. */
  async close(): Promise<void> {
    if (!this.#dead) this.#worker.postMessage("close");
    await this.#gone;
  }

  /** Ends the thread at once, as a fault in it would. Not within a statement: the engine then ends the whole process. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(text: string, parameters: readonly unknown[]): Promise<Answer> {
    if (this.#dead) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      const request: Request = [id, text, parameters];
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #die(reason: string): void {
    this.#dead ??= new Failure("temporary", `the connection to ${this.#file} broke: ${reason}; try again`);
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
  }
}

/** What a person can mend becomes a Failure that says how; the rest stays the engine's error, with its code. */
function failureOf(file: string, { message, code, extended }: StatementFault): Error {
  const cause = Object.assign(new Error(message), { code, extended });
  switch (code) {
    case "SQLITE_BUSY":
      return new Failure("temporary", `${file} is held by another process for over 5 s; try again`, { cause });
    case "SQLITE_FULL":
      return new Failure("temporary", `no space is left for ${file}; free some, nothing acknowledged is lost`, {
        cause,
      });
    case "SQLITE_CORRUPT":
    case "SQLITE_NOTADB":
      return new Failure("damaged", `${file} is damaged (${message}); put back a backup of its directory`, { cause });
    case "SQLITE_CANTOPEN":
    case "SQLITE_READONLY":
    case "SQLITE_PERM":
      return new Failure("config", `${file} cannot be opened for writing (${message}); check who owns it`, { cause });
    default:
      return cause;
  }
}
