import * as fc from "fast-check";
import { observationFault, type Observation } from "../../shared/observation.ts";

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw) => Buffer.from(raw).toString("hex"));
const text = (maxLength: number) =>
  fc.string({ minLength: 1, maxLength, unit: "grapheme" }).filter((made) => made.length <= maxLength);
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((s) => new Date(s * 1000).toISOString());
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Leaves out what is undefined, as an observation does. */
const compact = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
const record = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(shape).map((made) => compact(made as object));

/** Any observation that the schema allows. */
export const anyObservation: fc.Arbitrary<Observation> = fc
  .record({
    id: hex(32),
    receivedAt: seconds,
    observedAt: seconds,
    size: fc.nat(),
    trapKind: some(fc.constantFrom("pristine", "recycled", "typo", "seeded")),
    source: some(
      record({
        ip: some(fc.ipV4()),
        helo: some(text(40)),
        rdns: some(text(40)),
        hop: some(fc.nat(20)),
        protocol: some(text(10)),
      }),
    ),
    envelope: some(
      record({
        sender: some(fc.constantFrom("<>", "a@example.org")),
        recipients: fc.array(hex(16), { maxLength: 4 }),
        recipientCount: fc.nat(1000),
      }),
    ),
    from: some(text(80)),
    subject: some(text(200)),
    messageId: some(text(80)),
    charset: some(text(20)),
    urls: some(
      fc.array(record({ url: fc.webUrl(), host: some(text(20)), domain: some(text(20)), place: text(10) }), {
        maxLength: 5,
      }),
    ),
    domains: some(fc.array(fc.domain(), { maxLength: 5 })),
    emails: some(fc.array(text(30), { maxLength: 3 })),
    attachments: some(fc.array(record({ name: some(text(30)), size: fc.nat(), sha256: hex(32) }), { maxLength: 3 })),
    campaign: some(
      record({ body: some(hex(16)), simhash: some(hex(8)), urls: some(fc.array(text(30), { maxLength: 3 })) }),
    ),
    backscatter: some(fc.boolean()),
    defects: some(fc.array(text(20), { maxLength: 5 })),
  })
  .map((made) => compact(made) as Observation)
  .filter((made) => observationFault(made) === undefined);
