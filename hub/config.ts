import { splitAddress } from "../shared/wire/tls.ts";
import { Settings, type Flags } from "../shared/settings.ts";

/** What `tip-hub` can be told; the one place that reads the environment. */
const known = ["data", "http", "grpc", "public", "log-level", "operator"] as const;

export interface HubConfig {
  /** Data directory. */
  readonly data: string;
  /** HOST:PORT of the API and page, and of the agents' door. */
  readonly http: string;
  readonly grpc: string;
  /** HOST:PORT under which agents reach the door from outside; undefined: as `grpc` says. */
  readonly public: string | undefined;
  /** The organisation of whom `invite` invites. */
  readonly operator: string | undefined;
  readonly logLevel: string;
}

export const hubDefaults = { data: "var/hub", http: "127.0.0.1:8470", grpc: "127.0.0.1:8471" } as const;

/** Refused where it was named, not where an agent would stumble over it. */
function checkedAddress(address: string | undefined): string | undefined {
  if (address !== undefined) splitAddress(address, "--public");
  return address;
}

export function readHubConfig(flags: Flags): HubConfig {
  const settings = new Settings(flags, process.env, known);
  return {
    data: settings.text("data") ?? hubDefaults.data,
    http: settings.text("http") ?? hubDefaults.http,
    grpc: settings.text("grpc") ?? hubDefaults.grpc,
    public: checkedAddress(settings.text("public")),
    operator: settings.text("operator"),
    logLevel: settings.choice("log-level", ["debug", "info", "warn", "error"], "info"),
  };
}
