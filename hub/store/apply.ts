import { sql, type Transaction } from "kysely";
import type { OpenedBatch } from "../../shared/batch/batch.ts";
import type { Applied } from "./contract.ts";
import { decodeBatch, type Decoded, type Rejected } from "./decode.ts";
import { observedAt } from "./derive.ts";
import { bulk, insertRows, selectRows, type Connections, type Engine } from "./engine.ts";
import { planBatch, type Late, type Origin, type Plan } from "./plan.ts";
import { writePlan } from "./plan-rows.ts";
import type { Database } from "./schema.ts";
import { findStream, openStream, verdictOn, type StreamRow } from "./stream-row.ts";

/** A batch read and, where its stream is known, planned as if the hub knew none of its observations yet. */
export interface Prepared {
  readonly batch: OpenedBatch;
  readonly now: number;
  readonly observations: readonly Decoded[];
  readonly rejected: readonly Rejected[];
  readonly plan: Plan | undefined;
}

/** All of applying a batch that needs no transaction, which is most of the work; any number at the same time. */
export async function prepareBatch({ reader }: Connections, batch: OpenedBatch, now: number): Promise<Prepared> {
  const { observations, rejected } = await decodeBatch(batch);
  const stream = await findStream(reader, batch.header.stream);
  const plan = stream && (await planBatch(originOf(stream, batch, now), firstOfEach(observations), []));
  return { batch, now, observations, rejected, plan };
}

/**
 * L5: a batch, all that is derived from it and the stream's cursor, in one transaction, as a compare-and-set on the
 * cursor.
 */
export function applyPrepared({ engine, writer }: Connections, prepared: Prepared): Promise<Applied> {
  const { batch, now } = prepared;
  return writer.transaction().execute(async (transaction) => {
    if (await isRevoked(transaction, batch.header.stream.agent)) return { outcome: "revoked" };
    const stream = await openStream(transaction, batch.header.stream, now);
    const verdict = await verdictOn(transaction, stream, batch);
    return verdict ?? new Application(engine, transaction, stream, prepared).run();
  });
}

const originOf = ({ number, author }: StreamRow, { header }: OpenedBatch, now: number): Origin => ({
  stream: number,
  author,
  version: header.version,
  now,
});

/** Who is not in the roster is as good as revoked: nobody vouches for its key. */
async function isRevoked(transaction: Transaction<Database>, agent: string): Promise<boolean> {
  const row = await transaction.selectFrom("agent").select("revoked_at").where("id", "=", agent).executeTakeFirst();
  return !row || row.revoked_at !== null;
}

/** An id that stands twice in a batch is one observation. */
function firstOfEach(observations: readonly Decoded[]): Decoded[] {
  const byId = new Map<string, Decoded>();
  for (const one of observations) if (!byId.has(one.id)) byId.set(one.id, one);
  return [...byId.values()];
}

/** An observation that is held already, by another incarnation or an earlier batch. */
interface Known {
  readonly id: string;
  readonly stream: number;
  readonly version: number;
  readonly position: number;
  readonly lacks_amber: number;
}

/** One batch that follows its stream's cursor, within its transaction. */
class Application {
  readonly #engine: Engine;
  readonly #transaction: Transaction<Database>;
  readonly #stream: StreamRow;
  readonly #prepared: Prepared;
  readonly #origin: Origin;

  constructor(engine: Engine, transaction: Transaction<Database>, stream: StreamRow, prepared: Prepared) {
    this.#engine = engine;
    this.#transaction = transaction;
    this.#stream = stream;
    this.#prepared = prepared;
    this.#origin = originOf(stream, prepared.batch, prepared.now);
  }

  async run(): Promise<Applied> {
    const { observations, rejected } = this.#prepared;
    await this.#keepBatch();
    const known = await this.#known();
    const plan = (known.size === 0 && this.#prepared.plan) || (await this.#planWithout(known));
    await writePlan(this.#engine, this.#transaction, plan);
    await this.#quarantine(rejected);
    const fresh = plan.observations.count;
    await this.#moveCursor(fresh, rejected.length);
    return { outcome: "applied", fresh, known: observations.length - fresh, quarantined: rejected.length };
  }

  async #keepBatch(): Promise<void> {
    const { sealed, hash, sections } = this.#prepared.batch;
    const { stream, version, now } = this.#origin;
    const kept = { hash: hash.toString("hex"), header: sealed.header, signature: sealed.signature };
    await this.#transaction
      .insertInto("batch")
      .values({ stream, version, ...kept, received_at: now })
      .execute();
    const rows = sections.map(({ tlp, leaves, body }) => ({ stream, version, tlp, count: leaves.length, body }));
    if (rows.length > 0) await this.#transaction.insertInto("section").values(rows).execute();
  }

  async #known(): Promise<Map<string, Known>> {
    const ids = selectRows(this.#engine, { id: "text" }, bulk(this.#prepared.observations.map(({ id }) => [id])));
    const { rows } = await sql<Known>`
      select id, stream, version, position, case when amber is null then 1 else 0 end as lacks_amber
      from observation where author = ${this.#stream.author} and id in (${ids})`.execute(this.#transaction);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** What is known is not counted again, but may get the AMBER part that it lacked. */
  async #planWithout(known: ReadonlyMap<string, Known>): Promise<Plan> {
    const { observations } = this.#prepared;
    const fresh = firstOfEach(observations.filter(({ id }) => !known.has(id)));
    const late: Late[] = [];
    for (const one of firstOfEach(observations.filter(({ amber }) => amber))) {
      const place = known.get(one.id);
      if (place?.lacks_amber) late.push({ one, place });
    }
    await this.#fill(late);
    return planBatch(this.#origin, fresh, late);
  }

  /** The AMBER part brings the exact time along. */
  async #fill(late: readonly Late[]): Promise<void> {
    if (late.length === 0) return;
    const rows = late.map(({ one, place: { stream, version, position } }) => [
      stream,
      version,
      position,
      observedAt(one, this.#origin.now),
      JSON.stringify(one.amber),
    ]);
    await sql`update observation set amber = late.amber, observed_at = late.observed_at
      from (${selectRows(this.#engine, amberColumns, bulk(rows))}) as late
      where observation.stream = late.stream and observation.version = late.version
        and observation.position = late.position`.execute(this.#transaction);
  }

  async #quarantine(rejected: readonly Rejected[]): Promise<void> {
    if (rejected.length === 0) return;
    const { stream, version } = this.#origin;
    const rows = rejected.map(({ position, tlp, reason }) => [stream, version, position, tlp, reason]);
    await insertRows(this.#engine, "quarantine", quarantineColumns, bulk(rows)).execute(this.#transaction);
  }

  async #moveCursor(fresh: number, quarantined: number): Promise<void> {
    const { version } = this.#origin;
    const { numUpdatedRows } = await this.#transaction
      .updateTable("stream")
      .set((eb) => ({
        version,
        hash: this.#prepared.batch.hash.toString("hex"),
        head: eb.case().when("head", "<", version).then(version).else(eb.ref("head")).end(),
        observations: eb("observations", "+", fresh),
        quarantined: eb("quarantined", "+", quarantined),
      }))
      .where("number", "=", this.#stream.number)
      .where("version", "=", this.#stream.version)
      .where("hash", "=", this.#stream.hash)
      .executeTakeFirstOrThrow();
    // Nobody else writes during the transaction; where an engine would let them, this is what undoes it all.
    if (numUpdatedRows !== 1n) throw new Error("the stream's cursor moved during its transaction");
  }
}

const amberColumns = {
  stream: "bigint",
  version: "bigint",
  position: "bigint",
  observed_at: "bigint",
  amber: "text",
} as const;
const quarantineColumns = {
  stream: "bigint",
  version: "bigint",
  position: "bigint",
  tlp: "text",
  reason: "text",
} as const;
