import { statfs } from "node:fs/promises";
import { printable } from "../shared/log.ts";
import type { Identity } from "../shared/identity.ts";
import { release } from "../shared/release.ts";
import type { Health } from "../shared/wire/gen/tip/v1/Health.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { LinkStatus } from "./link/link.ts";
import type { PipelineStatus } from "./pipeline.ts";

export interface AgentStatus extends PipelineStatus {
  readonly running: boolean;
  readonly agent: string;
  readonly release: string;
  readonly data: string;
  readonly incarnation: string;
  /** Newest version in the ledger. */
  readonly head: number;
  readonly floor: number;
  readonly halted?: string;
  readonly hubs: readonly LinkStatus[];
}

export function statusOf(parts: {
  identity: Identity;
  directory: string;
  ledger: Pick<Ledger, "stream" | "head" | "floor" | "halts">;
  links: readonly LinkStatus[];
  pipeline?: PipelineStatus;
}): AgentStatus {
  const { identity, directory, ledger, links, pipeline } = parts;
  return {
    running: pipeline !== undefined,
    agent: identity.id,
    release,
    data: directory,
    incarnation: ledger.stream.incarnation,
    head: ledger.head.version,
    floor: ledger.floor,
    ...(ledger.halts.length > 0 && { halted: ledger.halts.map(({ reason }) => reason).join("; ") }),
    hubs: links,
    ...(pipeline ?? { maildirs: [], backlog: 0, observations: 0, unparsed: 0, defects: 0, redactions: 0, refused: {} }),
  };
}

const refusedOf = (status: PipelineStatus): number => Object.values(status.refused).reduce((sum, n) => sum + n, 0);

/** What a hub is told of how this agent fares. */
export async function healthOf(status: AgentStatus, directory: string): Promise<Health> {
  const { bavail, bsize } = await statfs(directory);
  const { backlog, observations, defects, redactions, lastTrouble: lastError = "" } = status;
  return {
    backlog,
    observations,
    defects,
    redactions,
    refused: refusedOf(status),
    freeBytes: bavail * bsize,
    lastError,
  };
}

/** The status as an admin reads it. */
export function statusText(status: AgentStatus): string {
  const lines: [string, string][] = [
    ["agent", `${status.agent}  (TIP ${status.release}, ${status.running ? "running" : "not running"})`],
    ["ledger", `version ${status.head}, incarnation ${status.incarnation.slice(0, 12)}…, in ${status.data}`],
    ...(status.halted === undefined
      ? []
      : [["HALTED", `${status.halted}; mend: tip-agent ledger restart`] as [string, string]]),
    ...status.maildirs.map(({ path, folders, trouble }): [string, string] => [
      "maildir",
      trouble ? `${path}: ${trouble}` : `${path}, ${folders} folders`,
    ]),
    ...status.hubs.map((hub): [string, string] => ["hub", hubText(hub, status.head)]),
    ...(status.hubs.length === 0 ? [["hub", "none joined; 'tip-agent join TOKEN' joins one"] as [string, string]] : []),
  ];
  if (status.running)
    lines.push(
      [
        "read",
        `${status.observations} mails since the start, ${status.backlog} waiting, ${status.unparsed} envelope only, ${status.defects} with defects`,
      ],
      [
        "refused",
        Object.entries(status.refused)
          .map(([reason, n]) => `${n} ${reason}`)
          .join(", ") || "nothing",
      ],
      ["redacted", `${status.redactions} traces of traps`],
    );
  if (status.lastError !== undefined) lines.push(["last error", status.lastError]);
  return lines.map(([what, text]) => `${what.padEnd(11)}${printable(text)}`).join("\n");
}

function hubText(hub: LinkStatus, head: number): string {
  const behind = head - hub.acknowledged;
  const caughtUp = hub.state !== "attached" ? "" : behind > 0 ? `, ${behind} versions behind` : ", caught up";
  const why = hub.lastError === undefined ? "" : ` (${hub.lastError})`;
  return [`${hub.address} as ${hub.name}: ${hub.state}${caughtUp}${why}`, ...hub.notices].join("; ");
}
