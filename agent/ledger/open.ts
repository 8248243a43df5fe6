import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { origin, type Position, type StreamKey } from "../../shared/batch/batch.ts";
import type { Clock } from "../../shared/clock.ts";
import { Failure } from "../../shared/failure.ts";
import type { Identity } from "../../shared/identity.ts";
import { openDatabase, type Database } from "./database.ts";
import { batchKey, streamKey, under } from "./keys.ts";
import { databasePath, Ledger, markerPath, openStored } from "./ledger.ts";
import { readMarker, writeMarker, type Marker } from "./marker.ts";
import { readJson, writeJson, type Halted, type StreamRecord } from "./record.ts";

const howToRecover =
  "Restore the whole data directory from a backup taken with the agent stopped, or run 'tip-agent ledger restart', which keeps what can still be read and lets the maildirs be read anew";

/**
 * Opens the ledger of a data directory, or begins one where there is none. A database that is behind its marker,
 * of another agent, or whose newest batch does not verify stays shut (L6).
 */
export async function openLedger(directory: string, identity: Identity, clock: Clock): Promise<Ledger> {
  const marker = await readMarker(markerPath(directory));
  const folder = databasePath(directory);
  if (marker !== undefined && !existsSync(folder))
    throw new Failure(
      "damaged",
      `the ledger's database ${folder} is gone, its marker says version ${marker.version}. ${howToRecover}`,
    );
  const database = await openDatabase(folder, marker === undefined);
  try {
    const stream = await streamOf(database, identity, clock, marker);
    const head = await headOf(database, stream, identity);
    await compareWithMarker({ database, directory, stream, head, marker, identity });
    const halts = await haltsOf(database);
    await dropLeftovers(database, stream);
    return new Ledger({ stream, head, halts }, { database, directory, identity, clock });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The stream that the database holds; a new one where database and marker are both new. */
async function streamOf(
  database: Database,
  identity: Identity,
  clock: Clock,
  marker: Marker | undefined,
): Promise<StreamKey> {
  const bytes = await database.get(streamKey);
  if (bytes === undefined) {
    if (marker !== undefined)
      throw new Failure("damaged", `the ledger's database has lost its stream. ${howToRecover}`);
    return beginStream(database, identity, clock);
  }
  const record = readJson(bytes) as StreamRecord;
  if (record.format !== 1)
    throw new Failure(
      "config",
      `the ledger is in format ${String(record.format)}, this release knows 1; use the release that wrote it`,
    );
  if (record.agent !== identity.id)
    throw new Failure(
      "config",
      `the ledger belongs to agent ${record.agent.slice(0, 12)}…, the key in this data directory is of ${identity.id.slice(0, 12)}…; do not mix data directories`,
    );
  return { agent: record.agent, incarnation: record.incarnation };
}

async function beginStream(database: Database, identity: Identity, clock: Clock): Promise<StreamKey> {
  const stream = { agent: identity.id, incarnation: newIncarnation() };
  const record: StreamRecord = { format: 1, ...stream, openedAt: clock.now() };
  await database.write([{ type: "put", key: streamKey, value: writeJson(record) }], { sync: true });
  return stream;
}
export const newIncarnation = (): string => randomBytes(16).toString("hex");

async function haltsOf(database: Database): Promise<Map<string, Halted>> {
  const halts = new Map<string, Halted>();
  for await (const [key, bytes] of database.range(...under("halted")))
    halts.set(key.slice("halted/".length), readJson(bytes) as Halted);
  return halts;
}

async function headOf(database: Database, stream: StreamKey, identity: Identity): Promise<Position> {
  const newest = database.range(...under(`batch/${stream.incarnation}`), { reverse: true, limit: 1 });
  for await (const [key, bytes] of newest) {
    const version = Number.parseInt(key.slice(key.lastIndexOf("/") + 1), 16);
    const { hash } = await openStored(bytes, identity.publicKey, version);
    return { version, hash };
  }
  return origin;
}

/** L6. A marker that is behind is the trace of a crash between commit and marker, and is brought up. */
async function compareWithMarker(found: {
  database: Database;
  directory: string;
  stream: StreamKey;
  head: Position;
  marker: Marker | undefined;
  identity: Identity;
}): Promise<void> {
  const { database, directory, stream, head, marker, identity } = found;
  if (marker === undefined && head.version > 0)
    throw new Failure(
      "damaged",
      `the ledger's marker is gone, its database holds version ${head.version}. ${howToRecover}`,
    );
  if (marker !== undefined) {
    if (marker.incarnation !== stream.incarnation)
      throw new Failure("damaged", `the ledger's database and its marker are of two incarnations. ${howToRecover}`);
    if (marker.version > head.version)
      throw new Failure(
        "damaged",
        `the ledger's database ends at version ${head.version}, its marker says ${marker.version}: the database has lost writes. ${howToRecover}`,
      );
    const hash = await hashAt(database, stream, marker.version, identity);
    if (hash !== marker.hash)
      throw new Failure(
        "damaged",
        `version ${marker.version} in the ledger is not the one that its marker names. ${howToRecover}`,
      );
    if (marker.version === head.version) return;
  }
  await writeMarker(markerPath(directory), {
    incarnation: stream.incarnation,
    version: head.version,
    hash: head.hash.toString("hex"),
  });
}

async function hashAt(database: Database, stream: StreamKey, version: number, identity: Identity): Promise<string> {
  if (version === 0) return "";
  const bytes = await database.get(batchKey(stream.incarnation, version));
  if (bytes === undefined) return "missing";
  return (await openStored(bytes, identity.publicKey, version)).hash.toString("hex");
}

/** Batches of another incarnation: what a restart that was cut short left behind, or had yet to remove. */
async function dropLeftovers(database: Database, stream: StreamKey): Promise<void> {
  const own = under(`batch/${stream.incarnation}`);
  const [from, to] = under("batch");
  for (const span of [
    [from, own[0]],
    [own[1], to],
  ] as const) {
    let keys: string[] = [];
    const drop = () =>
      database.write(
        keys.map((key) => ({ type: "del", key })),
        { sync: false },
      );
    for await (const [key] of database.range(...span)) {
      keys.push(key);
      if (keys.length < 1000) continue;
      await drop();
      keys = [];
    }
    await drop();
  }
}
