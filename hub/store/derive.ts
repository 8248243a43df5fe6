import type { Observation, Tlp } from "../../shared/observation.ts";
import type { IndicatorKind } from "./contract.ts";
import { canonical, indicatorKey } from "./indicator-key.ts";
import { placesKept, writePlace, type Place } from "./place.ts";
import { dayMs, hourMs } from "./schema.ts";

/** An observation to be counted: which of its sections are new here, and where its row stands. */
export interface Counted {
  readonly whole: Observation;
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
export const observedAt = (observation: Observation, now: number): number =>
  Math.min(Math.max(Date.parse(observation.observedAt), 0), now + dayMs);

type Named = readonly [kind: IndicatorKind, value: string];

/** What a section of an observation names, as the agent spelled it. */
function namedIn(section: Tlp, seen: Observation): Named[] {
  return section === "green" ? namedInGreen(seen) : namedInAmber(seen);
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

function namedInAmber({ urls, emails, attachments, backscatter }: Observation): Named[] {
  const named: Named[] = [];
  for (const { url, host } of urls ?? []) {
    named.push(["url", url]);
    if (host) named.push(["host", host]);
  }
  if (!backscatter) for (const email of emails ?? []) named.push(["email", email]);
  for (const { sha256 } of attachments ?? []) named.push(["attachment", sha256]);
  return named;
}

/** Aggregates a batch in memory, so that the store touches each key once. */
export function derive(counted: readonly Counted[], now: number): Derived {
  const tally = new Tally();
  for (const { whole, sections, place, fresh } of counted) {
    const at = observedAt(whole, now);
    if (fresh) tally.trend("observation", at);
    for (const section of sections) tally.section(section, namedIn(section, whole), at, writePlace(place));
  }
  return tally.result();
}

class Tally {
  readonly #keys = new Map<string, { key: string; value: string } | undefined>();
  readonly #totals = new Map<string, Total>();
  readonly #sightings = new Map<string, Sighting>();
  readonly #trends = new Map<string, Trend>();

  /** Counts each indicator once, however often an observation names it. */
  section(section: Tlp, named: readonly Named[], at: number, place: string): void {
    const seen = new Set<string>();
    for (const [kind, spelled] of named) {
      const found = this.#keyOf(kind, spelled);
      if (!found || seen.has(found.key)) continue;
      seen.add(found.key);
      this.trend(kind, at);
      note(this.#totals, found.key, at, { key: found.key, kind, value: found.value });
      const day = Math.floor(at / dayMs);
      const places: string[] = [];
      const sighting = { indicator: found.key, section, day, places };
      note(this.#sightings, `${found.key}${section}${day}`, at, sighting).places.push(place);
    }
  }
  trend(kind: string, at: number): void {
    const hour = Math.floor(at / hourMs);
    const held = this.#trends.get(`${kind} ${hour}`);
    if (held) held.count++;
    else this.#trends.set(`${kind} ${hour}`, { kind, hour, count: 1 });
  }
  result(): Derived {
    const ordered = <T>(rows: Map<string, T>): T[] =>
      [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    return { totals: ordered(this.#totals), sightings: ordered(this.#sightings), trends: ordered(this.#trends) };
  }
  /** Many observations of a batch name the same things: each spelling is read and hashed once. */
  #keyOf(kind: IndicatorKind, spelled: string): { key: string; value: string } | undefined {
    const name = `${kind} ${spelled}`;
    if (this.#keys.has(name)) return this.#keys.get(name);
    const value = canonical(kind, spelled);
    const found = value === undefined ? undefined : { key: indicatorKey(kind, value), value };
    this.#keys.set(name, found);
    return found;
  }
}

interface Span {
  count: number;
  firstSeen: number;
  lastSeen: number;
}

function note<T extends object>(rows: Map<string, T & Span>, key: string, at: number, fresh: T): T & Span {
  let row = rows.get(key);
  if (!row) rows.set(key, (row = { ...fresh, count: 0, firstSeen: at, lastSeen: at }));
  row.count++;
  row.firstSeen = Math.min(row.firstSeen, at);
  row.lastSeen = Math.max(row.lastSeen, at);
  return row;
}

/** The newest places of a sighting as its row keeps them: newest first, in one text. */
export const newestPlaces = ({ places }: Sighting): string => places.slice(-placesKept).toReversed().join("");
