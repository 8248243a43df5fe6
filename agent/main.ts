#!/usr/bin/env node
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Option, type Command } from "commander";
import { systemClock } from "../shared/clock.ts";
import { answer, createProgram, repeated, runProgram, subcommand } from "../shared/cli.ts";
import { openDataDirectory } from "../shared/files.ts";
import { loadIdentity } from "../shared/identity.ts";
import type { Flags } from "../shared/settings.ts";
import { readJoinToken } from "../shared/token.ts";
import { agentDefaults, readAgentConfig, type AgentConfig } from "./config.ts";
import { askAgent } from "./control.ts";
import { extractCommand } from "./extract.ts";
import { openLedger } from "./ledger/open.ts";
import { restartLedger, type Restarted } from "./ledger/restart.ts";
import type { Verification } from "./ledger/verify.ts";
import { readHubs, rememberHub } from "./link/hubs.ts";
import { joinHub } from "./link/join.ts";
import { loadAgentSecret, ownAddresses, run } from "./run.ts";
import { statusOf, statusText, type AgentStatus } from "./status.ts";

type Given = Flags & { json?: boolean };

const program = createProgram(
  "tip-agent",
  "The agent of TIP: reads the spam of a maildir in place, and shares what it tells with the hubs it joined.",
);
const command = (parent: Command, usage: string, text: string): Command =>
  subcommand(parent, usage, text, agentDefaults.data);
const withNetworks = (to: Command): Command =>
  to
    .option(
      "--trusted <CIDR>",
      "a network whose Received headers are believed, beside private ones (repeatable)",
      repeated,
    )
    .option(
      "--trap <ADDRESS|@DOMAIN>",
      "a trap: what names it is redacted from all that leaves (repeatable)",
      repeated,
    );

command(program, "join <token>", "join the hub that a join token names")
  .addOption(new Option("--tlp <TLP>", "the most that this hub is given (default: amber)").choices(["green", "amber"]))
  .action(async (token: string, flags: Given) => {
    const { data, tlp } = readAgentConfig(flags);
    readJoinToken(token);
    await openDataDirectory(data, "agent", true);
    const hub = await joinHub(token, await loadIdentity(data), tlp, systemClock);
    await rememberHub(data, hub);
    await askAgent(data, "hubs/reload");
    answer(
      flags.json,
      hub,
      () => `joined the hub at ${hub.address} as ${hub.name} (${hub.role}), giving it ${hub.tlp.toUpperCase()}`,
    );
  });

withNetworks(command(program, "run", "watch maildirs and share what their spam tells"))
  .option("--maildir <DIR>", "a maildir to watch, with its Maildir++ folders (repeatable)", repeated)
  .option("--after <WHAT>", "what to do with a mail once it is safe: leave, seen or delete=DAYS (default: leave)")
  .option("--http <HOST:PORT>", "open a port for /healthz and /metrics (default: none)")
  .option("--threads <N>", `threads that read mails (default: ${agentDefaults.threads})`)
  .action((flags: Given) => run(readAgentConfig(flags)));

command(program, "status", "tell how the agent fares: maildirs, ledger, hubs").action(async (flags: Given) => {
  const { data } = readAgentConfig(flags);
  const status = ((await askAgent(data, "status")) as AgentStatus | undefined) ?? (await statusAtRest(data));
  answer(flags.json, status, () => statusText(status));
});

withNetworks(
  command(
    program,
    "extract <file...>",
    "print what mails tell, one observation a line, and store nothing; - reads standard input",
  ),
).action(async (files: string[], flags: Given) => {
  const config = readAgentConfig(flags);
  process.exitCode = await extractCommand({
    files,
    trusted: [...config.trusted, ...ownAddresses()],
    traps: [...config.traps],
    secret: await secretAtHand(config),
    stdin: process.stdin,
    out: process.stdout,
  });
});

const ledger = program.command("ledger").description("the versioned memory: verify, restart");

command(ledger, "verify", "read the whole ledger and name what does not hold").action(async (flags: Given) => {
  const { data } = readAgentConfig(flags);
  const found =
    ((await askAgent(data, "ledger/verify")) as Verification | undefined) ??
    (await withLedger(data, (opened) => opened.verify()));
  answer(flags.json, found, () =>
    [
      `${found.versions} versions, ${found.observations} observations, ${found.mails} mails registered: ${found.faults.length === 0 ? "all holds" : "FAULTS"}`,
      ...found.faults,
    ].join("\n"),
  );
  if (found.faults.length > 0) process.exitCode = 1;
});

command(ledger, "restart", "open a new incarnation after a halt or a damage; nothing is counted twice").action(
  async (flags: Given) => {
    const { data } = readAgentConfig(flags);
    const done = ((await askAgent(data, "ledger/restart")) as Restarted | undefined) ?? (await restartAtRest(data));
    answer(flags.json, done, () =>
      [
        `new incarnation ${done.incarnation}: ${done.carried} versions carried over, ${done.lost.length} lost, ${done.forgotten ?? "all"} mails will be read anew`,
        ...(done.setAside === undefined ? [] : [`the damaged database was set aside: ${done.setAside}`]),
        ...done.lost.slice(0, 20).map(({ version, reason }) => `lost version ${version}: ${reason}`),
      ].join("\n"),
    );
  },
);

async function withLedger<T>(
  data: string,
  work: (ledger: Awaited<ReturnType<typeof openLedger>>) => Promise<T>,
): Promise<T> {
  await openDataDirectory(data, "agent", false);
  const opened = await openLedger(data, await loadIdentity(data), systemClock);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

const statusAtRest = (data: string): Promise<AgentStatus> =>
  withLedger(data, async (opened) => {
    const hubs = await Promise.all(
      (await readHubs(data)).map(async ({ id, name, address, joinedAt }) => ({
        hub: id,
        name,
        address,
        state: "closed" as const,
        acknowledged: (await opened.acknowledged(id))?.version ?? 0,
        since: joinedAt,
        notices: [],
      })),
    );
    return statusOf({ identity: await loadIdentity(data), directory: data, ledger: opened, links: hubs });
  });

async function restartAtRest(data: string): Promise<Restarted> {
  await openDataDirectory(data, "agent", false);
  return restartLedger(data, await loadIdentity(data), systemClock);
}

/** The agent's own secret where it has one, so that ids are those of its ledger; else zeros: `extract` keeps nothing. */
async function secretAtHand({ data }: AgentConfig): Promise<Buffer> {
  if (!existsSync(join(data, "tip.json"))) return Buffer.alloc(32);
  await openDataDirectory(data, "agent", false);
  return loadAgentSecret(data);
}

// What is kept names agents and reveals traps: whatever is made is its owner's alone.
process.umask(0o077);
process.exitCode = await runProgram(program, process.argv);
