import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { origin, headerHash, resealBatch, type Position, type StreamKey } from "../../shared/batch/batch.ts";
import type { Clock } from "../../shared/clock.ts";
import { Failure } from "../../shared/failure.ts";
import type { Identity } from "../../shared/identity.ts";
import { openDatabase, type Database, type Operation } from "./database.ts";
import { batchKey, streamKey, under } from "./keys.ts";
import { databasePath, markerPath, openStored } from "./ledger.ts";
import { readMarker, writeMarker } from "./marker.ts";
import { newIncarnation } from "./open.ts";
import { readJson, readMail, writeBatch, writeJson, writeMail, type StreamRecord } from "./record.ts";

/** What a restart did. */
export interface Restarted {
  readonly incarnation: string;
  /** Versions carried into the new incarnation. */
  readonly carried: number;
  readonly lost: readonly Lost[];
  /** Mails that the registry has forgotten, so that they are read again; undefined where it forgot all. */
  readonly forgotten?: number;
  /** Where the old database lies, when it could not be used. */
  readonly setAside?: string;
}
interface Lost {
  readonly version: number;
  readonly reason: string;
}

/**
 * Opens a new incarnation (L9) and carries into it every batch that still verifies, signed anew and numbered from 1;
 * the observations keep their ids, so a hub that has them counts none twice. Mails whose batch is lost are forgotten
 * by the registry and read again. Until the one write that names the new stream, a crash leaves the old one in place.
 * A database that cannot even be read is set aside as it is, and an empty one is begun.
 */
export async function restartLedger(directory: string, identity: Identity, clock: Clock): Promise<Restarted> {
  const marked = await markedVersion(directory);
  const folder = databasePath(directory);
  if (!existsSync(folder)) return { ...(await begin(directory, identity, clock, true)), lost: lostOf(marked, 0) };
  try {
    return await begin(directory, identity, clock, false, marked);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "damaged") throw error;
    const setAside = `${folder}.damaged-${new Date(clock.now()).toISOString().replaceAll(":", "-")}`;
    await rename(folder, setAside);
    const { forgotten: _, ...begun } = await begin(directory, identity, clock, true);
    return { ...begun, lost: lostOf(marked, 0), setAside };
  }
}

/** What the marker says was there; 0 where it cannot be read, which is why a restart was asked for. */
const markedVersion = async (directory: string): Promise<number> =>
  (await readMarker(markerPath(directory)).catch(() => undefined))?.version ?? 0;

const lostOf = (marked: number, found: number): Lost[] =>
  Array.from({ length: Math.min(1000, Math.max(0, marked - found)) }, (_, i) => ({
    version: found + i + 1,
    reason: "the marker names it, the database has lost it",
  }));

async function begin(
  directory: string,
  identity: Identity,
  clock: Clock,
  create: boolean,
  marked = 0,
): Promise<Restarted> {
  const database = await openDatabase(databasePath(directory), create);
  try {
    const stream: StreamKey = { agent: identity.id, incarnation: newIncarnation() };
    const { head, renumbered, lost, last } = await carry(database, identity, stream);
    const forgotten = await renumber(database, renumbered);
    const record: StreamRecord = { format: 1, ...stream, openedAt: clock.now() };
    const flip: Operation[] = [{ type: "put", key: streamKey, value: writeJson(record) }];
    for (const space of ["ack", "halted"])
      for await (const [key] of database.range(...under(space))) flip.push({ type: "del", key });
    await database.write(flip, { sync: true });
    await writeMarker(markerPath(directory), {
      incarnation: stream.incarnation,
      version: head.version,
      hash: head.hash.toString("hex"),
    });
    return {
      incarnation: stream.incarnation,
      carried: head.version,
      lost: [...lost, ...lostOf(marked, last)],
      forgotten,
    };
  } finally {
    await database.close();
  }
}

/** Each readable batch of the old stream → the same sections under the new one. Old batches go at the next open. */
async function carry(database: Database, identity: Identity, stream: StreamKey) {
  const key = identity.publicKey;
  const renumbered = new Map<number, number>();
  const lost: Lost[] = [];
  let last = 0;
  let head: Position = origin;
  const bytes = await database.get(streamKey);
  const old = bytes && (readJson(bytes) as StreamRecord);
  if (!old) return { head, renumbered, lost, last };
  for await (const [storedAs, value] of database.range(...under(`batch/${old.incarnation}`))) {
    const version = Number.parseInt(storedAs.slice(storedAs.lastIndexOf("/") + 1), 16);
    last = version;
    try {
      const sealed = resealBatch(await openStored(value, key, version), stream, head, identity.key);
      head = { version: head.version + 1, hash: headerHash(sealed.header) };
      await database.write(
        [{ type: "put", key: batchKey(stream.incarnation, head.version), value: writeBatch(sealed) }],
        { sync: false },
      );
      renumbered.set(version, head.version);
    } catch (error) {
      lost.push({ version, reason: (error as Error).message });
    }
  }
  return { head, renumbered, lost, last };
}

/** Registry and id index follow the new numbers; what stood in a lost batch is forgotten. Resolves to how many mails. */
async function renumber(database: Database, renumbered: ReadonlyMap<number, number>): Promise<number> {
  let forgotten = 0;
  let operations: Operation[] = [];
  const flush = async (): Promise<void> => {
    await database.write(operations, { sync: false });
    operations = [];
  };
  for await (const [key, value] of database.range(...under("mail"))) {
    const mail = readMail(value);
    const version = renumbered.get(mail.version);
    if (version === undefined) forgotten++;
    if (version === mail.version) continue;
    operations.push(
      version === undefined ? { type: "del", key } : { type: "put", key, value: writeMail({ ...mail, version }) },
    );
    if (operations.length >= 1000) await flush();
  }
  for await (const [key, value] of database.range(...under("id"))) {
    const before = Number(value.toString("utf8"));
    const version = renumbered.get(before);
    if (version === before) continue;
    operations.push(
      version === undefined ? { type: "del", key } : { type: "put", key, value: Buffer.from(String(version)) },
    );
    if (operations.length >= 1000) await flush();
  }
  await flush();
  return forgotten;
}
