import { fileURLToPath } from "node:url";
import { systemClock } from "../shared/clock.ts";
import { openDataDirectory } from "../shared/files.ts";
import { Lifecycle } from "../shared/lifecycle.ts";
import { createLog } from "../shared/log.ts";
import { Metrics } from "../shared/metrics.ts";
import { release } from "../shared/release.ts";
import { verifyBearerToken } from "../shared/token.ts";
import { splitAddress } from "../shared/wire/tls.ts";
import { createApi } from "./api/api.ts";
import { listenApi } from "./api/listen.ts";
import type { TokenVerifier } from "./api/bearer.ts";
import type { HubConfig } from "./config.ts";
import { Intake } from "./intake/intake.ts";
import { loadHubKeys, type HubKeys } from "./keys.ts";
import type { Store } from "./store/contract.ts";
import { openStore } from "./store/store.ts";

/** The built page: beside this file in dist/, and in dist/ when run from source. */
const webRoot = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../dist/hub/web" : "./web", import.meta.url));

/** Facts that `serve` leaves for the commands beside it. */
export const publicAddressFact = "public-address";

/** The whole hub: store, door for agents, API and page; ends on a signal, closing in reverse. */
export async function serve(config: HubConfig): Promise<void> {
  const log = createLog("tip-hub", config.logLevel);
  const lifecycle = new Lifecycle(log);
  const clock = systemClock;
  const metrics = new Metrics();
  try {
    const http = splitAddress(config.http, "--http");
    splitAddress(config.grpc, "--grpc");
    await openDataDirectory(config.data, "hub", true);
    const store = lifecycle.own("store", await openStore({ directory: config.data, mode: "serve" }), (part) =>
      part.close(),
    );
    const neverServed = (await store.facts.get(publicAddressFact)) === undefined;
    const keys = await loadHubKeys(config.data, clock.now(), neverServed);
    const intake = new Intake(
      { address: config.grpc, hub: keys.identity.id, tls: keys.tls },
      { store, clock, log, metrics },
    );
    const grpcPort = await lifecycle.own("intake", intake, (part) => part.close()).listen();
    const app = await createApi(
      { webRoot, release },
      {
        store,
        tokens: tokenVerifier(keys, store),
        clock,
        log,
        metrics,
        health: () => ({ ready: !lifecycle.signal.aborted, parts: { store: "ok", intake: "ok" } }),
      },
    );
    lifecycle.own("api", app, (part) => part.close());
    const bound = await listenApi(app, http);
    const { host } = splitAddress(config.grpc);
    const grpc = joinAddress(host, grpcPort);
    await store.facts.set(publicAddressFact, config.public ?? grpc);
    log.info({ http: joinAddress(bound.host, bound.port), grpc, data: config.data, hub: keys.identity.id }, "serving");
    const reason = await lifecycle.ended();
    log.info({ reason }, "stopping");
  } finally {
    await lifecycle.close();
  }
  log.info({}, "stopped");
}

const joinAddress = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** Signature and time by the token, revocation by the store. */
function tokenVerifier({ identity }: HubKeys, store: Store): TokenVerifier {
  return {
    verify: async (bearer) => {
      const verdict = await verifyBearerToken(bearer, identity.publicKey, identity.id, systemClock);
      if (!verdict.ok) return { refused: verdict.reason };
      const token = await store.tokens.token(verdict.id);
      if (!token) return { refused: "the token is not known here" };
      if (token.revokedAt !== undefined) return { refused: "the token was revoked" };
      return { id: token.id, name: token.name, role: token.role };
    },
  };
}
