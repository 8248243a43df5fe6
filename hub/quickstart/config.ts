import { join } from "node:path";
import { Failure } from "../../shared/failure.ts";
import { Settings, type Flags } from "../../shared/settings.ts";

export interface QuickstartConfig {
  /** Holds hub/, agent/, maildir/ and the logs. */
  readonly data: string;
  /** The maildirs to read; the first is where mail may be dropped. */
  readonly maildirs: readonly string[];
  /** Whether the maildir is our own, to be filled with sample spam when it does not exist yet. */
  readonly sample: boolean;
  /** What the agent is told of its traps, so that their names stay home. */
  readonly traps: readonly string[];
  /** HOST:PORT of the page and the API, and of the agents' door. */
  readonly http: string;
  readonly grpc: string;
  /** What the two programs inherit: without the variables that were meant for us, for --http is another thing to each. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The domain for which the sample's mails were received; TIP_TRAP names others beside it. */
const sampleTraps = "@trap.example";

/** Flags > TIP_* environment > defaults. Throws Failure `usage` or `config`. */
export function readConfig(flags: Flags): QuickstartConfig {
  // TIP_CONFIG names a file for tip-hub or for tip-agent; here there are both.
  const { TIP_CONFIG: _, ...own } = process.env;
  const settings = new Settings(flags, own, []);
  const meantForUs = new Set(["TIP_DATA", "TIP_MAILDIR", "TIP_TRAP", "TIP_HTTP", "TIP_GRPC"]);
  const environment = Object.fromEntries(Object.entries(own).filter(([name]) => !meantForUs.has(name)));
  const data = settings.text("data") ?? "var";
  const given = settings.list("maildir");
  return {
    data,
    maildirs: given.length > 0 ? given : [join(data, "maildir")],
    sample: given.length === 0,
    traps: given.length > 0 ? settings.list("trap") : [sampleTraps, ...settings.list("trap")],
    http: address("http", settings.text("http") ?? "127.0.0.1:8470"),
    grpc: address("grpc", settings.text("grpc") ?? "127.0.0.1:8471"),
    environment,
  };
}

function address(name: string, text: string): string {
  const port = Number(/^(?:\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):([0-9]{1,5})$/.exec(text)?.[1]);
  if (port >= 1 && port <= 65_535) return text;
  throw new Failure(
    "usage",
    `--${name} takes HOST:PORT with a port of 1 to 65535, as in 127.0.0.1:8470, not '${text}'`,
  );
}
