import { sql, type Transaction } from "kysely";
import { insertRows, type Engine } from "./engine.ts";
import { placesKept, placeWidth } from "./place.ts";
import type { Plan } from "./plan.ts";
import type { Database } from "./schema.ts";

/** Writes a plan: one statement a table, each key once. The columns stand in the order of the plan's rows. */
export async function writePlan(engine: Engine, transaction: Transaction<Database>, plan: Plan): Promise<void> {
  if (plan.observations.count > 0)
    await insertRows(engine, "observation", observationColumns, plan.observations).execute(transaction);
  if (plan.indicators.count > 0)
    await sql`${insertRows(engine, "indicator", indicatorColumns, plan.indicators)}
      on conflict (key) do update set ${grow("indicator")}`.execute(transaction);
  if (plan.sightings.count > 0)
    await sql`${insertRows(engine, "sighting", sightingColumns, plan.sightings)}
      on conflict (indicator, stream, section, day) do update set ${grow("sighting")}, upto = excluded.upto,
        newest = substr(excluded.newest || sighting.newest, 1, ${sql.lit(placesKept * placeWidth)})
      where sighting.upto < excluded.upto`.execute(transaction);
  if (plan.trends.count > 0)
    await sql`${insertRows(engine, "trend", trendColumns, plan.trends)}
      on conflict (kind, hour, stream) do update set count = trend.count + excluded.count`.execute(transaction);
}

/** Count and span of a held row with those of the row that came. */
const grow = (table: "indicator" | "sighting") => {
  const held = (column: string) => sql.ref(`${table}.${column}`);
  return sql`count = ${held("count")} + excluded.count,
    first_seen = case when excluded.first_seen < ${held("first_seen")} then excluded.first_seen else ${held("first_seen")} end,
    last_seen = case when excluded.last_seen > ${held("last_seen")} then excluded.last_seen else ${held("last_seen")} end`;
};

const observationColumns = {
  stream: "bigint",
  version: "bigint",
  position: "bigint",
  author: "bigint",
  id: "text",
  observed_at: "bigint",
  learned_at: "bigint",
  green: "text",
  amber: "text",
} as const;
const indicatorColumns = {
  key: "text",
  kind: "text",
  value: "text",
  first_seen: "bigint",
  last_seen: "bigint",
  count: "bigint",
} as const;
const sightingColumns = {
  indicator: "text",
  stream: "bigint",
  section: "text",
  day: "bigint",
  count: "bigint",
  first_seen: "bigint",
  last_seen: "bigint",
  upto: "bigint",
  newest: "text",
} as const;
const trendColumns = { kind: "text", hour: "bigint", stream: "bigint", count: "bigint" } as const;
