import type { Selectable } from "kysely";
import type { AgentsOf } from "./agents-of.ts";
import type { Indicator, IndicatorDetail, IndicatorKind, IndicatorReader, Page } from "./contract.ts";
import { indicatorKinds } from "./contract.ts";
import { writeCursor } from "./cursor.ts";
import type { Connections } from "./engine.ts";
import { canonical, indicatorKey } from "./indicator-key.ts";
import { compareIndicators, indicatorsOf, positionOf, readPosition, type ListQuery } from "./indicator-list.ts";
import type { Observations } from "./observations.ts";
import { placesKept, readPlaces } from "./place.ts";
import { dayMs, type Database } from "./schema.ts";

type Sighting = Selectable<Database["sighting"]>;

/** What was seen, how often and by whom. */
export class Indicators implements IndicatorReader {
  readonly #at: Connections;
  readonly #agents: AgentsOf;
  readonly #observations: Pick<Observations, "at">;

  constructor(connections: Connections, agents: AgentsOf, observations: Pick<Observations, "at">) {
    this.#at = connections;
    this.#agents = agents;
    this.#observations = observations;
  }

  /** Each kind is read in order by its own index; the pages of all kinds are merged here. */
  async list(query: ListQuery): Promise<Page<Indicator>> {
    const after = query.cursor === undefined ? undefined : readPosition(query.cursor, query.order);
    const kinds: readonly IndicatorKind[] = query.kind ? [query.kind] : indicatorKinds;
    const lists = await Promise.all(kinds.map((kind) => indicatorsOf(this.#at.reader, kind, query, after)));
    const rows = lists.flat().toSorted(compareIndicators(query.order));
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    return { items: shown.map(indicatorOf), ...(last && { next: writeCursor(positionOf(query.order, last)) }) };
  }

  /** Looks an indicator up by any spelling of it. */
  async get(kind: IndicatorKind, value: string): Promise<IndicatorDetail | undefined> {
    const spelled = canonical(kind, value);
    if (spelled === undefined) return undefined;
    const key = indicatorKey(kind, spelled);
    const { reader } = this.#at;
    const row = await reader.selectFrom("indicator").selectAll().where("key", "=", key).executeTakeFirst();
    if (!row) return undefined;
    const sightings = await reader
      .selectFrom("sighting")
      .selectAll()
      .where("indicator", "=", key)
      .orderBy("last_seen", "desc")
      .execute();
    return {
      ...indicatorOf(row),
      agents: await this.#byAgent(sightings),
      days: byDay(sightings),
      observations: await this.#newest(sightings),
    };
  }

  async #byAgent(sightings: readonly Sighting[]): Promise<IndicatorDetail["agents"]> {
    const agents = await this.#agents.streams(sightings.map(({ stream }) => stream));
    const rows = new Map<string, IndicatorDetail["agents"][number]>();
    for (const { stream, count, first_seen, last_seen } of sightings) {
      const agent = agents.get(stream) ?? "";
      const held = rows.get(agent);
      rows.set(agent, {
        agent,
        count: count + (held?.count ?? 0),
        firstSeen: Math.min(first_seen, held?.firstSeen ?? first_seen),
        lastSeen: Math.max(last_seen, held?.lastSeen ?? last_seen),
      });
    }
    return [...rows.values()].toSorted((a, b) => b.count - a.count);
  }

  /** The sightings are newest first, and each knows its own newest. */
  async #newest(sightings: readonly Sighting[]): Promise<IndicatorDetail["observations"]> {
    const places = sightings.slice(0, 2 * placesKept).flatMap(({ newest }) => readPlaces(newest));
    const held = await this.#observations.at(places);
    return held.toSorted((a, b) => Date.parse(b.observedAt) - Date.parse(a.observedAt)).slice(0, placesKept);
  }
}

const indicatorOf = (row: Selectable<Database["indicator"]>): Indicator => ({
  kind: row.kind as IndicatorKind,
  value: row.value,
  firstSeen: row.first_seen,
  lastSeen: row.last_seen,
  count: row.count,
});

function byDay(sightings: readonly Sighting[]): IndicatorDetail["days"] {
  const days = new Map<number, number>();
  for (const { day, count } of sightings) days.set(day, (days.get(day) ?? 0) + count);
  return [...days]
    .toSorted(([a], [b]) => a - b)
    .map(([day, count]) => ({ day: new Date(day * dayMs).toISOString().slice(0, 10), count }));
}
