import { setImmediate as turn } from "node:timers/promises";
import type { Observation, Tlp } from "../../shared/observation.ts";
import type { IndicatorKind } from "./contract.ts";
import { canonical, indicatorKey } from "./indicator-key.ts";
import { writePlace, type Place } from "./place.ts";
import { dayMs, hourMs } from "./schema.ts";

/** An observation as its sections told it. */
export interface Parts {
  readonly green: Observation;
  readonly amber?: Partial<Observation>;
}

/** An observation to be counted: which of its sections are new here, and where its row stands. */
export interface Counted {
  readonly one: Parts;
  readonly sections: readonly Tlp[];
  readonly place: Place;
  /** Whether it is counted as an observation too, or only gives what its late AMBER part tells. */
  readonly fresh: boolean;
}

export interface Sighting {
  readonly indicator: string;
  readonly section: Tlp;
  readonly day: number;
  count: number;
  firstSeen: number;
  lastSeen: number;
  /** Oldest first. */
  readonly places: string[];
}
export interface Total {
  readonly key: string;
  readonly kind: IndicatorKind;
  readonly value: string;
  count: number;
  firstSeen: number;
  lastSeen: number;
}
export interface Trend {
  readonly kind: string;
  readonly hour: number;
  count: number;
}
/** What a batch adds to each derived table: each key once, in the order of the keys, which is kind to the trees. */
export interface Derived {
  readonly totals: readonly Total[];
  readonly sightings: readonly Sighting[];
  readonly trends: readonly Trend[];
}

/** An agent's clock may be wrong: what lies in the future would lead every list of the newest for ever. */
export const observedAt = ({ green, amber }: Parts, now: number): number =>
  Math.min(Math.max(Date.parse(amber?.observedAt ?? green.observedAt), 0), now + dayMs);

type Named = readonly [kind: IndicatorKind, value: string];

/** What a section of an observation names, as the agent spelled it. */
function namedIn(section: Tlp, { green, amber }: Parts): Named[] {
  return section === "green" ? namedInGreen(green) : namedInAmber(amber ?? {}, green.backscatter === true);
}

function namedInGreen({ source, domains, campaign, backscatter }: Observation): Named[] {
  const named: Named[] = [];
  // A bounce comes from a mail server that was lied to, not from a sender of spam.
  if (source?.ip && !backscatter) named.push(["ip", source.ip]);
  for (const domain of domains ?? []) named.push(["domain", domain]);
  if (campaign?.body) named.push(["campaign", `body:${campaign.body}`]);
  if (campaign?.subject) named.push(["campaign", `subject:${campaign.subject}`]);
  for (const hash of campaign?.attachments ?? []) named.push(["campaign", `attachment:${hash}`]);
  return named;
}

function namedInAmber({ urls, emails, attachments }: Partial<Observation>, backscatter: boolean): Named[] {
  const named: Named[] = [];
  for (const { url, host } of urls ?? []) {
    named.push(["url", url]);
    if (host) named.push(["host", host]);
  }
  if (!backscatter) for (const email of emails ?? []) named.push(["email", email]);
  for (const { sha256 } of attachments ?? []) named.push(["attachment", sha256]);
  return named;
}

/** So many observations are counted before the event loop gets a turn. */
const slice = 100;

/** Aggregates a batch in memory, so that the store touches each key once. */
export async function derive(counted: readonly Counted[], now: number): Promise<Derived> {
  const tally = new Tally();
  for (const [index, { one, sections, place, fresh }] of counted.entries()) {
    if (index % slice === slice - 1) await turn();
    const at = observedAt(one, now);
    if (fresh) tally.trend("observation", at);
    for (const section of sections) tally.section(section, namedIn(section, one), at, writePlace(place));
  }
  return tally.result();
}

/** An indicator of this batch: its total, and its sightings, of which there is one a day. */
interface Entry {
  readonly total: Total;
  readonly sightings: Sighting[];
  /** Where it was counted last, so that an observation that names it twice counts once. */
  countedAt: string;
}

class Tally {
  /** By spelling: many observations name the same things, and each spelling is read and hashed once. */
  readonly #spelled = new Map<string, Entry | undefined>();
  readonly #entries = new Map<string, Entry>();
  readonly #trends = new Map<string, Map<number, Trend>>();

  section(section: Tlp, named: readonly Named[], at: number, place: string): void {
    for (const [kind, spelling] of named) {
      const entry = this.#entry(kind, spelling, at);
      if (!entry || entry.countedAt === place) continue;
      entry.countedAt = place;
      this.trend(kind, at);
      grow(entry.total, at);
      const sighting = sightingOf(entry, section, at);
      grow(sighting, at);
      sighting.places.push(place);
    }
  }

  trend(kind: string, at: number): void {
    const hour = Math.floor(at / hourMs);
    let hours = this.#trends.get(kind);
    if (!hours) this.#trends.set(kind, (hours = new Map()));
    const held = hours.get(hour);
    if (held) held.count++;
    else hours.set(hour, { kind, hour, count: 1 });
  }

  result(): Derived {
    // Sorting plain strings is many times faster than sorting with a function.
    const entries = [...this.#entries.keys()].toSorted().map((key) => this.#entries.get(key)!);
    return {
      totals: entries.map(({ total }) => total),
      sightings: entries.flatMap(({ sightings }) => sightings),
      trends: [...this.#trends.values()].flatMap((hours) => [...hours.values()]),
    };
  }

  #entry(kind: IndicatorKind, spelling: string, at: number): Entry | undefined {
    const name = `${kind} ${spelling}`;
    if (this.#spelled.has(name)) return this.#spelled.get(name);
    const value = canonical(kind, spelling);
    const entry = value === undefined ? undefined : this.#canonicalEntry(kind, value, at);
    this.#spelled.set(name, entry);
    return entry;
  }

  #canonicalEntry(kind: IndicatorKind, value: string, at: number): Entry {
    const key = indicatorKey(kind, value);
    let entry = this.#entries.get(key);
    if (!entry) {
      const total = { key, kind, value, count: 0, firstSeen: at, lastSeen: at };
      this.#entries.set(key, (entry = { total, sightings: [], countedAt: "" }));
    }
    return entry;
  }
}

function sightingOf({ total, sightings }: Entry, section: Tlp, at: number): Sighting {
  const day = Math.floor(at / dayMs);
  // A batch spans a day or two; a hostile one at most a thousand.
  let found = sightings.find((sighting) => sighting.day === day);
  if (!found)
    sightings.push((found = { indicator: total.key, section, day, count: 0, firstSeen: at, lastSeen: at, places: [] }));
  return found;
}

function grow(row: Total | Sighting, at: number): void {
  row.count++;
  if (at < row.firstSeen) row.firstSeen = at;
  if (at > row.lastSeen) row.lastSeen = at;
}
