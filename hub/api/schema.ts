import Type from "typebox";
import type { TSchema } from "typebox";
import { Observation } from "../../shared/observation.ts";
import { indicatorKinds } from "../store/contract.ts";

/** The parts that several routes share. They describe the replies; they do not filter them (see api.ts). */
export const time = (description: string) => Type.String({ format: "date-time", description });
export const Count = (description: string) => Type.Integer({ minimum: 0, description });
export const Kind = Type.Enum([...indicatorKinds], { description: "Kind of indicator" });

export const Limit = Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: "Items a page" });
export const Cursor = Type.String({ minLength: 1, maxLength: 4096, description: "`next` of the page before" });
export const When = (description: string) =>
  Type.String({
    minLength: 1,
    maxLength: 40,
    description: `${description}: ISO 8601 (UTC), or a span before now such as 24h or 7d`,
    examples: ["24h"],
  });

const next = Type.Optional(Type.String({ description: "Cursor of the next page; absent on the last" }));
export const pageOf = (item: TSchema) => Type.Object({ items: Type.Array(item), next });
export const ref = (id: string) => Type.Unsafe<unknown>({ $ref: `${id}#` });

export const HeldObservation = Type.Object(
  {
    ...Observation.properties,
    agent: Type.String({ description: "Id of the agent that saw it" }),
    learnedAt: time("When the hub learned it"),
  },
  {
    $id: "Observation",
    description: "One spam seen at a trap. Fields of the AMBER section are absent where the agent gives GREEN alone.",
  },
);

const Indicator = Type.Object({
  kind: Kind,
  value: Type.String(),
  firstSeen: time("Of the observations in which it stands"),
  lastSeen: time("Of the observations in which it stands"),
  count: Count("Observations in which it stands"),
});
export const IndicatorItem = Type.Object(Indicator.properties, { $id: "Indicator" });
export const IndicatorDetail = Type.Object(
  {
    ...Indicator.properties,
    agents: Type.Array(
      Type.Object({
        agent: Type.String({ description: "Agent id" }),
        count: Count("Observations of this agent"),
        firstSeen: time("By this agent"),
        lastSeen: time("By this agent"),
      }),
    ),
    days: Type.Array(
      Type.Object({ day: Type.String({ format: "date", description: "UTC" }), count: Count("Sightings") }),
      { description: "Days with sightings, oldest first" },
    ),
    observations: Type.Array(ref("Observation"), { description: "The newest, at most 20" }),
  },
  { $id: "IndicatorDetail" },
);

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: { $ref: "Problem#" } } },
});
const problems = {
  400: problem("A parameter is not what is expected; the detail says which"),
  401: problem("The bearer token is missing or refused; the detail says why"),
  429: problem("Too many requests; Retry-After says how long to wait"),
  500: problem("The hub failed; its log says more"),
};

/** The replies of a guarded route: what it answers, and the problems that it shares with all others. */
export const replies = (ok: TSchema, description: string, missing?: string) => ({
  200: { description, content: { "application/json": { schema: ok } } },
  ...problems,
  ...(missing && { 404: problem(missing) }),
});

/** A schema for the world: how it is written in a leaf is dropped, and each field's TLP stands under `x-tlp`. */
export function published(schema: TSchema): TSchema {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).filter(([key, inner]) => !(key === "as" && typeof inner === "string"));
    return Object.fromEntries(
      entries.map(([key, inner]) => [key === "tlp" && typeof inner === "string" ? "x-tlp" : key, walk(inner)]),
    );
  };
  return walk(schema) as TSchema;
}
