import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../agent/ledger/database.ts";
import type { Reading } from "../../agent/ledger/ledger.ts";
import { openLedger } from "../../agent/ledger/open.ts";
import { entryOf } from "../../shared/batch/entry.ts";
import { systemClock } from "../../shared/clock.ts";
import { loadIdentity } from "../../shared/identity.ts";
import { realisticObservation } from "./observations.ts";
import { median, rounded, type BenchRow, type BenchSetting } from "./row.ts";

const perBatch = 1000;

export const readingsOf = (first: number, count: number): Reading[] =>
  Array.from({ length: count }, (_, i) => {
    const entry = entryOf(realisticObservation(first + i));
    return {
      entry,
      mail: { folder: "/trap", baseName: `${first + i}.M1P1.trap.example`, size: 8000, mtimeMs: 1, parsed: true },
    };
  });

/** Appending to the ledger: signed, checked by the hub's decoder, synced, marked; beside a bare synced write of as many bytes. */
export async function bench({ fast }: BenchSetting): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), "tip-bench-ledger-"));
  try {
    const rounds = fast ? 6 : 20;
    const ledger = await openLedger(directory, await loadIdentity(directory), systemClock);
    const bare = await openDatabase(join(directory, "bare"), true);
    const taken: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const readings = readingsOf(round * perBatch, perBatch);
      taken.push(await timed(() => ledger.commit(readings)));
      const value = Buffer.concat(readings.map(({ entry }) => Buffer.concat([entry.green.bytes, entry.amber.bytes])));
      beside.push(await timed(() => bare.write([{ type: "put", key: String(round), value }], { sync: true })));
    }
    await ledger.close();
    await bare.close();
    const ms = median(taken);
    return [
      {
        what: "ledger: observations appended a second, batches of 1,000",
        value: Math.round((perBatch / ms) * 1000),
        unit: "/s",
        beside: `${rounded(median(beside), 1)} ms for one bare synced write of the same bytes, ${rounded(ms, 1)} ms for a commit`,
        ratio: rounded(ms / median(beside)),
      },
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
