import { setImmediate as turn } from "node:timers/promises";
import { readLeaf, type OpenedBatch } from "../../shared/batch/batch.ts";
import { faultOf } from "../../shared/batch/leaf.ts";
import type { Observation, Tlp } from "../../shared/observation.ts";

type Part = Partial<Observation>;

/** An observation of a batch, in its parts as they came; each is valid by itself. */
export interface Decoded {
  readonly position: number;
  readonly id: string;
  readonly green: Observation;
  readonly amber?: Part;
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
  const green = readPart(greenLeaf, "green");
  if ("fault" in green) return reject(position, "green", green.fault);
  const observation = green.part as Observation;
  const found = { position, id: observation.id, green: observation };
  if (!amberLeaf) return found;
  const amber = readPart(amberLeaf, "amber");
  return "fault" in amber ? reject(position, "amber", amber.fault) : { ...found, amber: amber.part };
}

function readPart(leaf: Buffer, tlp: Tlp): { part: Part } | { fault: string } {
  const read = readLeaf(leaf, tlp);
  const fault = "fault" in read ? read.fault : faultOf(read.part, tlp);
  return fault === undefined ? read : { fault };
}

const reject = (position: number, tlp: Tlp, reason: string): Rejected => ({
  position,
  tlp,
  reason: reason.replace(/\p{C}/gu, "?").slice(0, 200),
});
