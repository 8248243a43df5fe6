import { sql, type Kysely, type RawBuilder } from "kysely";
import type { Database } from "./schema.ts";

/** What differs between engines stands here and in the migrations; all else is one text for both. */
export type Engine = "sqlite" | "postgres";

/** Two ways to one database: writes go through one connection, reads never wait behind them. */
export interface Connections {
  readonly engine: Engine;
  readonly writer: Kysely<Database>;
  readonly reader: Kysely<Database>;
}

export type ColumnType = "text" | "bigint";

/** Rows as one JSON array of arrays, in the order of their columns: one parameter, made outside the transaction. */
export interface Bulk {
  readonly count: number;
  readonly json: string;
}
/** An object stands for its JSON text, which the engine cuts out of the whole: to write it twice would cost twice. */
export type Value = string | number | null | object;
export const bulk = (rows: readonly (readonly Value[])[]): Bulk => ({
  count: rows.length,
  json: JSON.stringify(rows),
});

type Columns = Readonly<Record<string, ColumnType>>;

/**
 * `insert into TABLE (columns) select … from ROWS where true`, to which a conflict clause may be added: any number of
 * rows in one statement, which is what makes a write through a thread or a wire fast.
 * "where true" tells SQLite's parser that no join follows.
 */
export function insertRows(engine: Engine, table: keyof Database, columns: Columns, rows: Bulk): RawBuilder<unknown> {
  const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
  return sql`insert into ${sql.table(table)} (${names}) ${selectRows(engine, columns, rows)} where true`;
}

/** `select … from ROWS`, for a join or `in (…)` with values that are many. */
export function selectRows(engine: Engine, columns: Columns, { json }: Bulk): RawBuilder<unknown> {
  const fields = Object.entries(columns).map(
    ([name, type], at) => sql`cast(j.value->>${sql.lit(at)} as ${sql.raw(type)}) as ${sql.ref(name)}`,
  );
  // Each element of the array, as `j.value`.
  const elements =
    engine === "sqlite" ? sql`json_each(${json}) as j` : sql`jsonb_array_elements(cast(${json} as jsonb)) as j`;
  return sql`select ${sql.join(fields)} from ${elements}`;
}
