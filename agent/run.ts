import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { createServer } from "node:http";
import { systemClock } from "../shared/clock.ts";
import { ExtractPool } from "../shared/extract/pool.ts";
import { errno, Failure, messageOf } from "../shared/failure.ts";
import { openDataDirectory } from "../shared/files.ts";
import { loadIdentity, loadSecret, type Identity } from "../shared/identity.ts";
import { Lifecycle } from "../shared/lifecycle.ts";
import { createLog, type Log } from "../shared/log.ts";
import { Metrics } from "../shared/metrics.ts";
import { release } from "../shared/release.ts";
import { splitAddress } from "../shared/wire/tls.ts";
import type { AgentConfig } from "./config.ts";
import { listenControl } from "./control.ts";
import { openLedger } from "./ledger/open.ts";
import { restartLedger, type Restarted } from "./ledger/restart.ts";
import { markerPath, type Ledger } from "./ledger/ledger.ts";
import { Links } from "./link/links.ts";
import { parseAfter, type After } from "./maildir/after.ts";
import { openMaildir, type Maildir } from "./maildir/folders.ts";
import { Pipeline } from "./pipeline.ts";
import { healthOf, statusOf, type AgentStatus } from "./status.ts";

/** The parts that outlive a restart of the ledger. */
interface Frame {
  readonly config: AgentConfig;
  readonly identity: Identity;
  readonly secret: Buffer;
  readonly maildirs: readonly Maildir[];
  readonly after: After;
  readonly log: Log;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
}

/** How the agent fares is told soon after the start, then each minute. */
const firstHealth = 3000;
const healthEvery = 60_000;

/** The whole agent, until a signal ends it. A `ledger restart` asked of it ends one life and begins the next. */
export async function run(config: AgentConfig): Promise<void> {
  const log = createLog("tip-agent", config.logLevel);
  const lifecycle = new Lifecycle(log);
  const after = parseAfter(config.after);
  if (config.maildirs.length === 0) throw new Failure("usage", "name the maildir to watch: --maildir DIR (repeatable)");
  const maildirs = await Promise.all(config.maildirs.map((path) => openMaildir(path, after)));
  if (config.http !== undefined) splitAddress(config.http, "--http");
  await openDataDirectory(config.data, "agent", true);
  const identity = await loadIdentity(config.data);
  const secret = await loadAgentSecret(config.data);
  const ended = lifecycle.ended();
  try {
    for (;;) {
      const frame = { config, identity, secret, maildirs, after, log, lifecycle, metrics: new Metrics() };
      const restart = await live(frame, ended);
      if (!restart) break;
      await restart();
    }
  } finally {
    await lifecycle.close();
  }
  log.info({}, "stopped");
}

/** One life, from opening the ledger to closing it. Resolves to what is to be done between lives, or undefined to end. */
async function live(frame: Frame, ended: Promise<string>): Promise<(() => Promise<void>) | undefined> {
  const { config, identity, log, metrics } = frame;
  const life = new Lifecycle(log);
  let answerRestart: ((outcome: Restarted | Error) => void) | undefined;
  let askRestart: () => void = () => undefined;
  let control: { close: () => Promise<void> } | undefined;
  const restartAsked = new Promise<"restart">((resolve) => (askRestart = () => resolve("restart")));
  try {
    const ledger = life.own("ledger", await openLedger(config.data, identity, systemClock), (part) => part.close());
    const links = new Links({ directory: config.data, ledger, identity, clock: systemClock, log });
    life.own("links", links, (part) => part.close());
    await links.reload();
    const pipeline = makePipeline(frame, life, ledger, links);
    const status = (): AgentStatus =>
      statusOf({ identity, directory: config.data, ledger, links: links.status, pipeline: pipeline.status });
    if (config.http !== undefined)
      life.own("http", await listenHttp(config.http, metrics, status), (part) => part.close());
    // Kept open over the restart that it may be asked for; closed by whoever ends this life.
    control = await listenControl(config.data, {
      status: async () => status(),
      "ledger/verify": () => ledger.verify(),
      "ledger/restart": () =>
        new Promise<Restarted>((resolve, reject) => {
          answerRestart = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
          askRestart();
        }),
      "hubs/reload": () => links.reload(),
    });
    const tellHealth = (): void =>
      void healthOf(status(), config.data).then(
        (health) => links.health(health),
        (error: unknown) => log.warn({ reason: messageOf(error) }, "could not tell how the agent fares"),
      );
    life.own("first health", setTimeout(tellHealth, firstHealth), clearTimeout);
    life.own("health", setInterval(tellHealth, healthEvery), clearInterval);
    const stopping = new AbortController();
    const running = pipeline.run(stopping.signal);
    life.own("pipeline", stopping, async (part) => {
      part.abort();
      await running;
    });
    log.info(
      { agent: identity.id, version: ledger.head.version, maildirs: config.maildirs, hubs: links.status.length },
      "running",
    );
    if (links.status.length === 0) log.warn({}, "no hub was joined yet: run 'tip-agent join TOKEN'");
    for (const { reason } of ledger.halts) log.error({ reason }, "stream halted: run 'tip-agent ledger restart'");
    const why = await Promise.race([ended, restartAsked, running.then(() => "the pipeline ended")]);
    log.info({ reason: why }, "stopping");
    await life.close();
    if (why !== "restart") return undefined;
    const asked = control;
    control = undefined;
    return async () => {
      const outcome = await restartLedger(config.data, identity, systemClock).catch((error: unknown) =>
        error instanceof Error ? error : new Error(messageOf(error)),
      );
      answerRestart?.(outcome);
      await asked.close();
      if (outcome instanceof Error) throw outcome;
      log.info({ ...outcome }, "ledger restarted");
    };
  } finally {
    await life.close();
    await control?.close();
  }
}

function makePipeline(frame: Frame, life: Lifecycle, ledger: Ledger, links: Links): Pipeline {
  const { config, secret, maildirs, after, log, metrics } = frame;
  const settings = { trusted: [...config.trusted, ...ownAddresses()], traps: [...config.traps], secret };
  const pool = new ExtractPool({ threads: config.threads, settings });
  life.own("readers", pool, (part) => part.close());
  return new Pipeline(
    { maildirs, after },
    { ledger, reader: pool, clock: systemClock, log, metrics, announce: () => links.headMoved() },
  );
}

/** What ids and recipients' HMACs are made with: as old as the ledger, so that a new one would count each mail anew. */
export const loadAgentSecret = (directory: string): Promise<Buffer> =>
  loadSecret(directory, "secret", !existsSync(markerPath(directory)));

/** This machine's own addresses: a hop between them is no sender. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));

/** /healthz and /metrics, where the admin asked for a port. */
async function listenHttp(
  address: string,
  metrics: Metrics,
  status: () => AgentStatus,
): Promise<{ close: () => Promise<void> }> {
  const { host, port } = splitAddress(address);
  const server = createServer((request, reply) => {
    const send = (code: number, type: string, body: string): void => {
      reply.writeHead(code, { "content-type": type }).end(body);
    };
    if (request.url === "/metrics")
      return void metrics.text().then(
        (text) => send(200, metrics.contentType, text),
        (error: unknown) => send(500, "text/plain", messageOf(error)),
      );
    if (request.url !== "/healthz") return send(404, "text/plain", "here are /healthz and /metrics\n");
    const { halted, maildirs } = status();
    const troubled = maildirs.some(({ trouble }) => trouble !== undefined);
    const ok = halted === undefined && !troubled;
    send(ok ? 200 : 503, "application/json", JSON.stringify({ status: ok ? "ok" : "unready", release }));
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const taken = errno(error) === "EADDRINUSE";
      reject(
        new Failure(
          taken ? "temporary" : "config",
          `cannot listen on ${address}: ${taken ? "the port is taken" : error.message}; choose another with --http HOST:PORT`,
          { cause: error },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
