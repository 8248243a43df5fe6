import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenedBatch } from "../../shared/batch/batch.ts";
import type { Observation } from "../../shared/observation.ts";
import type { Store } from "../../hub/store/contract.ts";
import { openStore } from "../../hub/store/store.ts";
import { enrolled, hexOf, noon, type TestAgent } from "../hub/store/samples.ts";

export interface BenchRow {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly beside?: string;
  readonly ratio?: number;
  readonly budget?: string;
}

const batches = 20;
const perBatch = 1000;

/** The hub's store alone: opened batches to durable rows, then look-ups. The corpus plays no part in it. */
export async function bench(_corpusDir: string | undefined): Promise<BenchRow[]> {
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
    made.push(await agent.batch(Array.from({ length: perBatch }, (_, at) => realistic(first + at))));
  }
  return made;
}

/** About eight indicators: some that nobody else names (ip, URLs, sender), some that a campaign shares. */
function realistic(n: number): Observation {
  const campaign = n % 97;
  const host = `www${n % 7}.shop${campaign}.example`;
  const at = new Date(noon - 86_400_000 + n * 1000).toISOString();
  return {
    id: hexOf(`observation ${n}`),
    receivedAt: at,
    observedAt: at,
    size: 8000 + (n % 5000),
    trapKind: "pristine",
    source: {
      ip: `${20 + (n % 60)}.${(n >> 8) % 250}.${n % 250}.9`,
      helo: `mail${n}.example.net`,
      hop: 1,
      protocol: "ESMTP",
    },
    envelope: {
      sender: `bounce-${n}@example.net`,
      senderDomain: "example.net",
      recipients: [hexOf("rcpt", 16)],
      recipientCount: 1,
    },
    from: `"Offers ${campaign}" <offer${n}@shop${campaign}.example>`,
    subject: `Your parcel ${n} waits for you, last reminder`,
    messageId: `<${hexOf(`id ${n}`, 16)}@shop${campaign}.example>`,
    charset: "utf-8",
    domains: [`shop${campaign}.example`],
    urls: [
      {
        url: `http://${host}/track/${n}/${hexOf(`${n}`, 8)}`,
        host,
        domain: `shop${campaign}.example`,
        place: "html-href",
      },
      { url: `http://${host}/unsubscribe?u=${n}`, host, domain: `shop${campaign}.example`, place: "html-href" },
    ],
    emails: [`offer${n}@shop${campaign}.example`],
    campaign: {
      body: hexOf(`body ${campaign}`, 16),
      subject: hexOf(`subject ${campaign}`, 16),
      simhash: hexOf(`${n}`, 8),
    },
  };
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
