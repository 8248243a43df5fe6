import { setImmediate as turn } from "node:timers/promises";
import { readLeaf, type OpenedBatch } from "../../shared/batch/batch.ts";
import { observationOf } from "../../shared/batch/leaf.ts";
import type { Observation, Tlp } from "../../shared/observation.ts";

type Part = Partial<Observation>;

/** An observation of a batch, in its parts as they came and as a whole. */
export interface Decoded {
  readonly position: number;
  readonly id: string;
  readonly green: Part;
  readonly amber?: Part;
  readonly whole: Observation;
}
/** What stands at a position of a validly signed batch and is no observation. */
export interface Rejected {
  readonly position: number;
  readonly tlp: Tlp;
  readonly reason: string;
}
export interface DecodedBatch {
  readonly observations: readonly Decoded[];
  readonly rejected: readonly Rejected[];
}

/** Leaves are read this many at a time, so that a large batch does not hold the event loop. */
const slice = 50;

/**
 * Reads and validates every leaf: GREEN must stand alone, and with AMBER where that came. A position whose GREEN leaf
 * was erased is passed over; one that is invalid is rejected by itself, and the rest of the batch is taken.
 */
export async function decodeBatch(batch: OpenedBatch): Promise<DecodedBatch> {
  const leaves = (tlp: Tlp) => batch.sections.find((section) => section.tlp === tlp)?.leaves ?? [];
  const green = leaves("green");
  const amber = leaves("amber");
  const observations: Decoded[] = [];
  const rejected: Rejected[] = [];
  for (let position = 0; position < Math.max(green.length, amber.length); position++) {
    if (position % slice === slice - 1) await turn();
    if (position < green.length && !green[position]) continue;
    const read = decode(position, green[position], amber[position]);
    if ("reason" in read) rejected.push(read);
    else observations.push(read);
  }
  return { observations, rejected };
}

function decode(position: number, greenLeaf: Buffer | undefined, amberLeaf: Buffer | undefined): Decoded | Rejected {
  if (!greenLeaf) return reject(position, "amber", "no GREEN leaf stands at its place");
  const green = readLeaf(greenLeaf, "green");
  if ("fault" in green) return reject(position, "green", green.fault);
  if (!amberLeaf) {
    const alone = observationOf(green.part);
    if ("fault" in alone) return reject(position, "green", alone.fault);
    return { position, id: alone.observation.id, green: green.part, whole: alone.observation };
  }
  const amber = readLeaf(amberLeaf, "amber");
  if ("fault" in amber) return reject(position, "amber", amber.fault);
  const whole = observationOf(green.part, amber.part);
  if ("fault" in whole) return reject(position, "amber", whole.fault);
  return { position, id: whole.observation.id, green: green.part, amber: amber.part, whole: whole.observation };
}

const reject = (position: number, tlp: Tlp, reason: string): Rejected => ({
  position,
  tlp,
  reason: reason.replace(/\p{C}/gu, "?").slice(0, 200),
});
