import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenedBatch } from "../../shared/batch/batch.ts";
import type { Store } from "../../hub/store/contract.ts";
import { openStore } from "../../hub/store/store.ts";
import { enrolled, noon, type TestAgent } from "../hub/store/samples.ts";
import { realisticObservation } from "./observations.ts";
import type { BenchRow } from "./row.ts";

const batches = 20;
const perBatch = 1000;

/** The hub's store alone: opened batches to durable rows, then look-ups.  */
export async function bench(): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), "tip-bench-store-"));
  const store = await openStore({ directory, mode: "serve" });
  try {
    const agents = [await enrolled(store, "mx1"), await enrolled(store, "mx2")];
    const opened = await Promise.all(agents.map((agent, at) => seal(agent, at)));
    return [...(await intake(store, opened)), ...(await lookUps(store))];
  } finally {
    await store.close();
    rmSync(directory, { recursive: true });
  }
}

async function seal(agent: TestAgent, stream: number): Promise<OpenedBatch[]> {
  const made: OpenedBatch[] = [];
  for (let version = 0; version < batches; version++) {
    const first = (stream * batches + version) * perBatch;
    made.push(await agent.batch(Array.from({ length: perBatch }, (_, at) => realisticObservation(first + at))));
  }
  return made;
}

/** How long each batch took, with so many given before the first has ended. */
async function applyAll(store: Store, stream: readonly OpenedBatch[], inFlight: number): Promise<number[]> {
  const times: number[] = [];
  const waiting = [...stream];
  const lane = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      const start = performance.now();
      const { outcome } = await store.streams.apply(batch, noon);
      if (outcome !== "applied") throw new Error(`a batch of the bench was not applied: ${outcome}`);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return times.toSorted((a, b) => a - b);
}

async function intake(store: Store, [one = [], two = []]: readonly OpenedBatch[][]): Promise<BenchRow[]> {
  let times: number[] = [];
  const single = await seconds(async () => (times = await applyAll(store, one, 1)));
  const ahead = await seconds(() => applyAll(store, two, 2));
  const rate = (count: number, took: number): number => Math.round((count * perBatch) / took);
  const unit = "observations/s";
  return [
    { what: "store: intake, one batch after the other", value: rate(one.length, single), unit },
    { what: "store: intake, the next batch given ahead", value: rate(two.length, ahead), unit, budget: "≥ 5,000" },
    { what: "store: one batch of 1,000, median", value: Math.round(times[times.length >> 1] ?? 0), unit: "ms" },
  ];
}

async function lookUps(store: Store): Promise<BenchRow[]> {
  const times: number[] = [];
  for (let n = 0; n < 500; n++) {
    const start = performance.now();
    const [kind, value] =
      n % 2 ? (["domain", `shop${n % 97}.example`] as const) : (["email", `offer${n}@shop${n % 97}.example`] as const);
    if (!(await store.indicators.get(kind, value))) throw new Error(`${value} is not in the store`);
    times.push(performance.now() - start);
  }
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
  const list = await seconds(() => store.indicators.list({ order: "count", limit: 100 }));
  return [
    { what: "store: indicator look-up, p99", value: Math.round(p99 * 10) / 10, unit: "ms", budget: "< 20" },
    { what: "store: 100 most frequent indicators", value: Math.round(list * 1e4) / 10, unit: "ms" },
  ];
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}
