#!/usr/bin/env node
import { Option, type Command } from "commander";
import { answer, createProgram, runProgram, subcommand, wholeNumber } from "../shared/cli.ts";
import { Failure } from "../shared/failure.ts";
import type { Flags } from "../shared/settings.ts";
import {
  createToken,
  invite,
  listAgents,
  listTokens,
  revoke,
  revokeToken,
  rosterJson,
  rosterTable,
  tokenJson,
  tokenTable,
} from "./admin.ts";
import { hubDefaults, readHubConfig } from "./config.ts";
import { serve } from "./serve.ts";
import type { BearerToken, Role } from "./store/contract.ts";

type Given = Flags & { json?: boolean };

const program = createProgram(
  "tip-hub",
  "The hub of TIP: pulls from agents what their spamtraps saw, and answers analysts.",
);
const command = (parent: Command, usage: string, text: string): Command =>
  subcommand(parent, usage, text, hubDefaults.data);

command(program, "serve", "run the hub: the door for agents (gRPC), the API and the page (HTTP)")
  .option("--http <HOST:PORT>", `API and page (default: ${hubDefaults.http})`)
  .option("--grpc <HOST:PORT>", `the door for agents (default: ${hubDefaults.grpc})`)
  .option("--public <HOST:PORT>", "the door's address as agents elsewhere reach it, for join tokens")
  .action((flags: Given) => serve(readHubConfig(flags)));

command(program, "invite <name>", "print a join token for one agent, good for 24 hours")
  .option("--operator <OP>", "the organisation that runs it (default: its name)")
  .addOption(new Option("--role <ROLE>", "what it may do").choices(["agent", "partner"]).default("agent"))
  .option("--public <HOST:PORT>", "the door's address to put into the token")
  .action(async (name: string, flags: Given & { role: Role }) => {
    const { warning, ...invited } = await invite(readHubConfig(flags), name, flags.role);
    if (warning !== undefined) process.stderr.write(`tip-hub: ${warning}\n`);
    answer(flags.json, { ...invited, ...(warning !== undefined && { warning }) }, () => invited.token);
  });

command(program, "agents", "list the agents that joined, and how far each is caught up").action(
  async (flags: Given) => {
    const rows = await listAgents(readHubConfig(flags));
    answer(flags.json, rosterJson(rows), () => rosterTable(rows));
  },
);

command(program, "revoke <agent>", "shut an agent out, by name or id; its open streams end within 5 seconds").action(
  async (agent: string, flags: Given) => {
    const { id, name } = await revoke(readHubConfig(flags), agent);
    answer(flags.json, { id, name, revoked: true }, () => `revoked ${name} (${id})`);
  },
);

const token = program.command("token").description("bearer tokens for the API: create, list, revoke");

command(token, "create <name>", "print a new bearer token")
  .addOption(new Option("--role <ROLE>", "what it may do").choices(["analyst", "admin"]).default("analyst"))
  .option("--days <N>", "how long it lives, 1 to 3650 (default: 90)", wholeNumber)
  .action(async (name: string, flags: Given & { role: BearerToken["role"]; days?: number }) => {
    const days = flags.days ?? 90;
    if (days < 1 || days > 3650) throw new Failure("usage", "--days must be from 1 to 3650");
    const made = await createToken(readHubConfig(flags), name, flags.role, days);
    answer(flags.json, made, () => made.token);
  });

command(token, "list", "list the tokens, not their secrets").action(async (flags: Given) => {
  const tokens = await listTokens(readHubConfig(flags));
  answer(flags.json, tokenJson(tokens), () => tokenTable(tokens));
});

command(token, "revoke <id>", "make a token worthless at once").action(async (id: string, flags: Given) => {
  await revokeToken(readHubConfig(flags), id);
  answer(flags.json, { id, revoked: true }, () => `revoked ${id}`);
});

// What is kept names agents and reveals traps: whatever is made is its owner's alone.
process.umask(0o077);
process.exitCode = await runProgram(program, process.argv);
