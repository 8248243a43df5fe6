import { sql, type Transaction } from "kysely";
import { newestPlaces, type Derived } from "./derive.ts";
import { insertRows, type Engine } from "./engine.ts";
import { placesKept, placeWidth } from "./place.ts";
import type { Database } from "./schema.ts";

/** Adds what a batch told to the derived tables: one statement a table, each key once. */
export async function writeDerived(
  engine: Engine,
  transaction: Transaction<Database>,
  at: { readonly stream: number; readonly version: number },
  { totals, sightings, trends }: Derived,
): Promise<void> {
  const indicators = totals.map(({ key, kind, value, firstSeen, lastSeen, count }) => [
    key,
    kind,
    value,
    firstSeen,
    lastSeen,
    count,
  ]);
  if (indicators.length > 0)
    await sql`${insertRows(engine, "indicator", indicatorColumns, indicators)}
      on conflict (key) do update set ${grow("indicator")}`.execute(transaction);

  const seen = sightings.map((one) => [
    one.indicator,
    at.stream,
    one.section,
    one.day,
    one.count,
    one.firstSeen,
    one.lastSeen,
    at.version,
    newestPlaces(one),
  ]);
  if (seen.length > 0)
    await sql`${insertRows(engine, "sighting", sightingColumns, seen)}
      on conflict (indicator, stream, section, day) do update set ${grow("sighting")}, upto = excluded.upto,
        newest = substr(excluded.newest || sighting.newest, 1, ${sql.lit(placesKept * placeWidth)})
      where sighting.upto < excluded.upto`.execute(transaction);

  const hours = trends.map(({ kind, hour, count }) => [kind, hour, at.stream, count]);
  if (hours.length > 0)
    await sql`${insertRows(engine, "trend", trendColumns, hours)}
      on conflict (kind, hour, stream) do update set count = trend.count + excluded.count`.execute(transaction);
}

/** Count and span of a held row with those of the row that came. */
const grow = (table: "indicator" | "sighting") => {
  const held = (column: string) => sql.ref(`${table}.${column}`);
  return sql`count = ${held("count")} + excluded.count,
    first_seen = case when excluded.first_seen < ${held("first_seen")} then excluded.first_seen else ${held("first_seen")} end,
    last_seen = case when excluded.last_seen > ${held("last_seen")} then excluded.last_seen else ${held("last_seen")} end`;
};

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
