import { Piscina } from "piscina";
import { Failure, messageOf } from "../failure.ts";
import { threadFile } from "../thread.ts";
import { Rules, type ExtractSettings } from "./rules.ts";
import { Watch } from "./watch.ts";
import type { FileResult, MailFile, Task } from "./worker.ts";

export type { FileResult, MailFile } from "./worker.ts";

export interface ExtractPoolOptions {
  readonly threads: number;
  readonly settings: ExtractSettings;
  readonly limits?: Partial<ExtractLimits>;
  /** Told of what befell a thread after its task had been given up; nothing is to be done about it. */
  readonly onFault?: (error: unknown) => void;
}

export interface ExtractLimits {
  /** What one mail may take, by the wall clock, in milliseconds. */
  readonly ms: number;
  /** The same for its envelope alone, when it hung or killed its thread. */
  readonly lastMs: number;
  /** A thread's JavaScript heap, in MiB; buffers are not counted. */
  readonly heapMiB: number;
  /** Files in one task. */
  readonly files: number;
  /** How often a mail that hung or killed its thread is tried alone before it is given up. */
  readonly retries: number;
  /** A thread without work ends after this many milliseconds. */
  readonly idleMs: number;
}

const standard: ExtractLimits = { ms: 5000, lastMs: 5000, heapMiB: 256, files: 50, retries: 2, idleMs: 10_000 };

/** What stopped a task: a mail that took too long, or one at which the thread died. */
interface Casualty {
  /** Index in the task; undefined when the thread died before it read anything. */
  readonly index: number | undefined;
  readonly defect: "parser-timeout" | "parser-crashed";
  readonly cause: unknown;
}

/**
 * Threads that read mails. A mail that hangs its thread, or kills it, costs the thread and is read alone from then on;
 * when it does so again it becomes an observation of its envelope. The others are never kept waiting for longer.
 */
export class ExtractPool {
  readonly #pool: Piscina<Task, FileResult[]>;
  readonly #limits: ExtractLimits;
  /** Tasks that may start now. The pool never has more than threads: a deadline would run in its queue too. */
  #free: number;
  #closed = false;
  readonly #waiting: (() => void)[] = [];

  /** Throws a Failure "config" for settings that do not hold. */
  constructor({ threads, settings, limits, onFault }: ExtractPoolOptions) {
    void new Rules(settings);
    this.#limits = { ...standard, ...limits };
    this.#free = threads;
    this.#pool = new Piscina({
      ...threadFile(import.meta.url, "./worker"),
      name: "readMails",
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: this.#limits.idleMs,
      workerData: { trusted: settings.trusted, traps: settings.traps, secret: settings.secret },
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapMiB },
    });
    // A thread that was stopped may run out of memory before it ends. Nobody waits for it, and unheard it would end us.
    this.#pool.on("error", (error: unknown) => onFault?.(error));
  }

  /**
   * One result a file, in the order given; a mail that cannot be read at all is refused, with the reason.
   * Rejects with the signal's reason when aborted, when the pool is closed, and with a Failure "temporary" when no
   * thread can be started: that is the machine's fault, and to refuse the mails for it would lose them.
   */
  async read(files: readonly MailFile[], signal?: AbortSignal): Promise<FileResult[]> {
    const size = this.#limits.files;
    const tasks: Promise<FileResult[]>[] = [];
    for (let at = 0; at < files.length; at += size) tasks.push(this.#readAll(files.slice(at, at + size), signal));
    const settled = await Promise.allSettled(tasks);
    const failed = settled.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    return settled.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  }

  /** Ends the threads, whatever they do. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#pool.destroy();
  }

  /** Reads them together; around a casualty, what was before it, it alone, and what comes after. */
  async #readAll(files: readonly MailFile[], signal: AbortSignal | undefined): Promise<FileResult[]> {
    if (files.length === 0) return [];
    const outcome = await this.#run({ files }, signal);
    if (Array.isArray(outcome)) return outcome;
    if (outcome.index === undefined && files.length > 1) return this.#halves(files, signal);
    const index = outcome.index ?? 0;
    const before = await this.#readAll(files.slice(0, index), signal);
    const alone = await this.#readAlone(files[index]!, outcome, signal);
    return [...before, alone, ...(await this.#readAll(files.slice(index + 1), signal))];
  }

  async #halves(files: readonly MailFile[], signal: AbortSignal | undefined): Promise<FileResult[]> {
    const middle = files.length >> 1;
    return [
      ...(await this.#readAll(files.slice(0, middle), signal)),
      ...(await this.#readAll(files.slice(middle), signal)),
    ];
  }

  async #readAlone(file: MailFile, first: Casualty, signal: AbortSignal | undefined): Promise<FileResult> {
    let casualty = first;
    for (let left = this.#limits.retries; left > 0; left--) {
      const outcome = await this.#run({ files: [file] }, signal);
      if (Array.isArray(outcome)) return outcome[0]!;
      casualty = outcome;
    }
    const outcome = await this.#run({ files: [file], defect: casualty.defect }, signal);
    if (Array.isArray(outcome)) return outcome[0]!;
    if (outcome.index === undefined) throw noThread(outcome.cause);
    return { kind: "refused", reason: "cannot be read in time" };
  }

  /** Runs one task under a watch; what stopped it is returned, an abort by the caller is thrown. */
  async #run(task: Omit<Task, "progress">, signal: AbortSignal | undefined): Promise<FileResult[] | Casualty> {
    await this.#turn();
    try {
      signal?.throwIfAborted();
      const progress = new SharedArrayBuffer(4);
      const at = new Int32Array(progress).fill(-1);
      const watch = new Watch(at, task.defect === undefined ? this.#limits.ms : this.#limits.lastMs);
      try {
        const both = signal ? AbortSignal.any([signal, watch.signal]) : watch.signal;
        return await this.#pool.run({ ...task, progress }, { signal: both });
      } catch (cause) {
        signal?.throwIfAborted();
        if (this.#closed) throw cause;
        const index = Atomics.load(at, 0);
        const defect = watch.signal.aborted ? "parser-timeout" : "parser-crashed";
        return { index: index < 0 ? undefined : index, defect, cause };
      } finally {
        watch.stop();
      }
    } finally {
      this.#free++;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free--;
  }
}

const noThread = (cause: unknown): Failure =>
  new Failure("temporary", `no thread can be started to read mails: ${messageOf(cause)}; the machine may lack memory`, {
    cause,
  });
