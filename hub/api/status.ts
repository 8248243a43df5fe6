import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Metrics } from "../../shared/metrics.ts";

/** How the hub fares: each part is "ok", or a few words of what is wrong with it. */
export interface Health {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, string>>;
}

const HealthReply = Type.Object({
  status: Type.Enum(["ok", "unready"]),
  release: Type.String(),
  parts: Type.Record(Type.String(), Type.String()),
});

/** For machines that watch the hub; without a token, so nothing of anyone's mail is in it. */
export function statusRoutes(
  app: FastifyInstance,
  release: string,
  { metrics, health }: { metrics: Metrics; health: () => Health },
): void {
  const description = "How each part fares";
  app.get(
    "/healthz",
    {
      schema: {
        operationId: "getHealth",
        tags: ["service"],
        summary: "Whether the hub is ready",
        security: [],
        response: {
          200: { description, content: { "application/json": { schema: HealthReply } } },
          503: { description, content: { "application/json": { schema: HealthReply } } },
        },
      },
    },
    (_request, reply) => {
      const { ready, parts } = health();
      return reply.code(ready ? 200 : 503).send({ status: ready ? "ok" : "unready", release, parts });
    },
  );

  app.get(
    "/metrics",
    {
      schema: {
        operationId: "getMetrics",
        tags: ["service"],
        summary: "Metrics in the Prometheus text format",
        security: [],
        response: { 200: { description: "Metrics", content: { "text/plain": { schema: Type.String() } } } },
      },
      serializerCompiler: () => String,
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}

/** Counts and times every request, by route (never by path: paths hold what was searched for). */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const requests = metrics.counter("tip_hub_http_requests_total", "Requests answered", ["route", "status"]);
  const seconds = metrics.histogram(
    "tip_hub_http_request_seconds",
    "Time to answer a request",
    [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
  );
  app.addHook("onResponse", async (request, reply) => {
    requests.inc({ route: request.routeOptions.url ?? "none", status: String(reply.statusCode) });
    seconds.observe(reply.elapsedTime / 1000);
  });
}
