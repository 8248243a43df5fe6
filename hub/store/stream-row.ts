import type { Kysely, Selectable, Transaction } from "kysely";
import type { Header, StreamKey } from "../../shared/batch/batch.ts";
import type { Applied, StreamState } from "./contract.ts";
import type { Database } from "./schema.ts";

/** A stream's row with the id of who signs it. */
export type StreamRow = Selectable<Database["stream"]> & { readonly agent: string };

export const streamRows = (database: Kysely<Database>) =>
  database
    .selectFrom("stream")
    .innerJoin("author", "author.number", "stream.author")
    .selectAll("stream")
    .select("author.agent");

export const findStream = (
  database: Kysely<Database>,
  { agent, incarnation }: StreamKey,
): Promise<StreamRow | undefined> =>
  streamRows(database).where("author.agent", "=", agent).where("incarnation", "=", incarnation).executeTakeFirst();

/** The stream's row, made in this transaction when it is new. */
export async function openStream(transaction: Transaction<Database>, key: StreamKey, now: number): Promise<StreamRow> {
  const held = await findStream(transaction, key);
  if (held) return held;
  const row = {
    number: await nextNumber(transaction, "stream"),
    author: await authorOf(transaction, key.agent),
    incarnation: key.incarnation,
    version: 0,
    hash: "",
    head: 0,
    floor: 0,
    opened_at: now,
    halted_at: null,
    halted_reason: null,
    observations: 0,
    quarantined: 0,
  };
  await transaction.insertInto("stream").values(row).execute();
  return { ...row, agent: key.agent };
}

async function authorOf(transaction: Transaction<Database>, agent: string): Promise<number> {
  const held = await transaction.selectFrom("author").select("number").where("agent", "=", agent).executeTakeFirst();
  if (held) return held.number;
  const number = await nextNumber(transaction, "author");
  await transaction.insertInto("author").values({ number, agent }).execute();
  return number;
}

/** Numbers are the hub's to give: the next after the highest, safe because one transaction writes at a time. */
export async function nextNumber(
  transaction: Transaction<Database>,
  table: "stream" | "author" | "audit",
): Promise<number> {
  const row = await transaction
    .selectFrom(table)
    .select(({ fn }) => fn.max<number | null>("number").as("last"))
    .executeTakeFirst();
  return (row?.last ?? 0) + 1;
}

export const stateOf = (row: StreamRow): StreamState => ({
  agent: row.agent,
  incarnation: row.incarnation,
  cursor: { version: row.version, hash: Buffer.from(row.hash, "hex") },
  head: row.head,
  floor: row.floor,
  openedAt: row.opened_at,
  ...(row.halted_at !== null && { halted: { at: row.halted_at, reason: row.halted_reason ?? "" } }),
});

/** What a batch is to the cursor, before anything of it is taken; undefined: it follows. */
export async function verdictOn(
  transaction: Transaction<Database>,
  row: StreamRow,
  batch: { readonly header: Header; readonly hash: Buffer },
): Promise<Applied | undefined> {
  const { cursor } = stateOf(row);
  if (row.halted_at !== null) return { outcome: "halted", reason: row.halted_reason ?? "" };
  const { version, previous } = batch.header;
  if (version > cursor.version + 1) return { outcome: "gap", cursor };
  if (version === cursor.version + 1)
    return previous.equals(cursor.hash) ? undefined : { outcome: "broken-chain", cursor };
  const held = await transaction
    .selectFrom("batch")
    .select("hash")
    .where("stream", "=", row.number)
    .where("version", "=", version)
    .executeTakeFirst();
  // A version that was noted as gone has no header here, except the one that the cursor stands on.
  const hash = held?.hash ?? (version === cursor.version ? row.hash : undefined);
  if (hash === undefined) return { outcome: "gap", cursor };
  return hash === batch.hash.toString("hex") ? { outcome: "repeated" } : { outcome: "fork", cursor };
}
