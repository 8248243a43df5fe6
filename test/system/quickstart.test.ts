import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { deliver, temporary } from "../support/maildir.ts";

const main = join(import.meta.dirname, "../../hub/quickstart/main.ts");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** `npm start` as a process; `until` waits for what it prints. */
class Start {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<number | null>;
  out = "";
  err = "";

  constructor(t: Pick<TestContext, "after">, args: readonly string[]) {
    this.process = spawn(process.execPath, ["--import", "tsx", main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.process.stdout.setEncoding("utf8").on("data", (text: string) => (this.out += text));
    this.process.stderr.setEncoding("utf8").on("data", (text: string) => (this.err += text));
    this.ended = once(this.process, "close").then(([code]) => code as number | null);
    t.after(async () => {
      this.process.kill("SIGTERM");
      await this.ended;
    });
  }
  async until(text: RegExp): Promise<string> {
    const signal = AbortSignal.timeout(90_000);
    for (;;) {
      const found = text.exec(this.out);
      if (found) return found[0];
      if (this.process.exitCode !== null) assert.fail(`it ended: ${this.out}${this.err}`);
      await once(this.process.stdout, "data", { signal });
    }
  }
}

/** The API's answer, asked again until it is as wanted. */
async function ask<T>(url: string, token: string, wanted: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = (await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json()) as T;
    if (wanted(answer)) return answer;
    assert.ok(Date.now() < deadline, JSON.stringify(answer));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Agents {
  items: { name: string; observations: number }[];
}

test("npm start shows sample spam at the hub, takes what is dropped, refuses a second start, and stops cleanly", async (t) => {
  const data = join(temporary(t), "var");
  const [http, grpc] = [await freePort(), await freePort()];
  const args = ["--data", data, "--http", `127.0.0.1:${http}`, "--grpc", `127.0.0.1:${grpc}`];
  const first = new Start(t, args);
  await first.until(/Ctrl-C stops both/);
  const token = await first.until(/^eyJ[\w.-]+$/m);
  assert.ok(first.out.includes(`http://127.0.0.1:${http}/#token=${token}`), first.out);

  const agents = `http://127.0.0.1:${http}/api/v1/agents`;
  await ask<Agents>(agents, token, ({ items }) => items[0]?.observations === 264);
  deliver(join(data, "maildir"), "1800000000.M1P1.mx.trap.example");
  await ask<Agents>(agents, token, ({ items }) => items[0]?.observations === 265);
  assert.equal((await fetch(`http://127.0.0.1:${http}/`)).status, 200);

  const second = new Start(t, ["--data", `${data}2`, "--http", `127.0.0.1:${http}`, "--grpc", `127.0.0.1:${grpc}`]);
  assert.equal(await second.ended, 75);
  assert.match(second.err, /^npm start: .*127\.0\.0\.1:\d+.*\n$/);
  const third = new Start(t, [
    ...args.slice(0, 2),
    "--http",
    `127.0.0.1:${await freePort()}`,
    "--grpc",
    `127.0.0.1:${await freePort()}`,
  ]);
  assert.equal(await third.ended, 75);
  assert.match(third.err, /^npm start: .*\n$/);

  const begun = performance.now();
  first.process.kill("SIGINT");
  assert.equal(await first.ended, 0, first.err);
  assert.ok(performance.now() - begun < 10_000, "nobody had to be killed");
  for (const name of ["hub", "agent"])
    assert.match(readFileSync(join(data, `${name}.log`), "utf8"), /"msg":"stopped"\}\n$/);

  // Again with what is there: nothing is joined, written or counted twice.
  const again = new Start(t, args);
  await again.until(/Ctrl-C stops both/);
  assert.doesNotMatch(again.out, /joined|Wrote/);
  const { items } = await ask<Agents>(agents, await again.until(/^eyJ[\w.-]+$/m), () => true);
  assert.deepEqual([items.length, items[0]?.observations], [1, 265]);
  again.process.kill("SIGTERM");
  assert.equal(await again.ended, 0, again.err);
});

/** The process that npm start began for one of the programs. */
function childOf(start: Start, program: "hub" | "agent"): number {
  const { stdout } = spawnSync("ps", ["-o", "pid=,args=", "--ppid", String(start.process.pid)], { encoding: "utf8" });
  const line = stdout.split("\n").find((each) => each.includes(`dist/${program}/main.js`));
  assert.ok(line, stdout);
  return Number.parseInt(line, 10);
}

const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`);

test("when one program dies the other is stopped and its last words are shown; when npm start dies both end", async (t) => {
  const data = join(temporary(t), "var");
  const args = ["--data", data, "--http", `127.0.0.1:${await freePort()}`, "--grpc", `127.0.0.1:${await freePort()}`];
  const first = new Start(t, args);
  await first.until(/Ctrl-C stops both/);
  const hub = childOf(first, "hub");
  process.kill(childOf(first, "agent"), "SIGKILL");
  assert.equal(await first.ended, 1);
  assert.match(first.err, /^npm start: tip-agent ended by itself with status 1; its last words:/);
  assert.equal(isRunning(hub), false);

  const second = new Start(t, args);
  await second.until(/Ctrl-C stops both/);
  const both = [childOf(second, "hub"), childOf(second, "agent")];
  second.process.kill("SIGKILL");
  await second.ended;
  const deadline = Date.now() + 20_000;
  while (both.some(isRunning) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(both.filter(isRunning), []);
});

test("a maildir that does not exist ends npm start with the agent's line and status, and leaves nothing running", async (t) => {
  const root = temporary(t);
  const [http, grpc] = [await freePort(), await freePort()];
  const addresses = ["--http", `127.0.0.1:${http}`, "--grpc", `127.0.0.1:${grpc}`];
  const start = new Start(t, ["--data", join(root, "var"), "--maildir", join(root, "nowhere"), ...addresses]);
  assert.equal(await start.ended, 78);
  assert.match(start.err, /^npm start: .*nowhere does not exist; make it, or mend --maildir\n$/);
  assert.equal(existsSync(join(root, "var/maildir")), false, "the sample is for our own maildir only");
  await assert.rejects(fetch(`http://127.0.0.1:${http}/healthz`));
});

test("a command line that is wrong exits 64 before anything is begun", async (t) => {
  const data = join(temporary(t), "var");
  for (const wrong of [["--http", "8470"], ["--grpc", "127.0.0.1:0"], ["--nothing"]])
    assert.equal(await new Start(t, ["--data", data, ...wrong]).ended, 64, wrong.join(" "));
  assert.equal(existsSync(data), false);
});
