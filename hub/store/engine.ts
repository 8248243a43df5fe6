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

/**
 * `insert into TABLE (columns) select … from ROWS where true`, to which a conflict clause may be added: any number of
 * rows in one statement with one parameter, which is what makes a write through a thread or a wire fast.
 * `rows` are arrays in the order of `columns`. "where true" tells SQLite's parser that no join follows.
 */
export function insertRows(
  engine: Engine,
  table: keyof Database,
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly (readonly (string | number | null)[])[],
): RawBuilder<unknown> {
  const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
  return sql`insert into ${sql.table(table)} (${names}) select ${fields(columns)} from ${elements(engine, rows)} where true`;
}

/** `select … from ROWS`, for a join or `in (…)` with values that are many. */
export const selectRows = (
  engine: Engine,
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly (readonly (string | number | null)[])[],
): RawBuilder<unknown> => sql`select ${fields(columns)} from ${elements(engine, rows)}`;

const fields = (columns: Readonly<Record<string, ColumnType>>): RawBuilder<unknown> =>
  sql.join(
    Object.entries(columns).map(
      ([name, type], at) => sql`cast(j.value->>${sql.lit(at)} as ${sql.raw(type)}) as ${sql.ref(name)}`,
    ),
  );

/** Each element of an array of arrays, as `j.value`. */
function elements(engine: Engine, rows: readonly unknown[]): RawBuilder<unknown> {
  const json = JSON.stringify(rows);
  return engine === "sqlite" ? sql`json_each(${json}) as j` : sql`jsonb_array_elements(cast(${json} as jsonb)) as j`;
}
