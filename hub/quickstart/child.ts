import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pause } from "../../shared/clock.ts";
import { Failure } from "../../shared/failure.ts";

export interface ChildOptions {
  /** tip-hub or tip-agent. */
  readonly name: string;
  /** The built program and its arguments. */
  readonly script: string;
  readonly args: readonly string[];
  /** Where its log is appended. */
  readonly logFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const keptLines = 10;
const patienceMs = 15_000;

/** One of the two programs as a process of its own. It ends with this one, for its IPC channel closes then. */
export class Child {
  readonly name: string;
  /** Its exit status; 1 when a signal ended it. */
  readonly exited: Promise<number>;
  readonly #process: ChildProcess;
  readonly #log: WriteStream;
  readonly #lines = new EventEmitter();
  readonly #last: string[] = [];
  #running = true;

  constructor({ name, script, args, logFile, env }: ChildOptions) {
    this.name = name;
    this.#log = createWriteStream(logFile, { flags: "a", mode: 0o600 });
    // A group of its own: a terminal's Ctrl-C reaches us alone, and we stop the two in order.
    const stdio = ["ignore", "pipe", "pipe", "ipc"] as const;
    this.#process = spawn(process.execPath, [script, ...args], { detached: true, env, stdio: [...stdio] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) if (stream) this.#follow(stream);
    this.exited = this.#watch();
  }
  get running(): boolean {
    return this.#running;
  }
  /** The last lines that it said, newest last. */
  get lastLines(): readonly string[] {
    return this.#last;
  }
  /** Waits for a log line with this `msg`. Throws Failure when it ends, or is silent for too long. */
  async says(msg: string, withinMs: number): Promise<void> {
    const wanted = (line: string): boolean =>
      line.startsWith("{") && (JSON.parse(line) as { msg?: string }).msg === msg;
    const signal = AbortSignal.timeout(withinMs);
    try {
      while (!this.#last.some(wanted)) {
        if (!this.#running) throw new Failure("temporary", `${this.name} ended`);
        await once(this.#lines, "line", { signal });
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
      throw new Failure("temporary", `${this.name} did not begin within ${withinMs / 1000} s`, { cause });
    }
  }
  /** Asks it to end, and after a while makes it. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#process.kill("SIGTERM");
    const patience = new AbortController();
    await Promise.race([this.exited, pause(patienceMs, patience.signal)]);
    patience.abort();
    if (this.#running) this.#process.kill("SIGKILL");
    await this.exited;
  }
  #follow(stream: Readable): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on("line", (line) => {
      this.#log.write(`${line}\n`);
      this.#last.push(line);
      if (this.#last.length > keptLines) this.#last.shift();
      this.#lines.emit("line");
    });
  }
  async #watch(): Promise<number> {
    const [code] = (await once(this.#process, "close")) as [number | null];
    this.#running = false;
    this.#lines.emit("line");
    await new Promise<void>((resolve) => this.#log.end(resolve));
    return code ?? 1;
  }
}
