import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "node:test";
import { makeMaildir, temporary } from "./maildir.ts";

/** The built programs, as real processes: `npm test` builds before it begins. The benches are built beside them. */
const built = new URL(import.meta.url.endsWith(".ts") ? "../../dist/" : "../../", import.meta.url);
const programOf = (name: "hub" | "agent"): string => fileURLToPath(new URL(`${name}/main.js`, built));

export interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end. Only PATH of the environment reaches it, and what `environment` gives. */
export async function command(
  name: "hub" | "agent",
  args: readonly string[],
  options: { input?: string | Buffer; environment?: Record<string, string>; cwd?: string } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [programOf(name), ...args], {
    env: { PATH: process.env["PATH"], ...options.environment },
    cwd: options.cwd,
    stdio: "pipe",
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  child.stdin.end(options.input);
  const [status] = (await once(child, "close")) as [number | null];
  return { status, out, err };
}

/** A command that must succeed; its standard output. */
export async function must(name: "hub" | "agent", args: readonly string[]): Promise<string> {
  const { status, out, err } = await command(name, args);
  if (status !== 0) throw new Error(`tip-${name} ${args.join(" ")}: ${status}\n${err}`);
  return out.trim();
}

/** A process that runs until it is ended, and can be begun anew. */
export class Running {
  readonly #name: "hub" | "agent";
  readonly #args: readonly string[];
  readonly #ready: string;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  /** All that it logged, over all its lives. */
  log = "";

  constructor(name: "hub" | "agent", args: readonly string[], ready: string) {
    this.#name = name;
    this.#args = args;
    this.#ready = ready;
  }
  get pid(): number | undefined {
    return this.#child?.pid;
  }
  /** Starts it and waits for the log line that says that it is ready. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [programOf(this.#name), ...this.#args], {
      env: { PATH: process.env["PATH"] },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    this.#ended = once(child, "close");
    const ready = new Promise<void>((resolve, reject) => {
      let seen = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        this.log += text;
        seen += text;
        if (seen.includes(`"msg":"${this.#ready}"`)) resolve();
      });
      child.once("close", (status) => reject(new Error(`tip-${this.#name} ended with ${status}: ${seen}`)));
    });
    await ready;
  }
  /** Starts it without waiting: it may be killed at any moment. */
  begin(): void {
    this.start().catch(() => undefined);
  }
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await this.#ended;
    return child.exitCode;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

export interface Pair {
  readonly hub: Running;
  readonly agent: Running;
  readonly maildir: string;
  readonly hubData: string;
  readonly agentData: string;
  readonly http: string;
  readonly grpc: string;
  /** GET of the API, as JSON. */
  readonly api: <T>(path: string) => Promise<T>;
  /** Observations at the hub; undefined while it does not answer. */
  readonly observations: () => Promise<number | undefined>;
}

export interface AgentItem {
  id: string;
  name: string;
  observations: number;
  lastSeen?: string;
  revokedAt?: string;
  streams: { incarnation: string; version: number; head: number; lag: number; halted?: { reason: string } }[];
}

/** A hub that serves and an agent that joined it and watches an empty maildir; neither is started yet but the hub. */
export async function pair(
  t: Pick<TestContext, "after">,
  options: { agentArgs?: string[]; through?: (grpc: string) => Promise<string> } = {},
): Promise<Pair> {
  const directory = temporary(t, "tip-system-");
  const [hubData, agentData] = [join(directory, "hub"), join(directory, "agent")];
  const maildir = makeMaildir(join(directory, "maildir"));
  const http = `127.0.0.1:${await freePort()}`;
  const grpc = `127.0.0.1:${await freePort()}`;
  const hub = new Running("hub", ["serve", "--data", hubData, "--http", http, "--grpc", grpc], "serving");
  await hub.start();
  const agentArgs = ["run", "--data", agentData, "--maildir", maildir, ...(options.agentArgs ?? [])];
  const agent = new Running("agent", agentArgs, "running");
  t.after(async () => {
    await agent.end("SIGKILL");
    await hub.end("SIGKILL");
  });
  const reached = options.through ? await options.through(grpc) : grpc;
  await must("agent", [
    "join",
    await must("hub", ["invite", "mx", "--data", hubData, "--public", reached]),
    "--data",
    agentData,
  ]);
  const token = await must("hub", ["token", "create", "test", "--data", hubData]);
  const api = async <T>(path: string): Promise<T> => {
    const reply = await fetch(`http://${http}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as T;
  };
  const observations = async (): Promise<number | undefined> => {
    try {
      const { items } = await api<{ items: AgentItem[] }>("agents");
      return items.reduce((sum, item) => sum + item.observations, 0);
    } catch {
      return undefined;
    }
  };
  return { hub, agent, maildir, hubData, agentData, http, grpc, api, observations };
}

/** Asks until the answer is what is waited for; fails with the last answer when it does not come in time. */
export async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean, seconds = 30): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (performance.now() > deadline) throw new Error(`did not come in ${seconds} s; last: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
