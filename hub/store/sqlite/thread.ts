import { parentPort, workerData } from "node:worker_threads";
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import type { Answer, Request, ThreadSettings } from "./message.ts";

/**
 * One connection in a thread of its own: one statement at a time, in the order sent. What it answers are copies,
 * so nothing of the engine's reaches the event loop. It ends when it is asked to, and closes the file then.
 */
const { file, readOnly } = workerData as ThreadSettings;

interface Prepared {
  readonly statement: StatementSyncInstance;
  readonly reads: boolean;
}
const prepared = new Map<string, Prepared>();

function open(): DatabaseSyncInstance {
  const database = new DatabaseSync(file, { timeout: 5000 });
  database.exec("pragma foreign_keys = on");
  database.exec("pragma cache_size = -262144");
  database.exec("pragma temp_store = memory");
  if (readOnly) database.exec("pragma query_only = on");
  else database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 20000");
  return database;
}

function prepare(database: DatabaseSyncInstance, text: string): Prepared {
  const found = prepared.get(text);
  if (found) return found;
  if (prepared.size >= 500) prepared.clear();
  const statement = database.prepare(text);
  const made = { statement, reads: statement.columns().length > 0 };
  prepared.set(text, made);
  return made;
}

function answer(database: DatabaseSyncInstance, [id, text, parameters]: Request): Answer {
  const { statement, reads } = prepare(database, text);
  if (reads) return { id, rows: statement.all(...parameters) as unknown[] };
  return { id, rows: [], changes: statement.run(...parameters).changes };
}

function faultOf(id: number, error: unknown): Answer {
  const { message, sqliteCodeName: code, sqliteExtendedCode: extended } = error as Error & Record<string, unknown>;
  const named = typeof code === "string" ? code : "";
  return { id, error: { message, code: named, extended: typeof extended === "number" ? extended : 0 } };
}

let database: DatabaseSyncInstance | undefined;
let unopened: unknown;
try {
  database = open();
} catch (error) {
  // Told to whoever asks first, with its code; a thrown error would arrive without one.
  unopened = error;
}

parentPort?.on("message", (request: Request | "close") => {
  if (request === "close") {
    database?.close();
    parentPort?.close();
    return;
  }
  try {
    if (!database) throw unopened;
    parentPort?.postMessage(answer(database, request));
  } catch (error) {
    parentPort?.postMessage(faultOf(request[0], error));
  }
});
