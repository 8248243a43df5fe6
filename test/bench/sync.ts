import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { openLedger } from "../../agent/ledger/open.ts";
import { readHubs } from "../../agent/link/hubs.ts";
import { Link } from "../../agent/link/link.ts";
import { systemClock } from "../../shared/clock.ts";
import { loadIdentity } from "../../shared/identity.ts";
import { freePort, must, Running, until } from "../support/programs.ts";
import { readingsOf } from "./ledger.ts";
import { rounded, type BenchRow, type BenchSetting } from "./row.ts";

/** From a ledger that is full to rows that the hub has committed: the agent's link here, the hub a process of its own. */
export async function bench({ fast }: BenchSetting): Promise<BenchRow[]> {
  const batches = fast ? 10 : 40;
  const directory = mkdtempSync(join(tmpdir(), "tip-bench-sync-"));
  const [hubData, agentData] = [join(directory, "hub"), join(directory, "agent")];
  const grpc = `127.0.0.1:${await freePort()}`;
  const http = `127.0.0.1:${await freePort()}`;
  const hub = new Running("hub", ["serve", "--data", hubData, "--grpc", grpc, "--http", http], "serving");
  try {
    await hub.start();
    await must("agent", ["join", await must("hub", ["invite", "bench", "--data", hubData]), "--data", agentData]);
    const identity = await loadIdentity(agentData);
    const ledger = await openLedger(agentData, identity, systemClock);
    for (let i = 0; i < batches; i++) await ledger.commit(readingsOf(i * 1000, 1000));
    const [joined] = await readHubs(agentData);
    if (!joined) throw new Error("the bench's agent did not join");
    const begun = performance.now();
    const link = new Link(joined, { ledger, identity, clock: systemClock, log: pino({ level: "silent" }) });
    await until(
      async () => link.status.acknowledged,
      (version) => version === batches,
      300,
    );
    const seconds = (performance.now() - begun) / 1000;
    await link.close();
    await ledger.close();
    return [
      {
        what: "sync: observations a second, ledger to committed hub rows",
        value: Math.round((batches * 1000) / seconds),
        unit: "/s",
        beside: `${batches},000 observations in ${rounded(seconds, 1)} s, TLS, two processes`,
        budget: ">= 5,000/s durable at the hub",
      },
    ];
  } finally {
    await hub.end("SIGKILL");
    rmSync(directory, { recursive: true });
  }
}
