import { sql, type Transaction } from "kysely";
import type { OpenedBatch } from "../../shared/batch/batch.ts";
import type { Tlp } from "../../shared/observation.ts";
import type { Applied } from "./contract.ts";
import { decodeBatch, type Decoded, type DecodedBatch, type Rejected } from "./decode.ts";
import { derive, observedAt, type Counted } from "./derive.ts";
import { writeDerived } from "./derived-rows.ts";
import { insertRows, selectRows, type Connections, type Engine } from "./engine.ts";
import type { Database } from "./schema.ts";
import { openStream, verdictOn, type StreamRow } from "./stream-row.ts";

/**
 * L5: a batch, all that is derived from it and the stream's cursor, in one transaction, as a compare-and-set on the
 * cursor. What takes time (reading leaves) is done before the transaction; what needs the store's state, within it.
 */
export async function applyBatch(
  { engine, writer }: Pick<Connections, "engine" | "writer">,
  batch: OpenedBatch,
  now: number,
): Promise<Applied> {
  const decoded = await decodeBatch(batch);
  return writer.transaction().execute(async (transaction) => {
    if (await isRevoked(transaction, batch.header.stream.agent)) return { outcome: "revoked" };
    const stream = await openStream(transaction, batch.header.stream, now);
    const verdict = await verdictOn(transaction, stream, batch);
    if (verdict) return verdict;
    return new Application(engine, transaction, { stream, batch, now }).run(decoded);
  });
}

/** Who is not in the roster is as good as revoked: nobody vouches for its key. */
async function isRevoked(transaction: Transaction<Database>, agent: string): Promise<boolean> {
  const row = await transaction.selectFrom("agent").select("revoked_at").where("id", "=", agent).executeTakeFirst();
  return !row || row.revoked_at !== null;
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
  readonly #batch: OpenedBatch;
  readonly #version: number;
  readonly #now: number;

  constructor(
    engine: Engine,
    transaction: Transaction<Database>,
    { stream, batch, now }: { stream: StreamRow; batch: OpenedBatch; now: number },
  ) {
    this.#engine = engine;
    this.#transaction = transaction;
    this.#stream = stream;
    this.#batch = batch;
    this.#version = batch.header.version;
    this.#now = now;
  }

  async run({ observations, rejected }: DecodedBatch): Promise<Applied> {
    await this.#keepBatch();
    const known = await this.#known(observations);
    const fresh = firstOfEach(observations.filter(({ id }) => !known.has(id)));
    const late = firstOfEach(observations.filter(({ id, amber }) => amber && known.get(id)?.lacks_amber));
    await this.#insert(fresh);
    await this.#fill(late, known);
    await this.#quarantine(rejected);
    const counted = [...fresh.map((one) => this.#whole(one)), ...late.map((one) => lateAmber(one, known.get(one.id)!))];
    const at = { stream: this.#stream.number, version: this.#version };
    await writeDerived(this.#engine, this.#transaction, at, derive(counted, this.#now));
    await this.#moveCursor(fresh.length, rejected.length);
    return {
      outcome: "applied",
      fresh: fresh.length,
      known: observations.length - fresh.length,
      quarantined: rejected.length,
    };
  }

  async #keepBatch(): Promise<void> {
    const { sealed, hash, sections } = this.#batch;
    const at = { stream: this.#stream.number, version: this.#version };
    const kept = { hash: hash.toString("hex"), header: sealed.header, signature: sealed.signature };
    await this.#transaction
      .insertInto("batch")
      .values({ ...at, ...kept, received_at: this.#now })
      .execute();
    const rows = sections.map(({ tlp, leaves, body }) => ({ ...at, tlp, count: leaves.length, body }));
    if (rows.length > 0) await this.#transaction.insertInto("section").values(rows).execute();
  }

  async #known(observations: readonly Decoded[]): Promise<Map<string, Known>> {
    const ids = selectRows(
      this.#engine,
      { id: "text" },
      observations.map(({ id }) => [id]),
    );
    const { rows } = await sql<Known>`
      select id, stream, version, position, case when amber is null then 1 else 0 end as lacks_amber
      from observation where author = ${this.#stream.author} and id in (${ids})`.execute(this.#transaction);
    return new Map(rows.map((row) => [row.id, row]));
  }

  async #insert(fresh: readonly Decoded[]): Promise<void> {
    if (fresh.length === 0) return;
    const { author, number } = this.#stream;
    const rows = fresh.map((one) => [
      number,
      this.#version,
      one.position,
      author,
      one.id,
      observedAt(one.whole, this.#now),
      this.#now,
      JSON.stringify(one.green),
      one.amber ? JSON.stringify(one.amber) : null,
    ]);
    await insertRows(this.#engine, "observation", observationColumns, rows).execute(this.#transaction);
  }

  /** Gives held observations the AMBER part that they lacked, and with it their exact time. */
  async #fill(late: readonly Decoded[], known: ReadonlyMap<string, Known>): Promise<void> {
    if (late.length === 0) return;
    const rows = late.map((one) => {
      const { stream, version, position } = known.get(one.id)!;
      return [stream, version, position, observedAt(one.whole, this.#now), JSON.stringify(one.amber)];
    });
    await sql`update observation set amber = late.amber, observed_at = late.observed_at
      from (${selectRows(this.#engine, amberColumns, rows)}) as late
      where observation.stream = late.stream and observation.version = late.version
        and observation.position = late.position`.execute(this.#transaction);
  }

  async #quarantine(rejected: readonly Rejected[]): Promise<void> {
    if (rejected.length === 0) return;
    const rows = rejected.map(({ position, tlp, reason }) => [
      this.#stream.number,
      this.#version,
      position,
      tlp,
      reason,
    ]);
    await insertRows(this.#engine, "quarantine", quarantineColumns, rows).execute(this.#transaction);
  }

  async #moveCursor(fresh: number, quarantined: number): Promise<void> {
    const { numUpdatedRows } = await this.#transaction
      .updateTable("stream")
      .set((eb) => ({
        version: this.#version,
        hash: this.#batch.hash.toString("hex"),
        head: eb.case().when("head", "<", this.#version).then(this.#version).else(eb.ref("head")).end(),
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

  #whole({ whole, position, amber }: Decoded): Counted {
    const sections: Tlp[] = amber ? ["green", "amber"] : ["green"];
    return { whole, sections, place: { stream: this.#stream.number, version: this.#version, position }, fresh: true };
  }
}

const lateAmber = ({ whole }: Decoded, place: Known): Counted => ({ whole, sections: ["amber"], place, fresh: false });

/** An id that stands twice in a batch is one observation. */
function firstOfEach(observations: readonly Decoded[]): Decoded[] {
  const byId = new Map<string, Decoded>();
  for (const one of observations) if (!byId.has(one.id)) byId.set(one.id, one);
  return [...byId.values()];
}

const observationColumns = {
  stream: "bigint",
  version: "bigint",
  position: "bigint",
  author: "bigint",
  id: "text",
  observed_at: "bigint",
  learned_at: "bigint",
  green: "text",
  amber: "text",
} as const;
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
