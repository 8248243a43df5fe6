import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import {
  headerHash,
  openBatch,
  origin,
  sealBatch,
  type OpenedBatch,
  type Position,
  type SealedBatch,
  type StreamKey,
} from "../../shared/batch/batch.ts";
import type { Entry } from "../../shared/batch/entry.ts";
import type { Clock } from "../../shared/clock.ts";
import { Failure, messageOf } from "../../shared/failure.ts";
import type { Identity } from "../../shared/identity.ts";
import type { Database, Operation } from "./database.ts";
import { ackKey, batchKey, haltedKey, idKey, mailKey } from "./keys.ts";
import { writeMarker } from "./marker.ts";
import {
  readBatch,
  readJson,
  readMail,
  writeBatch,
  writeJson,
  writeMail,
  type Acknowledged,
  type Halted,
  type MailRecord,
} from "./record.ts";
import { verifyLedger, type Verification } from "./verify.ts";

/**
 * The agent's versioned memory.
 *
 * Who guards what: `commit` is the only writer of batches and runs one at a time, so versions are 1, 2, 3 … (L1);
 * a batch and the registry entries of its mails are one synced write (L2); each batch is opened by the decoder that
 * the hub uses before it is written (L11), and again whenever it is read (L3); the marker follows before the commit
 * resolves (L4, L6). Opening, with the checks that keep a damaged database shut, is in open.ts.
 */

/** A file in a maildir. The folder is the configured path and subfolder, the base name what stands before ":". */
export interface Mail {
  readonly folder: string;
  readonly baseName: string;
}
/** What a commit takes: an entry and the mail that it was read from. */
export interface Reading {
  readonly entry: Entry;
  readonly mail: Mail & Pick<MailRecord, "size" | "mtimeMs" | "parsed">;
}

export class Ledger {
  readonly stream: StreamKey;
  readonly #database: Database;
  readonly #directory: string;
  readonly #identity: Identity;
  readonly #publicKey: KeyObject;
  readonly #clock: Clock;
  #head: Position;
  /** The version that the marker names. */
  #marked: number;
  /** By hub. */
  readonly #halts: Map<string, Halted>;
  #turn: Promise<unknown> = Promise.resolve();

  /** For open.ts, which has checked what it hands over. */
  constructor(
    opened: { stream: StreamKey; head: Position; halts: Map<string, Halted> },
    parts: { database: Database; directory: string; identity: Identity; clock: Clock },
  ) {
    this.stream = opened.stream;
    this.#head = opened.head;
    this.#marked = opened.head.version;
    this.#halts = opened.halts;
    this.#database = parts.database;
    this.#directory = parts.directory;
    this.#identity = parts.identity;
    this.#publicKey = parts.identity.publicKey;
    this.#clock = parts.clock;
  }

  /** The newest version and its header's hash. */
  get head(): Position {
    return this.#head;
  }
  /** Versions floor + 1 … head can be read. */
  get floor(): number {
    return 0;
  }
  /** Why nothing goes to this hub any more, or to any. */
  haltedFor(hub: string): Halted | undefined {
    return this.#halts.get(hub) ?? this.#halts.get(allHubs);
  }
  get halts(): readonly Halted[] {
    return [...this.#halts.values()];
  }

  /**
   * Readings → one batch, durable when this resolves. Those whose observation is already in the ledger (a mail that
   * moved to another folder) are registered under the version that holds it, so a commit that rejected (a full disk
   * between batch and marker) may simply be tried again. Resolves to the head.
   */
  commit(readings: readonly Reading[]): Promise<Position> {
    return this.#inTurn(() => this.#commit(readings));
  }

  async #commit(readings: readonly Reading[]): Promise<Position> {
    if (readings.length === 0) return this.#head;
    const versions = await this.#heldVersions(readings);
    const fresh = firstOfEach(readings.filter((_, i) => versions[i] === undefined));
    const next = this.#head.version + 1;
    const operations: Operation[] = readings.map(({ mail }, i) => ({
      type: "put",
      key: mailKey(mail.folder, mail.baseName),
      value: writeMail({ ...mail, version: versions[i] ?? next }),
    }));
    if (fresh.length === 0) {
      await this.#database.write(operations, { sync: true });
      return this.#mark();
    }
    const sealed = await sealBatch(
      this.stream,
      this.#head,
      fresh.map(({ entry }) => entry),
      this.#identity.key,
    );
    await openBatch(sealed, this.#publicKey);
    operations.push({ type: "put", key: batchKey(this.stream.incarnation, next), value: writeBatch(sealed) });
    for (const { entry } of fresh)
      operations.push({ type: "put", key: idKey(entry.id), value: Buffer.from(String(next)) });
    await this.#database.write(operations, { sync: true });
    this.#head = { version: next, hash: headerHash(sealed.header) };
    return this.#mark();
  }

  async #heldVersions(readings: readonly Reading[]): Promise<(number | undefined)[]> {
    const held = await this.#database.getMany(readings.map(({ entry }) => idKey(entry.id)));
    return held.map((value) => (value === undefined ? undefined : Number(value.toString("utf8"))));
  }

  async #mark(): Promise<Position> {
    const { version, hash } = this.#head;
    if (version === this.#marked) return this.#head;
    await writeMarker(markerPath(this.#directory), {
      incarnation: this.stream.incarnation,
      version,
      hash: hash.toString("hex"),
    });
    this.#marked = version;
    return this.#head;
  }

  /** A version as it is to be sent, verified as read. */
  async read(version: number): Promise<OpenedBatch> {
    return openStored(await this.#stored(version), this.#publicKey, version);
  }
  async #stored(version: number): Promise<Buffer> {
    const bytes = await this.#database.get(batchKey(this.stream.incarnation, version));
    if (bytes === undefined)
      throw new Failure("damaged", `version ${version} is missing from the ledger; run 'tip-agent ledger verify'`);
    return bytes;
  }
  /** The position after `version` batches: what a hub's Pull is compared with. */
  async positionAt(version: number): Promise<{ position: Position; sealed?: SealedBatch }> {
    if (version === 0) return { position: origin };
    const { hash, sealed } = await this.read(version);
    return { position: { version, hash }, sealed };
  }

  /** What the registry knows of these mails, in their order. */
  async known(folder: string, baseNames: readonly string[]): Promise<(MailRecord | undefined)[]> {
    const found = await this.#database.getMany(baseNames.map((baseName) => mailKey(folder, baseName)));
    return found.map((bytes) => (bytes === undefined ? undefined : readMail(bytes)));
  }

  /** What a hub made durable. Only ever rises, for a hub may repeat itself. */
  async acknowledge(hub: string, position: Position): Promise<void> {
    const before = await this.acknowledged(hub);
    if (before && before.version >= position.version) return;
    const record: Acknowledged = {
      version: position.version,
      hash: position.hash.toString("hex"),
      at: this.#clock.now(),
    };
    await this.#database.write([{ type: "put", key: ackKey(hub), value: writeJson(record) }], { sync: false });
  }
  async acknowledged(hub: string): Promise<Acknowledged | undefined> {
    const bytes = await this.#database.get(ackKey(hub));
    return bytes && (readJson(bytes) as Acknowledged);
  }

  /**
   * L9: nothing of this stream is sent to this hub any more, until `ledger restart` opens a new incarnation. One hub's
   * word, or lie, stops no other's; a damage of our own (`allHubs`) stops all.
   */
  async halt(reason: string, hub: string): Promise<void> {
    const halted = this.#halts.get(hub) ?? { reason, at: this.#clock.now() };
    this.#halts.set(hub, halted);
    await this.#database.write([{ type: "put", key: haltedKey(hub), value: writeJson(halted) }], { sync: true });
  }

  /** Reads everything and names what does not hold. */
  verify(): Promise<Verification> {
    return this.#inTurn(() => verifyLedger(this, this.#database));
  }

  /** Ends after what is under way. */
  async close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    await this.#database.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn;
    return turn;
  }
}

/** Stands for every hub in a halt. */
export const allHubs = "all";

export const databasePath = (directory: string): string => join(directory, "ledger");
export const markerPath = (directory: string): string => join(directory, "ledger.marker");

/** Of readings with one id (a copy in another folder), the first. */
function firstOfEach(readings: readonly Reading[]): Reading[] {
  const byId = new Map<string, Reading>();
  for (const reading of readings) if (!byId.has(reading.entry.id)) byId.set(reading.entry.id, reading);
  return [...byId.values()];
}

/** Stored bytes → a batch that verifies and is the version that it is stored as. */
export async function openStored(bytes: Buffer, key: KeyObject, version: number): Promise<OpenedBatch> {
  let opened: OpenedBatch;
  try {
    opened = await openBatch(readBatch(bytes), key);
  } catch (cause) {
    throw new Failure("damaged", `version ${version} in the ledger is damaged: ${messageOf(cause)}`, { cause });
  }
  if (opened.header.version !== version)
    throw new Failure("damaged", `version ${version} in the ledger says that it is ${opened.header.version}`);
  return opened;
}
