import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { deliver, makeMaildir, temporary } from "../support/maildir.ts";
import { command, freePort, must, pair, Running, until } from "../support/programs.ts";

/** Fails with one line on standard error that matches, and this exit status. */
async function fails(
  name: "hub" | "agent",
  args: string[],
  status: number,
  line: RegExp,
  environment?: Record<string, string>,
) {
  const outcome = await command(name, args, environment ? { environment } : {});
  assert.equal(outcome.status, status, `tip-${name} ${args.join(" ")}: ${outcome.err}`);
  assert.match(outcome.err, line);
  assert.equal(outcome.out, "");
}

test("wrong words end with 64, and say what is right", async (t) => {
  const maildir = makeMaildir(join(temporary(t), "maildir"));
  const data = join(temporary(t), "agent");
  const run = ["run", "--data", data, "--maildir", maildir];
  await Promise.all([
    fails("agent", ["nonsense"], 64, /unknown command/),
    fails("agent", ["run", "--data", data], 64, /--maildir/),
    fails("agent", [...run, "--after", "delete"], 64, /delete=14/),
    fails("agent", [...run, "--after", "burn"], 64, /leave, seen or delete/),
    fails("agent", [...run, "--threads", "0"], 64, /1 to 64/),
    fails("agent", ["join", "hello", "--data", data], 64, /no join token/),
    fails("hub", ["invite"], 64, /missing required argument/),
    fails("hub", ["token", "create", "x", "--days", "0", "--data", data], 64, /1 to 3650/),
    fails("hub", ["serve", "--http", "nowhere", "--data", join(data, "hub")], 64, /HOST:PORT/),
  ]);
});

test("what is wrong with the surroundings ends with 78 or 75, in one line that says how to mend it", async (t) => {
  const directory = temporary(t);
  const data = join(directory, "agent");
  const empty = join(directory, "empty");
  mkdirSync(empty);
  await Promise.all([
    fails("agent", ["run", "--data", data, "--maildir", join(directory, "none")], 78, /does not exist.*mend/),
    fails("agent", ["run", "--data", data, "--maildir", empty], 78, /no maildir/),
    fails("agent", ["status", "--data", data], 78, /no agent in/),
    fails("hub", ["agents", "--data", join(directory, "hub")], 78, /no hub in/),
    fails("hub", ["agents", "--config", join(directory, "none.toml")], 78, /does not exist/),
    fails("hub", ["agents"], 78, /no TOML/, { TIP_CONFIG: writeTo(directory, "bad.toml", "x = ") }),
  ]);
  const newer = join(directory, "newer");
  mkdirSync(newer);
  writeTo(newer, "tip.json", '{"role":"agent","layout":9,"release":"9.0.0"}');
  await fails("agent", ["status", "--data", newer], 78, /layout 9.*release/);
  await fails("hub", ["serve", "--data", newer], 78, /TIP agent, not of a hub/);
});

function writeTo(directory: string, name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

test(
  "a maildir that cannot be written to ends with 78, unless mails are left as they are",
  { skip: process.getuid?.() === 0 ? "root may write anywhere" : false },
  async (t) => {
    const directory = temporary(t);
    const maildir = makeMaildir(join(directory, "maildir"));
    chmodSync(join(maildir, "new"), 0o500);
    await fails(
      "agent",
      ["run", "--data", join(directory, "agent"), "--maildir", maildir, "--after", "seen"],
      78,
      /may not change.*--after leave/,
    );
  },
);

test("a taken port and a data directory in use end with 75", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => taken.close());
  const address = `127.0.0.1:${(taken.address() as { port: number }).port}`;
  const running = await pair(t);
  await running.agent.start();
  const data = join(temporary(t), "hub");
  const free = `127.0.0.1:${await freePort()}`;
  await fails("hub", ["serve", "--data", data, "--grpc", address, "--http", free], 75, /taken.*--grpc/);
  await fails("hub", ["serve", "--data", data, "--grpc", free, "--http", address], 75, /taken.*--http/);
  await fails("hub", ["serve", "--data", running.hubData, "--grpc", free, "--http", free], 75, /in use/);
  await fails("agent", ["run", "--data", running.agentData, "--maildir", running.maildir], 75, /another process/);
  const other = ["run", "--data", join(temporary(t), "other"), "--maildir", running.maildir, "--http"];
  await fails("agent", [...other, address], 75, /taken/);
  await fails("agent", [...other, "nowhere"], 64, /--http.*HOST:PORT/);
  assert.equal(await running.agent.end(), 0);
  assert.equal(await running.hub.end("SIGINT"), 0);
});

test("invite and token print the token alone; JSON is asked for by --json; a used invite ends with 77", async (t) => {
  const running = await pair(t);
  const token = await must("hub", ["invite", "second", "--operator", "Example Org", "--data", running.hubData]);
  assert.match(token, /^tip-join-1\.\S+$/);
  const joined = JSON.parse(await must("agent", ["join", token, "--json", "--data", join(temporary(t), "a")])) as {
    name: string;
  };
  assert.equal(joined.name, "second");
  await fails("agent", ["join", token, "--data", join(temporary(t), "b")], 77, /used by another/);
  const agents = JSON.parse(await must("hub", ["agents", "--json", "--data", running.hubData])) as {
    name: string;
    operator: string;
  }[];
  assert.deepEqual(agents.map(({ name, operator }) => `${name}/${operator}`).toSorted(), [
    "mx/mx",
    "second/Example Org",
  ]);
  const environment = { TIP_TLP: "green", TIP_OPERATOR: "From Variable" };
  const invited = await command("hub", ["invite", "third", "--data", running.hubData], { environment });
  const third = ["join", invited.out.trim(), "--json", "--data", join(temporary(t), "c")];
  const green = JSON.parse((await command("agent", third, { environment })).out) as { tlp: string };
  assert.equal(green.tlp, "green", "a variable is as good as a flag");
  assert.match(await must("hub", ["agents", "--data", running.hubData]), /From Variable/);
  assert.match(await must("hub", ["token", "create", "ann", "--days", "1", "--data", running.hubData]), /^ey\S+$/);
  const { id } = JSON.parse(await must("hub", ["token", "create", "bob", "--json", "--data", running.hubData])) as {
    id: string;
  };
  await must("hub", ["token", "revoke", id, "--data", running.hubData]);
  assert.match(await must("hub", ["token", "list", "--data", running.hubData]), /bob.*revoked/);
});

test("extract prints in the order given, reads standard input, stores nothing, and goes on past what cannot be read", async (t) => {
  const directory = temporary(t);
  const mail = (subject: string) =>
    `Return-Path: <a@example.org>\nSubject: ${subject}\nFrom: a@example.org\n\nhttp://example.com/${subject}\n`;
  const files = ["three", "one", "two"].map((name) => writeTo(directory, name, mail(name)));
  symlinkSync(files[0]!, join(directory, "link"));
  execFileSync("mkfifo", [join(directory, "fifo")]);
  const args = ["extract", files[0]!, join(directory, "none"), "-", join(directory, "fifo"), files[1]!, files[2]!];
  const { status, out, err } = await command("agent", [...args, "--data", join(directory, "agent")], {
    input: mail("stdin"),
  });
  assert.equal(status, 1);
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { file: string; subject: string });
  assert.deepEqual(
    lines.map(({ subject }) => subject),
    ["three", "stdin", "one", "two"],
  );
  assert.deepEqual(
    lines.map(({ file }) => file),
    [files[0], "-", files[1], files[2]],
  );
  assert.match(err, /none/);
  assert.match(err, /fifo/);
  await fails("agent", ["status", "--data", join(directory, "agent")], 78, /no agent in/);
});

test("empty files, files that are no mails, huge ones: one observation each; links and FIFOs are refused and counted", async (t) => {
  const running = await pair(t);
  const { maildir, agentData } = running;
  await running.agent.start();
  deliver(maildir, "1.empty", "");
  deliver(maildir, "2.binary", Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)));
  deliver(maildir, "3.headers", `${"X-Header: x\r\n".repeat(1_000_000)}\r\nbody\r\n`);
  deliver(
    maildir,
    "4.large",
    Buffer.concat([Buffer.from("Subject: large\r\nFrom: a@example.org\r\n\r\n"), Buffer.alloc(50 << 20, "spam ")]),
  );
  symlinkSync("/etc/passwd", join(maildir, "new", "5.link"));
  execFileSync("mkfifo", [join(maildir, "new", "6.fifo")]);
  deliver(maildir, "8.last", "Subject: last\r\nFrom: a@example.org\r\n\r\nbody\r\n");
  await until(running.observations, (count) => count === 5, 60);
  const { items } = await running.api<{ items: { subject?: string; defects?: string[]; size: number }[] }>(
    "observations",
  );
  assert.equal(items.filter(({ defects }) => (defects?.length ?? 0) > 0).length >= 4, true);
  assert.ok(items.some(({ subject }) => subject === "last"));
  assert.ok(items.some(({ size }) => size > 50 << 20));
  const status = JSON.parse(await must("agent", ["status", "--json", "--data", agentData])) as {
    refused: Record<string, number>;
  };
  assert.equal(
    Object.values(status.refused).reduce((sum, n) => sum + n, 0),
    2,
    JSON.stringify(status.refused),
  );
});

test("an agent's --http opens /healthz and /metrics; a running agent takes up a hub that is joined beside it", async (t) => {
  const directory = temporary(t);
  const http = `127.0.0.1:${await freePort()}`;
  const maildir = makeMaildir(join(directory, "maildir"));
  const data = join(directory, "agent");
  const agent = new Running("agent", ["run", "--data", data, "--maildir", maildir, "--http", http], "running");
  t.after(() => agent.end("SIGKILL"));
  await agent.start();
  assert.equal((await fetch(`http://${http}/healthz`)).status, 200);
  assert.match(await (await fetch(`http://${http}/metrics`)).text(), /tip_agent_ledger_head 0/);
  const hub = await pair(t);
  await must("agent", ["join", await must("hub", ["invite", "late", "--data", hub.hubData]), "--data", data]);
  deliver(maildir, "1.first", "Subject: one\n\nbody\n");
  await until(hub.observations, (count) => count === 1);
});
