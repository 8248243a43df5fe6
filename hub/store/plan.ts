import type { Tlp } from "../../shared/observation.ts";
import type { Decoded } from "./decode.ts";
import { derive, observedAt, type Counted, type Sighting } from "./derive.ts";
import { bulk, type Bulk, type Value } from "./engine.ts";
import { placesKept, type Place } from "./place.ts";

/** The rows that a batch adds, ready to be sent: made before the transaction where that can be, so that it is short. */
export interface Plan {
  readonly observations: Bulk;
  readonly indicators: Bulk;
  readonly sightings: Bulk;
  readonly trends: Bulk;
}

/** Where a batch stands, and when it came. */
export interface Origin {
  readonly stream: number;
  readonly author: number;
  readonly version: number;
  readonly now: number;
}

/** A held observation whose AMBER part comes only now, and where its row stands. */
export interface Late {
  readonly one: Decoded;
  readonly place: Place;
}

/** What new observations and late AMBER parts add. */
export async function planBatch(origin: Origin, fresh: readonly Decoded[], late: readonly Late[]): Promise<Plan> {
  const { totals, sightings, trends } = await derive(
    [...fresh.map((one) => countedWhole(one, origin)), ...late.map(countedLate)],
    origin.now,
  );
  const { stream, version } = origin;
  return {
    observations: bulk(fresh.map((one) => observationRow(one, origin))),
    indicators: bulk(
      totals.map(({ key, kind, value, firstSeen, lastSeen, count }) => [key, kind, value, firstSeen, lastSeen, count]),
    ),
    sightings: bulk(
      sightings.map((one) => {
        const { indicator, section, day, count, firstSeen, lastSeen } = one;
        return [indicator, stream, section, day, count, firstSeen, lastSeen, version, newestPlaces(one)];
      }),
    ),
    trends: bulk(trends.map(({ kind, hour, count }) => [kind, hour, stream, count])),
  };
}

const observationRow = (one: Decoded, { stream, author, version, now }: Origin): Value[] => [
  stream,
  version,
  one.position,
  author,
  one.id,
  observedAt(one, now),
  now,
  one.green,
  one.amber ?? null,
];

function countedWhole(one: Decoded, { stream, version }: Origin): Counted {
  const sections: Tlp[] = one.amber ? ["green", "amber"] : ["green"];
  return { one, sections, place: { stream, version, position: one.position }, fresh: true };
}

const countedLate = ({ one, place }: Late): Counted => ({ one, sections: ["amber"], place, fresh: false });

/** The newest places of a sighting as its row keeps them: newest first, in one text. */
const newestPlaces = ({ places }: Sighting): string => places.slice(-placesKept).toReversed().join("");
