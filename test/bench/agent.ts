import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sampleMails } from "../../hub/quickstart/sample/mails.ts";
import { countingProxy, type CountingProxy } from "../support/counting-proxy.ts";
import { deliver } from "../support/maildir.ts";
import { must, pair, until } from "../support/programs.ts";
import { rounded, type BenchRow, type BenchSetting } from "./row.ts";

/** The whole way with the real programs: mails in a maildir to rows at the hub, what crosses the wire, what the agent holds. */
export async function bench({ spam, fast }: BenchSetting): Promise<BenchRow[]> {
  const closers: (() => unknown)[] = [];
  const scope = { after: (close: () => unknown) => void closers.push(close) };
  try {
    const mails =
      spam === undefined
        ? sampleMails(fast ? 264 : 2000, 1).map(({ raw }) => raw)
        : readdirSync(spam).map((name) => readFileSync(join(spam, name)));
    let proxy: CountingProxy | undefined;
    const running = await pair(scope, { through: async (grpc) => (proxy = await countingProxy(scope, grpc)).address });
    const joining = proxy?.bytes() ?? 0;
    await running.agent.start();
    const idle = memoryOf(running.agent.pid);
    const begun = performance.now();
    for (const [i, raw] of mails.entries()) deliver(running.maildir, `${i}.M1P1.trap.example`, raw);
    await until(running.observations, (count) => count === mails.length, 300);
    const seconds = (performance.now() - begun) / 1000;
    const raw = mails.reduce((sum, mail) => sum + mail.length, 0);
    const wire = (proxy?.bytes() ?? 0) - joining;
    const { rss, peak } = memoryOf(running.agent.pid);
    const setting = `${mails.length} ${spam === undefined ? "written" : "real"} mails, mean ${Math.round(raw / mails.length)} bytes`;
    await must("agent", ["status", "--data", running.agentData]);
    return [
      {
        what: "whole way: mails a second, maildir to hub rows",
        value: Math.round(mails.length / seconds),
        unit: "/s",
        beside: `${setting}, ${rounded(seconds, 1)} s with hub and agent on this machine`,
      },
      {
        what: "wire: bytes a mail, both ways, TLS included",
        value: Math.round(wire / mails.length),
        unit: "B",
        beside: setting,
        ratio: rounded(wire / raw, 3),
        budget: "ratio <= 0.1",
      },
      { what: "agent: RSS at rest, nothing read yet", value: idle.rss, unit: "MB", budget: "<= 120 MB idle" },
      { what: "agent: RSS after reading them", value: rss, unit: "MB", beside: `peak ${peak} MB` },
    ];
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

/** Megabytes now and at most, by the kernel's count. */
function memoryOf(pid: number | undefined): { rss: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return { rss: Math.round(kilobytes("VmRSS") / 1024), peak: Math.round(kilobytes("VmHWM") / 1024) };
}
