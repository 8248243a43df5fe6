import { messageOf } from "./failure.ts";
import type { Log } from "./log.ts";

/** Whether a process with a channel started this one: asked at load, for it may be gone by the time that it matters. */
const startedOverChannel = process.channel !== undefined;

/** What was opened is closed in reverse, each once, whatever fails; `signal` tells all parts that the end has come. */
export class Lifecycle {
  readonly #closers: { name: string; close: () => unknown }[] = [];
  readonly #abort = new AbortController();
  readonly #log: Log;
  #closing: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }
  get signal(): AbortSignal {
    return this.#abort.signal;
  }
  /** Registers how to close what was just opened, and hands it back. */
  own<T>(name: string, part: T, close: (part: T) => unknown): T {
    this.#closers.push({ name, close: () => close(part) });
    return part;
  }
  close(): Promise<void> {
    this.#closing ??= this.#run();
    return this.#closing;
  }
  async #run(): Promise<void> {
    this.#abort.abort();
    for (const { name, close } of this.#closers.toReversed()) {
      try {
        await close();
      } catch (error) {
        this.#log.error({ part: name, reason: messageOf(error) }, "could not close");
      }
    }
  }
  /** Resolves at SIGINT, SIGTERM, or when the process that started this one is gone (its IPC channel closed). */
  ended(): Promise<string> {
    return new Promise((resolve) => {
      let first = 0;
      const stop = (reason: string) => (): void => {
        const now = performance.now();
        // A terminal's Ctrl-C reaches the whole group, and a parent may pass it on: that is one wish, not two.
        if (first && now - first > 1000) process.exit(1);
        first ||= now;
        resolve(reason);
      };
      process.on("SIGINT", stop("SIGINT"));
      process.on("SIGTERM", stop("SIGTERM"));
      const orphaned = stop("the starting process is gone");
      if (startedOverChannel && !process.connected) orphaned();
      else process.on("disconnect", orphaned);
      // The listener would keep a process alive that has nothing else left to do.
      process.channel?.unref();
    });
  }
}
