import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Static } from "typebox";
import type { Clock } from "../../shared/clock.ts";
import { Failure } from "../../shared/failure.ts";
import type { Indicator, Store } from "../store/contract.ts";
import { spelled } from "./indicator-value.ts";
import { Cursor, Kind, Limit, pageOf, ref, replies, When } from "./schema.ts";
import { iso, parseWhen } from "./when.ts";

const ListQuery = Type.Object(
  {
    kind: Type.Optional(Kind),
    since: Type.Optional(When("Seen at or after this time")),
    order: Type.Enum(["count", "lastSeen"], {
      default: "lastSeen",
      description: "Most seen first, or latest seen first",
    }),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);
// The value is a wildcard, because a URL has slashes that a proxy may have decoded; openapi.ts shows it as {value}.
const OneParams = Type.Object({
  kind: Kind,
  "*": Type.String({ minLength: 1, description: "Its value, percent-encoded" }),
});

export function indicatorRoutes(scope: FastifyInstance, store: Pick<Store, "indicators">, clock: Clock): void {
  scope.get<{ Querystring: Static<typeof ListQuery> }>(
    "/indicators",
    {
      schema: {
        operationId: "listIndicators",
        tags: ["indicators"],
        summary: "Addresses, domains, hosts, URLs, … that stand in the observations",
        querystring: ListQuery,
        response: replies(pageOf(ref("Indicator")), "A page of indicators"),
      },
    },
    async ({ query: { since, ...query } }) => {
      const page = await store.indicators.list({
        ...query,
        ...(since !== undefined && { since: parseWhen("since", since, clock.now()) }),
      });
      return { ...page, items: page.items.map(dated) };
    },
  );

  scope.get<{ Params: Static<typeof OneParams> }>(
    "/indicators/:kind/*",
    {
      schema: {
        operationId: "getIndicator",
        tags: ["indicators"],
        summary: "All that is known of one indicator",
        params: OneParams,
        response: replies(ref("IndicatorDetail"), "The indicator", "It was never seen"),
      },
    },
    async ({ params: { kind, "*": typed } }) => {
      const value = spelled(kind, typed);
      const found = await store.indicators.get(kind, value);
      if (!found) throw new Failure("missing", `no observation holds the ${kind} ${JSON.stringify(value)}`);
      return { ...dated(found), agents: found.agents.map(dated) };
    },
  );
}

const dated = <T extends Pick<Indicator, "firstSeen" | "lastSeen">>(item: T) => ({
  ...item,
  firstSeen: iso(item.firstSeen),
  lastSeen: iso(item.lastSeen),
});
