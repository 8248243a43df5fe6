import { sql } from "kysely";
import { headerHash, type OpenedBatch, type StreamKey } from "../../shared/batch/batch.ts";
import { Failure } from "../../shared/failure.ts";
import { applyPrepared, prepareBatch } from "./apply.ts";
import type { Applied, StreamState, StreamStore } from "./contract.ts";
import type { Connections } from "./engine.ts";
import { findStream, openStream, stateOf, streamRows } from "./stream-row.ts";

/** The streams, their cursors and the batches that were taken. */
export class Streams implements StreamStore {
  readonly #at: Connections;
  /** Ends when all batches that were given so far have been applied. */
  #applied: Promise<unknown> = Promise.resolve();

  constructor(connections: Connections) {
    this.#at = connections;
  }

  async stream(key: StreamKey): Promise<StreamState | undefined> {
    const row = await findStream(this.#at.reader, key);
    return row && stateOf(row);
  }

  async streams(agent?: string): Promise<StreamState[]> {
    const rows = await streamRows(this.#at.reader)
      .$if(agent !== undefined, (query) => query.where("author.agent", "=", agent!))
      .orderBy("stream.number")
      .execute();
    return rows.map(stateOf);
  }

  async head(key: StreamKey, head: number, floor: number, now: number): Promise<StreamState> {
    return this.#at.writer.transaction().execute(async (transaction) => {
      const row = await openStream(transaction, key, now);
      await transaction.updateTable("stream").set({ head, floor }).where("number", "=", row.number).execute();
      return stateOf({ ...row, head, floor });
    });
  }

  /**
   * Batches take effect in the order in which they were given, so a caller may give the next before the one before has
   * ended: it is read while that one is written.
   */
  apply(batch: OpenedBatch, now: number): Promise<Applied> {
    const before = this.#applied;
    const prepared = prepareBatch(this.#at, batch, now);
    const applied = Promise.allSettled([before, prepared]).then(async () => applyPrepared(this.#at, await prepared));
    // The next one waits for this one's end, whatever it is; its fault is its own caller's.
    this.#applied = applied.catch(() => undefined);
    return applied;
  }

  async held(key: StreamKey, version: number): Promise<{ header: Buffer; signature: Buffer } | undefined> {
    const stream = await findStream(this.#at.reader, key);
    if (!stream) return undefined;
    const row = await this.#at.reader
      .selectFrom("batch")
      .select(["header", "signature"])
      .where("stream", "=", stream.number)
      .where("version", "=", version)
      .executeTakeFirst();
    return row && { header: Buffer.from(row.header), signature: Buffer.from(row.signature) };
  }

  async halt(
    key: StreamKey,
    reason: string,
    proof: { header: Buffer; signature: Buffer }[],
    now: number,
  ): Promise<void> {
    await this.#at.writer.transaction().execute(async (transaction) => {
      const { number: stream } = await openStream(transaction, key, now);
      // The first reason stays: what follows from it would hide it.
      await transaction
        .updateTable("stream")
        .set({ halted_at: now, halted_reason: reason })
        .where("number", "=", stream)
        .where("halted_at", "is", null)
        .execute();
      for (const { header, signature } of proof)
        await transaction
          .insertInto("proof")
          .values({ stream, hash: headerHash(header).toString("hex"), header, signature, noted_at: now })
          .onConflict((conflict) => conflict.columns(["stream", "hash"]).doNothing())
          .execute();
    });
  }

  async gap(key: StreamKey, first: number, last: number, hash: Buffer, reason: string, now: number): Promise<void> {
    await this.#at.writer.transaction().execute(async (transaction) => {
      const row = await openStream(transaction, key, now);
      if (first !== row.version + 1 || last < first || hash.length !== 32)
        throw new Failure("invalid", `a gap ${first} … ${last} does not follow version ${row.version} of its stream`);
      await transaction.insertInto("gap").values({ stream: row.number, first, last, reason, noted_at: now }).execute();
      await transaction
        .updateTable("stream")
        .set({
          version: last,
          hash: hash.toString("hex"),
          head: sql`case when head < ${last} then ${last} else head end`,
        })
        .where("number", "=", row.number)
        .execute();
    });
  }
}
