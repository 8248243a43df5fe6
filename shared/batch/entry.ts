import { randomBytes } from "node:crypto";
import { observationLimits, type Observation, type Tlp } from "../observation.ts";
import { leafOf } from "./leaf.ts";
import { pack, scan } from "./msgpack.ts";

/** An observation ready for a batch: its leaf in each section, salted, and what it takes of the batch's limits. */
export interface Entry extends Record<Tlp, { readonly salt: Buffer; readonly bytes: Buffer }> {
  readonly id: string;
  readonly bytes: number;
  readonly items: number;
}

/** When a batch is closed (L11), beside its age. */
export const batchLimits = { observations: 1000, bytes: 1 << 20, items: 50_000, seconds: 10 } as const;

/** What is given up first when an observation is over 64 KiB: the longest lists, then the longest texts. */
const expendable = ["urls", "emails", "domains", "attachments", "campaign", "envelope"] as const;

/** Bytes that a leaf costs beside itself: salt, msgpack heads. */
const overhead = 16 + 8;

export function entryOf(observation: Observation): Entry {
  let current = observation;
  for (const field of ["", ...expendable]) {
    if (field) current = without(current, field as (typeof expendable)[number]);
    const green = pack(leafOf(current, "green"));
    const amber = pack(leafOf(current, "amber"));
    const bytes = green.length + amber.length;
    const last = field === expendable.at(-1);
    if (bytes > observationLimits.leafBytes && !last) continue;
    const salts = randomBytes(32);
    const salted = (leaf: Buffer, at: number) => ({ salt: salts.subarray(at, at + 16), bytes: leaf });
    const items = scan(green) + scan(amber);
    return {
      id: observation.id,
      green: salted(green, 0),
      amber: salted(amber, 16),
      bytes: bytes + 2 * overhead,
      items,
    };
  }
  throw new Error("unreachable: the last try is always taken");
}

function without(observation: Observation, field: (typeof expendable)[number]): Observation {
  const { [field]: gone, ...rest } = observation;
  if (gone === undefined) return observation;
  const defects = [...(rest.defects ?? []), `cut:${field}`].slice(-observationLimits.defects);
  return { ...rest, defects };
}

/** Whether one more entry still fits a batch that holds this much. */
export const fits = (held: { entries: number; bytes: number; items: number }, entry: Entry): boolean =>
  held.entries < batchLimits.observations &&
  held.bytes + entry.bytes <= batchLimits.bytes - 64 &&
  held.items + entry.items <= batchLimits.items;
