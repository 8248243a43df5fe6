import autocannon from "autocannon";
import type { Store } from "../../hub/store/contract.ts";
import { seedAgent, seedObservations, spam } from "../support/seeded-hub.ts";
import { goodToken, realStore, serveApi } from "../support/served-api.ts";
import type { BenchRow } from "./row.ts";

const observations = 10_000;
const seconds = 3;

/** Look-ups over HTTP, sockets and tokens included, while client and hub share this process. The corpus plays no part. */
export async function bench(): Promise<BenchRow[]> {
  const closers: (() => unknown)[] = [];
  const scope = { after: (close?: unknown) => void closers.unshift(close as () => unknown) };
  try {
    const store = await realStore(scope);
    await fill(store);
    const api = await serveApi(scope, store, { rateLimit: { perCaller: 1_000_000, refusals: 10 } });
    const rows: BenchRow[] = [];
    // What a request costs that asks the store nothing: on a busy machine the others are to be read beside it.
    const empty = await times(api.origin, ["/healthz"]);
    for (const [what, paths] of Object.entries(await questions(store)))
      rows.push(...rowsOf(what, await times(api.origin, paths), empty));
    return rows;
  } finally {
    for (const close of closers) await close();
  }
}

async function fill(store: Store): Promise<void> {
  const now = Date.now();
  const agent = await seedAgent(store, "bench", "Example Org", now);
  const seen = Array.from({ length: observations }, (_, i) => spam(i, now - (observations - i) * 60_000));
  await seedObservations(store, agent, seen, now);
}

async function questions(store: Store): Promise<Record<string, string[]>> {
  const { items } = await store.indicators.list({ order: "lastSeen", limit: 1000 });
  return {
    "indicator look-up": items.map(({ kind, value }) => `/api/v1/indicators/${kind}/${encodeURIComponent(value)}`),
    "newest 50 observations": ["/api/v1/observations?limit=50"],
    "the page's poll": [
      "/api/v1/agents",
      "/api/v1/observations?limit=50",
      "/api/v1/trends?kind=observation&bucket=hour&since=48h",
      "/api/v1/indicators?kind=ip&since=24h&order=count&limit=15",
    ],
  };
}

/** Sorted times of the answers, ms, one asked after the other. */
async function times(url: string, paths: readonly string[]): Promise<number[]> {
  const measured: number[] = [];
  const headers = { authorization: `Bearer ${goodToken}` };
  const requests = paths.map((path) => ({ path }));
  const run = autocannon({ url, connections: 1, duration: seconds, headers, requests });
  run.on("response", (_client: unknown, _status: number, _bytes: number, ms: number) => measured.push(ms));
  const { non2xx, errors } = await run;
  if (non2xx + errors > 0) throw new Error(`${paths[0]}: ${non2xx} refused, ${errors} failed`);
  return measured.toSorted((a, b) => a - b);
}

function rowsOf(what: string, sorted: readonly number[], empty: readonly number[]): BenchRow[] {
  return [0.5, 0.99].map((share) => {
    const [value, beside] = [at(sorted, share), at(empty, share)];
    return {
      what: `API: ${what}, p${share * 100}, ${observations} observations`,
      value,
      unit: "ms",
      beside: `${beside} ms for an empty answer`,
      ratio: Number((value / beside).toFixed(1)),
      ...(share === 0.99 && { budget: "< 20 ms" }),
    };
  });
}

const at = (sorted: readonly number[], share: number): number =>
  Number((sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2));
