import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Static } from "typebox";
import type { Clock } from "../../shared/clock.ts";
import { Failure } from "../../shared/failure.ts";
import { indicatorKinds, type Store } from "../store/contract.ts";
import { Count, replies, time, When } from "./schema.ts";
import { iso, parseWhen } from "./when.ts";

const buckets = { hour: 3_600_000, day: 86_400_000 } as const;
const defaultSince = { hour: "48h", day: "30d" } as const;
/** A plot with more points than this is one that nobody reads. */
const maxBuckets = 10_000;

const TrendQuery = Type.Object(
  {
    kind: Type.Enum(["observation", ...indicatorKinds], {
      default: "observation",
      description: "Observations, or sightings of a kind of indicator",
    }),
    bucket: Type.Enum(["hour", "day"], { default: "hour" }),
    since: Type.Optional(When("Observed at or after this time; without it 48h for hours, 30d for days")),
  },
  { additionalProperties: false },
);
export const TrendPoint = Type.Object(
  { at: time("Begin of the bucket"), count: Count("Seen in it") },
  { $id: "TrendPoint" },
);
const Trend = Type.Object({
  items: Type.Array(Type.Unsafe<unknown>({ $ref: "TrendPoint#" }), { description: "Empty buckets are left out" }),
});

export function trendRoutes(scope: FastifyInstance, store: Pick<Store, "observations">, clock: Clock): void {
  scope.get<{ Querystring: Static<typeof TrendQuery> }>(
    "/trends",
    {
      schema: {
        operationId: "getTrend",
        tags: ["trends"],
        summary: "How much was seen, by hour or day (UTC), oldest first",
        querystring: TrendQuery,
        response: replies(Trend, "The buckets in which something was seen"),
      },
    },
    async ({ query: { kind, bucket, since = defaultSince[bucket] } }) => {
      const now = clock.now();
      const from = parseWhen("since", since, now);
      if ((now - from) / buckets[bucket] > maxBuckets)
        throw new Failure("invalid", `query parameter "since" must be at most ${maxBuckets} ${bucket}s ago`);
      const points = await store.observations.trend({ kind, bucket, since: from });
      return { items: points.map(({ at, count }) => ({ at: iso(at), count })) };
    },
  );
}
