import type { Tlp } from "../shared/observation.ts";
import { Settings, type Flags } from "../shared/settings.ts";

/** What `tip-agent` can be told; the one place that reads the environment. */
const known = ["data", "maildir", "after", "trusted", "trap", "http", "threads", "log-level", "tlp"] as const;

export interface AgentConfig {
  /** Data directory. */
  readonly data: string;
  readonly maildirs: readonly string[];
  /** leave, seen or delete=DAYS. */
  readonly after: string;
  /** CIDRs of the networks whose Received headers are believed, beside the private ones and this machine's own. */
  readonly trusted: readonly string[];
  /** The traps: an address, or @DOMAIN for all of it. */
  readonly traps: readonly string[];
  /** HOST:PORT of /healthz and /metrics; undefined: no port is opened. */
  readonly http: string | undefined;
  /** The most that a hub is given by `join`. */
  readonly tlp: Tlp;
  /** Worker threads that read mails. */
  readonly threads: number;
  readonly logLevel: string;
}

export const agentDefaults = { data: "var/agent", after: "leave", threads: 2 } as const;

export function readAgentConfig(flags: Flags): AgentConfig {
  const settings = new Settings(flags, process.env, known);
  return {
    data: settings.text("data") ?? agentDefaults.data,
    maildirs: settings.list("maildir"),
    after: settings.text("after") ?? agentDefaults.after,
    trusted: settings.list("trusted"),
    traps: settings.list("trap"),
    http: settings.text("http"),
    tlp: settings.choice("tlp", ["green", "amber"], "amber"),
    threads: settings.whole("threads", agentDefaults.threads, 1, 64),
    logLevel: settings.choice("log-level", ["debug", "info", "warn", "error"], "info"),
  };
}
