import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Static } from "typebox";
import type { Clock } from "../../shared/clock.ts";
import { Failure } from "../../shared/failure.ts";
import type { Store } from "../store/contract.ts";
import { Cursor, Limit, pageOf, ref, replies, When } from "./schema.ts";
import { parseWhen } from "./when.ts";

const ListQuery = Type.Object(
  {
    agent: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$", description: "Only those of this agent (its id)" })),
    since: Type.Optional(When("Observed at or after this time")),
    until: Type.Optional(When("Observed before this time")),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);
const OneParams = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{64}$", description: "Its id, hex" }) });

export function observationRoutes(scope: FastifyInstance, store: Pick<Store, "observations">, clock: Clock): void {
  scope.get<{ Querystring: Static<typeof ListQuery> }>(
    "/observations",
    {
      schema: {
        operationId: "listObservations",
        tags: ["observations"],
        summary: "What was seen at the traps, newest first",
        querystring: ListQuery,
        response: replies(pageOf(ref("Observation")), "A page of observations"),
      },
    },
    ({ query: { since, until, ...query } }) => {
      const now = clock.now();
      return store.observations.list({
        ...query,
        ...(since !== undefined && { since: parseWhen("since", since, now) }),
        ...(until !== undefined && { until: parseWhen("until", until, now) }),
      });
    },
  );

  scope.get<{ Params: Static<typeof OneParams> }>(
    "/observations/:id",
    {
      schema: {
        operationId: "getObservation",
        tags: ["observations"],
        summary: "One observation, with all that is held of it",
        params: OneParams,
        response: replies(ref("Observation"), "The observation", "No observation has this id"),
      },
    },
    async ({ params: { id } }) => {
      const found = await store.observations.get(id);
      if (!found) throw new Failure("missing", `no observation has the id ${id}`);
      return found;
    },
  );
}
