import { joinParts } from "../../shared/batch/leaf.ts";
import { sql, type Selectable } from "kysely";
import type { Observation } from "../../shared/observation.ts";
import type { AgentsOf } from "./agents-of.ts";
import type { HeldObservation, ObservationReader, Page } from "./contract.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { bulk, selectRows, type Connections } from "./engine.ts";
import type { Place } from "./place.ts";
import { hourMs, type Database } from "./schema.ts";

type ListQuery = Parameters<ObservationReader["list"]>[0];
type ObservationRow = Selectable<Database["observation"]>;

/** What the hub holds of observations, for those who ask. */
export class Observations implements ObservationReader {
  readonly #at: Connections;
  readonly #agents: AgentsOf;

  constructor(connections: Connections, agents: AgentsOf) {
    this.#at = connections;
    this.#agents = agents;
  }

  async list(query: ListQuery): Promise<Page<HeldObservation>> {
    const rows = await newestObservations(this.#at.reader, query).execute();
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    const next = last && writeCursor([last.observed_at, last.stream, last.version, last.position]);
    return { items: await this.#held(shown), ...(next && { next }) };
  }

  /** Ids are unique for an agent; should two agents claim one, the first that was learned is shown. */
  async get(id: string): Promise<HeldObservation | undefined> {
    const rows = await this.#at.reader
      .selectFrom("observation")
      .selectAll()
      .where("id", "=", id)
      .orderBy("learned_at")
      .orderBy("author")
      .limit(1)
      .execute();
    return (await this.#held(rows))[0];
  }

  /** The observations that stand there, in no order; places that are gone are left out. */
  async at(places: readonly Place[]): Promise<HeldObservation[]> {
    if (places.length === 0) return [];
    const wanted = selectRows(
      this.#at.engine,
      { stream: "bigint", version: "bigint", position: "bigint" },
      bulk(places.map(({ stream, version, position }) => [stream, version, position])),
    );
    const { rows } = await sql<ObservationRow>`
      select observation.* from observation
      where (stream, version, position) in (${wanted})`.execute(this.#at.reader);
    return this.#held(rows);
  }

  async counts(): Promise<Map<string, number>> {
    const rows = await this.#at.reader
      .selectFrom("stream")
      .innerJoin("author", "author.number", "stream.author")
      .select(({ fn }) => ["author.agent", fn.sum<number | string>("stream.observations").as("count")])
      .groupBy("author.agent")
      .execute();
    return new Map(rows.map(({ agent, count }) => [agent, Number(count)]));
  }

  async trend({
    kind,
    bucket,
    since,
  }: Parameters<ObservationReader["trend"]>[0]): Promise<{ at: number; count: number }[]> {
    const hours = bucket === "day" ? 24 : 1;
    const start = sql<number>`(hour / ${sql.lit(hours)}) * ${sql.lit(hours)}`;
    const from = Math.floor(since / (hours * hourMs)) * hours;
    const rows = await this.#at.reader
      .selectFrom("trend")
      .select(({ fn }) => [start.as("start"), fn.sum<number | string>("count").as("count")])
      .where("kind", "=", kind)
      .where("hour", ">=", from)
      .groupBy(start)
      .orderBy("start")
      .execute();
    return rows.map((row) => ({ at: row.start * hourMs, count: Number(row.count) }));
  }

  async #held(rows: readonly ObservationRow[]): Promise<HeldObservation[]> {
    const agents = await this.#agents.authors(rows.map(({ author }) => author));
    return rows.map((row) => heldOf(row, agents.get(row.author) ?? ""));
  }
}

/** The page after a cursor, and one row more, which tells whether another page follows. */
export function newestObservations(reader: Connections["reader"], query: ListQuery) {
  const { agent, since, until, limit, cursor } = query;
  const after = cursor === undefined ? undefined : readCursor(cursor, ["number", "number", "number", "number"]);
  return reader
    .selectFrom("observation")
    .selectAll()
    .$if(agent !== undefined, (q) =>
      q.where("author", "=", reader.selectFrom("author").select("number").where("agent", "=", agent!)),
    )
    .$if(since !== undefined, (q) => q.where("observed_at", ">=", since!))
    .$if(until !== undefined, (q) => q.where("observed_at", "<", until!))
    .$if(after !== undefined, (q) =>
      q.where(sql<boolean>`(observed_at, stream, version, position) < (${sql.join(after!)})`),
    )
    .orderBy("observed_at", "desc")
    .orderBy("stream", "desc")
    .orderBy("version", "desc")
    .orderBy("position", "desc")
    .limit(limit + 1);
}

function heldOf({ green, amber, learned_at }: ObservationRow, agent: string): HeldObservation {
  const exact = amber === null ? undefined : (JSON.parse(amber) as Partial<Observation>);
  const whole = joinParts(JSON.parse(green) as Observation, exact);
  return { ...whole, agent, learnedAt: new Date(learned_at).toISOString() };
}
