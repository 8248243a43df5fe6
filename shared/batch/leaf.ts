import type { TArray, TObject, TSchema } from "typebox";
import { coarse, leavingOf, Observation, observationFault, observationVersion, type Tlp } from "../observation.ts";

/**
 * A leaf is an observation's part in one section, as plain data for msgpack. Which property goes where, and which
 * string travels as bytes, is said once, in the observation's schema; here it is only followed.
 *
 * GREEN: { v, id, receivedAt, observedAt, size, source{…}, domains, campaign, … }, times in seconds to 5 min, size to 1 kB.
 * AMBER: { v, receivedAt, observedAt, size, envelope, urls, subject, … }; the id stands in GREEN, at the same place.
 */
type Leaf = { v: number } & Record<string, unknown>;

export function leafOf(observation: Observation, tlp: Tlp): Leaf {
  return { v: observationVersion, ...(outward(Observation, observation, tlp, tlp) as object) };
}

/** What a section tells, in the shape of an observation. The reader validates: a leaf may be anything. */
export function partOf(leaf: unknown): Partial<Observation> {
  return (inward(Observation, leaf) ?? {});
}

/** GREEN and, where it came, AMBER, as one observation; a fault in words when it is none. */
export function observationOf(
  parts: readonly Partial<Observation>[],
): { observation: Observation } | { fault: string } {
  const joined: Record<string, unknown> = {};
  for (const part of parts)
    for (const [key, value] of Object.entries(part)) {
      const before = joined[key];
      joined[key] = isPlain(before) && isPlain(value) ? { ...before, ...value } : value;
    }
  const fault = observationFault(joined);
  return fault ? { fault } : { observation: joined as Observation };
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isObject = (schema: TSchema): schema is TObject => "properties" in schema;
const isArray = (schema: TSchema): schema is TArray => "items" in schema;

function outward(schema: TSchema, value: unknown, tlp: Tlp, inherited: Tlp | undefined): unknown {
  const { as } = leavingOf(schema);
  if (as === "time") return Math.floor(Date.parse(value as string) / 1000);
  if (as) return Buffer.from(value as string, as);
  if (isArray(schema)) return (value as unknown[]).map((item) => outward(schema.items, item, tlp, tlp));
  if (!isObject(schema)) return value;
  const leaf: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties)) {
    const inner = (value as Record<string, unknown>)[key];
    if (inner === undefined) continue;
    // An object without a mark of its own is split by its properties' marks; within a marked one all goes along.
    const mark = leavingOf(property).tlp ?? (isObject(property) && schema === Observation ? undefined : inherited);
    if (mark !== undefined && mark !== "both" && mark !== tlp) continue;
    const written = outward(property, inner, tlp, mark === "both" ? tlp : mark);
    if (isPlain(written) && !Buffer.isBuffer(written) && Object.keys(written).length === 0) continue;
    leaf[key] = mark === "both" && tlp === "green" ? coarsen(key, written as number) : written;
  }
  return leaf;
}

const coarsen = (key: string, value: number): number => {
  const step = key === "size" ? coarse.bytes : coarse.seconds;
  return Math.round(value / step) * step;
};

/** Follows the schema, not the data: what the schema does not know is left, what has another shape is handed on as it is. */
function inward(schema: TSchema, value: unknown): unknown {
  const { as } = leavingOf(schema);
  if (as === "time") return typeof value === "number" ? timeOf(value) : value;
  if (as) return value instanceof Uint8Array ? Buffer.from(value).toString(as) : undefined;
  if (isArray(schema)) return Array.isArray(value) ? value.map((item) => inward(schema.items, item)) : value;
  if (!isObject(schema)) return value;
  if (!isPlain(value)) return value;
  const made: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties)) {
    if (!Object.hasOwn(value, key)) continue;
    const inner = inward(property, value[key]);
    if (inner !== undefined && inner !== null) made[key] = inner;
  }
  return made;
}

function timeOf(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  return Number.isFinite(date.getTime()) ? date.toISOString() : undefined;
}
