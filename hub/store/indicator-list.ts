import { sql, type Selectable } from "kysely";
import type { IndicatorKind, IndicatorReader } from "./contract.ts";
import { readCursor } from "./cursor.ts";
import type { Connections } from "./engine.ts";
import type { Database } from "./schema.ts";

/**
 * Indicators of one kind in the order asked for, by keyset. Most indicators were seen once; these stand in no index by
 * count, so a list by count first walks those seen more often (indicator_often), then the rest by when they were last
 * seen (indicator_recent), as one order: count, last seen, key, all falling.
 */
export type ListQuery = Parameters<IndicatorReader["list"]>[0];
type IndicatorRow = Selectable<Database["indicator"]>;

export interface ListPosition {
  readonly count: number;
  readonly lastSeen: number;
  readonly key: string;
}

export function readPosition(cursor: string, order: ListQuery["order"]): ListPosition {
  if (order === "lastSeen") {
    const [lastSeen, key] = readCursor(cursor, ["number", "string"]) as [number, string];
    return { count: 0, lastSeen, key };
  }
  const [count, lastSeen, key] = readCursor(cursor, ["number", "number", "string"]) as [number, number, string];
  return { count, lastSeen, key };
}

export const positionOf = (order: ListQuery["order"], row: IndicatorRow): (string | number)[] =>
  order === "count" ? [row.count, row.last_seen, row.key] : [row.last_seen, row.key];

export const compareIndicators =
  (order: ListQuery["order"]) =>
  (a: IndicatorRow, b: IndicatorRow): number =>
    (order === "count" ? b.count - a.count : 0) || b.last_seen - a.last_seen || (a.key < b.key ? 1 : -1);

/** Up to `limit` + 1 rows after a position. */
export async function indicatorsOf(
  reader: Connections["reader"],
  kind: IndicatorKind,
  query: ListQuery,
  after: ListPosition | undefined,
): Promise<IndicatorRow[]> {
  const scope = { kind, since: query.since, limit: query.limit + 1 };
  if (query.order === "lastSeen") return recentIndicators(reader, scope, after).execute();
  const often = after && after.count <= 1 ? [] : await oftenIndicators(reader, scope, after).execute();
  if (often.length >= scope.limit) return often;
  const once = recentIndicators(reader, scope, after && after.count <= 1 ? after : undefined).where("count", "=", 1);
  return [...often, ...(await once.limit(scope.limit - often.length).execute())];
}

interface Scope {
  readonly kind: IndicatorKind;
  readonly since: number | undefined;
  readonly limit: number;
}

export const recentIndicators = (
  reader: Connections["reader"],
  { kind, since, limit }: Scope,
  after: Pick<ListPosition, "lastSeen" | "key"> | undefined,
) =>
  reader
    .selectFrom("indicator")
    .selectAll()
    .where("kind", "=", kind)
    .$if(since !== undefined, (q) => q.where("last_seen", ">=", since!))
    .$if(after !== undefined, (q) => q.where(sql<boolean>`(last_seen, key) < (${after!.lastSeen}, ${after!.key})`))
    .orderBy("last_seen", "desc")
    .orderBy("key", "desc")
    .limit(limit);

export const oftenIndicators = (
  reader: Connections["reader"],
  { kind, since, limit }: Scope,
  after: ListPosition | undefined,
) =>
  reader
    .selectFrom("indicator")
    .selectAll()
    .where("kind", "=", kind)
    // Written as in the index: an engine uses a partial index only where it sees that it suffices.
    .where("count", ">", sql.lit(1))
    .$if(since !== undefined, (q) => q.where("last_seen", ">=", since!))
    .$if(after !== undefined, (q) =>
      q.where(sql<boolean>`(count, last_seen, key) < (${after!.count}, ${after!.lastSeen}, ${after!.key})`),
    )
    .orderBy("count", "desc")
    .orderBy("last_seen", "desc")
    .orderBy("key", "desc")
    .limit(limit);
