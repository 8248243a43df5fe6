import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import Table from "cli-table3";
import { bench as agent } from "./agent.ts";
import { bench as api } from "./api.ts";
import { corpusRoot } from "../support/config.ts";
import { unpackSpam } from "../support/corpus.ts";
import { bench as extract } from "./extract.ts";
import { bench as ledger } from "./ledger.ts";
import type { BenchRow } from "./row.ts";
import { bench as store } from "./store.ts";
import { bench as sync } from "./sync.ts";

/** `npm run bench [-- NAME…] [-- --fast]`: a table on standard output, the same as JSON in var/bench.json. */
const benches = { extract, ledger, store, sync, agent, api };

const words = process.argv.slice(2);
const fast = words.includes("--fast");
const asked = words.filter((word) => !word.startsWith("--"));
const unknown = asked.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  process.stderr.write(`no bench is named ${unknown}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exit(64);
}

const corpus = unpackSpam(corpusRoot);
if ("missing" in corpus)
  process.stdout.write(`Without the real corpus (${corpus.missing}): the project's own mails are read instead.\n`);
const spam = "folder" in corpus ? corpus.folder : undefined;
const rows: BenchRow[] = [];
const setting = {
  node: process.version,
  cores: cpus().length,
  cpu: cpus()[0]?.model,
  fast,
  corpus: spam !== undefined,
  at: new Date().toISOString(),
};
try {
  for (const [name, bench] of Object.entries(benches)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    rows.push(...(await bench({ spam, fast })));
  }
} finally {
  if ("remove" in corpus) corpus.remove();
}

const table = new Table({
  head: ["what", "value", "ratio", "budget", "beside"],
  style: { head: [], border: [] },
  colWidths: [46, 14, 8, 18, 60],
  wordWrap: true,
});
for (const { what, value, unit, ratio, budget, beside } of rows)
  table.push([
    what,
    `${value.toLocaleString("en")} ${unit}`,
    ratio === undefined ? "" : String(ratio),
    budget ?? "",
    beside ?? "",
  ]);
process.stdout.write(
  `${table.toString()}\nNode ${setting.node}, ${setting.cores} cores (${setting.cpu}), ${fast ? "fast" : "whole"} run.\n`,
);
mkdirSync("var", { recursive: true });
writeFileSync("var/bench.json", `${JSON.stringify({ setting, rows }, undefined, 2)}\n`);
