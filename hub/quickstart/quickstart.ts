import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pause } from "../../shared/clock.ts";
import { Failure } from "../../shared/failure.ts";
import type { Lifecycle } from "../../shared/lifecycle.ts";
import { printable } from "../../shared/log.ts";
import { buildIfNeeded } from "./build.ts";
import { Child } from "./child.ts";
import { codeOf, reasonIn, run } from "./command.ts";
import type { QuickstartConfig } from "./config.ts";
import { isPaired, notePair } from "./pair.ts";
import { writeSampleMaildir } from "./sample/maildir.ts";

export interface Surroundings {
  /** The checkout. */
  readonly root: string;
  readonly lifecycle: Lifecycle;
  /** A line for the person at the terminal. */
  readonly say: (line: string) => void;
}

const readyMs = 60_000;

/**
 * Starts hub and agent as two processes, joined to each other, and tells where the page is.
 * Resolves to the first of them that ended by itself; the lifecycle stops the others, the agent first.
 */
export async function quickstart(config: QuickstartConfig, { root, lifecycle, say }: Surroundings): Promise<Child> {
  await buildIfNeeded(root, () => say("Building (once; a few seconds) …"));
  const scripts = { hub: join(root, "dist/hub/main.js"), agent: join(root, "dist/agent/main.js") };
  const data = { hub: join(config.data, "hub"), agent: join(config.data, "agent") };
  const env = config.environment;
  await mkdir(config.data, { recursive: true });
  if (config.sample) await sample(config, say);
  const start = (name: "hub" | "agent", args: readonly string[]): Child => {
    const logFile = join(config.data, `${name}.log`);
    const child = new Child({ name: `tip-${name}`, script: scripts[name], args, logFile, env });
    return lifecycle.own(name, child, () => child.stop());
  };
  const hub = start("hub", ["serve", "--data", data.hub, "--http", config.http, "--grpc", config.grpc]);
  await begun(hub, async () => {
    await hub.says("serving", readyMs);
    await healthy(localUrl(config.http), lifecycle.signal);
  });
  if (!(await isPaired(data.hub, data.agent, config.grpc))) {
    const token = await run(scripts.hub, ["invite", "local", "--data", data.hub], env);
    await run(scripts.agent, ["join", token, "--data", data.agent], env);
    await notePair(data.hub, data.agent, config.grpc);
    say("The agent 'local' has joined the hub.");
  }
  const maildirs = config.maildirs.flatMap((path) => ["--maildir", path]);
  const traps = config.traps.flatMap((trap) => ["--trap", trap]);
  const agent = start("agent", ["run", "--data", data.agent, ...maildirs, ...traps]);
  const token = await run(scripts.hub, ["token", "create", "quickstart", "--days", "30", "--data", data.hub], env);
  if (agent.running) for (const line of greeting(config, token)) say(line);
  return await Promise.race([hub, agent].map(async (child) => child.exited.then(() => child)));
}

async function sample({ maildirs: [maildir = ""] }: QuickstartConfig, say: (line: string) => void): Promise<void> {
  const count = await writeSampleMaildir(maildir, Date.now());
  if (count > 0) say(`Wrote ${count} sample spams into ${maildir}.`);
}

/** Waits for a child's beginning; when it ended instead, what it said is what went wrong. */
async function begun(child: Child, wait: () => Promise<void>): Promise<void> {
  try {
    await wait();
  } catch (error) {
    if (!child.running) throw endOf(child, await child.exited);
    throw error;
  }
}

/** What a child that ended by itself has to say, with the code of its status. */
export function endOf(child: Child, status: number): Failure {
  const reason = reasonIn(child.lastLines);
  if (reason !== undefined && status !== 1) return new Failure(codeOf(status), printable(reason));
  const last = child.lastLines.map((line) => `  ${printable(line)}`).join("\n");
  return new Failure(codeOf(status), `${child.name} ended by itself with status ${status}; its last words:\n${last}`);
}

/** An address to reach a listener by: one that listens everywhere is reached by loopback. */
function localUrl(address: string): string {
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at);
  const reached = host === "0.0.0.0" ? "127.0.0.1" : host === "[::]" ? "[::1]" : host;
  return `http://${reached}${address.slice(at)}`;
}

async function healthy(url: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + readyMs;
  while (!signal.aborted) {
    try {
      if ((await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5000) })).ok) return;
    } catch (error) {
      if (performance.now() > deadline)
        throw new Failure("temporary", `the hub at ${url} does not answer`, { cause: error });
    }
    await pause(100, signal);
  }
}

function greeting({ http, data, maildirs }: QuickstartConfig, token: string): string[] {
  return [
    "",
    `  Open   ${localUrl(http)}/#token=${token}`,
    "",
    "  Token for the API (30 days, Authorization: Bearer …):",
    token,
    "",
    `  Mail   drop it into ${join(maildirs[0] ?? "", "new")}`,
    `  Logs   ${join(data, "hub.log")}, ${join(data, "agent.log")}`,
    "",
    "Ctrl-C stops both.",
  ];
}
