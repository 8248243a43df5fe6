import { readLeaf, type OpenedBatch, type Position, type StreamKey } from "../../shared/batch/batch.ts";
import type { Database } from "./database.ts";
import { idKey, under } from "./keys.ts";
import { readMail } from "./record.ts";

export interface Verification {
  readonly incarnation: string;
  readonly versions: number;
  readonly observations: number;
  readonly mails: number;
  /** In words; empty when all holds. */
  readonly faults: string[];
}

/** What is verified: the ledger, as far as verifying needs it. */
interface Versions {
  readonly stream: StreamKey;
  readonly head: Position;
  read(version: number): Promise<OpenedBatch>;
}

/** Faults named one by one; beyond this many only counted. */
const named = 100;

/**
 * Reads the whole ledger: each version's signature, sections and place in the chain, that each observation is indexed
 * under its version and nothing else is, and that each registered mail names a version that is there.
 */
export async function verifyLedger(ledger: Versions, database: Database): Promise<Verification> {
  const faults: string[] = [];
  const fault = (text: string): void => {
    if (faults.length < named) faults.push(text);
    else faults[named] = `and more: only the first ${named} are named`;
  };
  const head = ledger.head.version;
  const observations = await verifyVersions(ledger, database, head, fault);
  let indexed = 0;
  for await (const _ of database.range(...under("id"))) indexed++;
  if (indexed !== observations) fault(`${observations} observations in the batches, ${indexed} in the index`);
  let mails = 0;
  for await (const [key, value] of database.range(...under("mail"))) {
    mails++;
    const { version } = readMail(value);
    if (!(version >= 1 && version <= head)) fault(`a registered mail names version ${version}: ${JSON.stringify(key)}`);
  }
  return { incarnation: ledger.stream.incarnation, versions: head, observations, mails, faults };
}

async function verifyVersions(
  ledger: Versions,
  database: Database,
  head: number,
  fault: (text: string) => void,
): Promise<number> {
  let observations = 0;
  let previous: Buffer | undefined = Buffer.alloc(0);
  for (let version = 1; version <= head; version++) {
    try {
      const batch = await ledger.read(version);
      if (previous && !batch.header.previous.equals(previous))
        fault(`version ${version} does not follow version ${version - 1}`);
      previous = batch.hash;
      const ids = (batch.sections.find(({ tlp }) => tlp === "green")?.leaves ?? []).flatMap((leaf) => {
        const read = leaf && readLeaf(leaf, "green");
        return read && "part" in read && read.part.id ? [read.part.id] : [];
      });
      observations += batch.header.sections[0]?.count ?? 0;
      const indexed = await database.getMany(ids.map(idKey));
      indexed.forEach((value, i) => {
        if (value?.toString("utf8") !== String(version))
          fault(`observation ${ids[i]} of version ${version} is not indexed there`);
      });
    } catch (error) {
      previous = undefined;
      fault((error as Error).message);
    }
  }
  return observations;
}
