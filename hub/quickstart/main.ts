#!/usr/bin/env node
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { createProgram, repeated, runProgram } from "../../shared/cli.ts";
import { Lifecycle } from "../../shared/lifecycle.ts";
import { createLog } from "../../shared/log.ts";
import { readConfig } from "./config.ts";
import { endOf, quickstart } from "./quickstart.ts";

/** `npm start`: a hub and an agent on this machine, with something to see. Nothing outside is contacted. */
const program = createProgram(
  "npm start",
  "A hub and an agent on this machine, joined; with sample spam to begin with.",
)
  .option("--maildir <DIR>", "a maildir to read; may be repeated (default: DATA/maildir, with sample spam)", repeated)
  .option("--data <DIR>", "directory for all that is kept (default: var)")
  .option("--http <HOST:PORT>", "address of the page and the API (default: 127.0.0.1:8470)")
  .option("--grpc <HOST:PORT>", "address for agents (default: 127.0.0.1:8471)")
  .action(async (flags: Record<string, unknown>) => {
    const lifecycle = new Lifecycle(createLog("npm-start", "warn"));
    const root = dirname(createRequire(import.meta.url).resolve("tip/package.json"));
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    const ended = lifecycle.ended();
    try {
      const first = await Promise.race([ended, quickstart(readConfig(flags), { root, lifecycle, say })]);
      if (typeof first !== "string") throw endOf(first, await first.exited);
      say("Stopping …");
    } finally {
      await lifecycle.close();
    }
  });

process.exit(await runProgram(program, process.argv));
