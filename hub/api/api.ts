import type { Socket } from "node:net";
import helmet from "@fastify/helmet";
import Fastify, { type FastifyInstance } from "fastify";
import type { Clock } from "../../shared/clock.ts";
import type { Log } from "../../shared/log.ts";
import type { Metrics } from "../../shared/metrics.ts";
import type { Store } from "../store/contract.ts";
import { agentRoutes } from "./agents.ts";
import { requireBearer, type TokenVerifier } from "./bearer.ts";
import { indicatorRoutes } from "./indicators.ts";
import { defaultRateLimit, limitRate, type RateLimit } from "./limits.ts";
import { observationRoutes } from "./observations.ts";
import { describeApi, serveDocs } from "./openapi.ts";
import { servePages } from "./pages.ts";
import { notFound, problemHandler, problemOf, problemType } from "./problem.ts";
import { measureRequests, statusRoutes, type Health } from "./status.ts";
import { trendRoutes } from "./trends.ts";

export interface ApiOptions {
  /** Where vite put the page (dist/hub/web). */
  readonly webRoot: string;
  readonly release: string;
  readonly rateLimit?: RateLimit;
}
export interface ApiDependencies {
  readonly store: Pick<Store, "roster" | "streams" | "observations" | "indicators">;
  readonly tokens: TokenVerifier;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: () => Health;
}

/** The hub's HTTP side: the API under /api/v1, its description, the page, and what watchers ask. Not yet listening. */
export async function createApi(options: ApiOptions, dependencies: ApiDependencies): Promise<FastifyInstance> {
  const { store, tokens, clock, log, metrics } = dependencies;
  const app = server(log);
  measureRequests(app, metrics);
  await app.register(helmet, security);
  const limits = await limitRate(app, options.rateLimit ?? defaultRateLimit);
  await describeApi(app, options.release);

  await app.register(
    async (api) => {
      api.addHook("onSend", async (_request, reply) => void reply.header("cache-control", "no-store"));
      api.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
      await api.register(async (guarded) => {
        requireBearer(guarded, tokens, limits);
        agentRoutes(guarded, store);
        observationRoutes(guarded, store, clock);
        indicatorRoutes(guarded, store, clock);
        trendRoutes(guarded, store, clock);
        guarded.get("/*", { schema: { hide: true } }, notFound);
      });
    },
    { prefix: "/api/v1" },
  );
  statusRoutes(app, options.release, dependencies);
  await serveDocs(app);
  await servePages(app, options.webRoot, log);
  await app.ready();
  return app;
}

function server(log: Log): FastifyInstance {
  const fail = problemHandler(log);
  const app = Fastify({
    logger: false,
    bodyLimit: 16 * 1024,
    // Slow clients: headers and request in 10 s, an idle connection is dropped after 30 s.
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    keepAliveTimeout: 10_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 5000 },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 16 * 1024 },
    // What is not known is refused by name, not quietly dropped.
    ajv: { customOptions: { removeAdditional: false } },
    frameworkErrors: (error, request, reply) => void fail(error, request, reply),
    clientErrorHandler: refuseRaw,
  });
  // The reply schemas describe and do not filter: a serializer made of them drops each field that they forgot.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(fail);
  app.setNotFoundHandler(notFound);
  return app;
}

/** The page loads from here alone, and no text of a mail can become code in it. */
const security = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
      requireTrustedTypesFor: ["'script'"],
      upgradeInsecureRequests: null,
    },
  },
  referrerPolicy: { policy: "no-referrer" as const },
  // Whether this name has HTTPS, and its siblings too, is for whoever runs the proxy in front to say.
  strictTransportSecurity: false,
};

/** What is not even HTTP gets a problem document as well, and the connection's end. */
function refuseRaw(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy(error);
  const [status, detail] =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? ([408, "the request took too long"] as const)
      : error.code === "HPE_HEADER_OVERFLOW"
        ? ([431, "the request's head is too large"] as const)
        : ([400, "this is not HTTP/1.1"] as const);
  const problem = problemOf(status, detail, "*");
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${problem.title}\r\ncontent-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
