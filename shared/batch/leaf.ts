import type { TArray, TObject, TSchema } from "typebox";
import {
  coarse,
  leavingOf,
  Observation,
  observationFault,
  observationVersion,
  partFault,
  type Tlp,
} from "../observation.ts";

/**
 * A leaf is an observation's part in one section, as plain data for msgpack. Which property goes where, and which
 * string travels as bytes, is said once, in the observation's schema; from it one writer and one reader is made for
 * each section, when this module is loaded.
 *
 * GREEN: { v, id, receivedAt, observedAt, size, source{…}, domains, campaign, … }, times in seconds to 5 min, size to 1 kB.
 * AMBER: { v, receivedAt, observedAt, size, envelope, urls, subject, … }; the id stands in GREEN, at the same place.
 */
type Leaf = { v: number } & Record<string, unknown>;
type Part = Partial<Observation>;
type Convert = (value: unknown) => unknown;

export function leafOf(observation: Observation, tlp: Tlp): Leaf {
  return { v: observationVersion, ...(writers[tlp](observation) as object) };
}

/** What a section tells, in the shape of an observation; what is not that section's to tell is left. A leaf may be anything. */
export const partOf = (leaf: unknown, tlp: Tlp): Part => readers[tlp](leaf) ?? {};

/** Why a part is none of its section: GREEN must be an observation by itself, AMBER may tell as little as it likes. */
export const faultOf = (part: Part, tlp: Tlp): string | undefined =>
  tlp === "green" ? observationFault(part) : partFault(part);

/** GREEN and, where it came, AMBER, as one: of time and size, which both tell, AMBER's is the exact one. */
export function joinParts(green: Observation, amber: Part | undefined): Observation {
  if (amber === undefined) return green;
  const source = { ...green.source, ...amber.source };
  return { ...green, ...amber, ...(Object.keys(source).length > 0 && { source }) };
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isObject = (schema: TSchema): schema is TObject => "properties" in schema;
const isArray = (schema: TSchema): schema is TArray => "items" in schema;

interface Field {
  readonly key: string;
  readonly convert: Convert;
}

/**
 * The properties that a section tells, each with how it is converted. An object without a mark of its own is split by
 * its properties' marks; within a marked one all goes along.
 */
function fieldsOf(
  schema: TObject,
  tlp: Tlp,
  inherited: Tlp | undefined,
  make: (property: TSchema, within: Tlp | undefined, key: string, both: boolean) => Convert,
): Field[] {
  return Object.entries(schema.properties).flatMap(([key, property]) => {
    const { tlp: own } = leavingOf(property);
    const mark = own ?? (isObject(property) && schema === Observation ? undefined : inherited);
    if (mark !== undefined && mark !== "both" && mark !== tlp) return [];
    return [{ key, convert: make(property, mark === "both" ? tlp : mark, key, mark === "both") }];
  });
}

const same: Convert = (value) => value;

function writer(schema: TSchema, tlp: Tlp, within: Tlp | undefined): Convert {
  const { as } = leavingOf(schema);
  if (as === "time") return (value) => Math.floor(Date.parse(value as string) / 1000);
  if (as) return (value) => Buffer.from(value as string, as);
  if (isArray(schema)) return writerOfList(writer(schema.items, tlp, tlp));
  if (!isObject(schema)) return same;
  const fields = fieldsOf(schema, tlp, within, (property, mark, key, both) => {
    const convert = writer(property, tlp, mark);
    return both && tlp === "green" ? (value) => coarsen(key, convert(value) as number) : convert;
  });
  const whole = schema === Observation;
  return (value) => {
    const leaf: Record<string, unknown> = {};
    let told = whole;
    for (const { key, convert } of fields) {
      const inner = (value as Record<string, unknown>)[key];
      const written = inner === undefined ? undefined : convert(inner);
      if (written === undefined) continue;
      leaf[key] = written;
      told = true;
    }
    return told ? leaf : undefined;
  };
}
const writerOfList = (convert: Convert): Convert =>
  convert === same ? same : (value) => (value as unknown[]).map((item) => convert(item) ?? {});

const coarsen = (key: string, value: number): number => {
  const step = key === "size" ? coarse.bytes : coarse.seconds;
  return Math.floor(value / step) * step;
};

/** Follows the schema, not the data: what the schema does not know is left, what has another shape is handed on as it is. */
function reader(schema: TSchema, tlp: Tlp, within: Tlp | undefined): Convert {
  const { as } = leavingOf(schema);
  if (as === "time") return (value) => (typeof value === "number" ? timeOf(value) : value);
  if (as) return (value) => (value instanceof Uint8Array ? asBuffer(value).toString(as) : undefined);
  if (isArray(schema)) return readerOfList(reader(schema.items, tlp, tlp));
  if (!isObject(schema)) return same;
  const fields = fieldsOf(schema, tlp, within, (property, mark) => reader(property, tlp, mark));
  return (value) => {
    if (!isPlain(value)) return value;
    const made: Record<string, unknown> = {};
    for (const { key, convert } of fields) {
      if (!Object.hasOwn(value, key)) continue;
      const inner = convert(value[key]);
      if (inner !== undefined && inner !== null) made[key] = inner;
    }
    return made;
  };
}
const readerOfList = (convert: Convert): Convert =>
  convert === same ? same : (value) => (Array.isArray(value) ? value.map((item) => convert(item)) : value);

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function timeOf(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  return Number.isFinite(date.getTime()) ? date.toISOString() : undefined;
}

const writers: Record<Tlp, Convert> = {
  green: writer(Observation, "green", undefined),
  amber: writer(Observation, "amber", undefined),
};
const readers: Record<Tlp, Convert> = {
  green: reader(Observation, "green", undefined),
  amber: reader(Observation, "amber", undefined),
};
