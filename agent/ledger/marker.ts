import { Failure } from "../../shared/failure.ts";
import { readIfThere, writeDurably } from "../../shared/files.ts";

/**
 * The newest version and its header's hash, in a file beside the database (L6): a database that lost its last
 * writes, silently as LevelDB may, is then behind its marker and not opened.
 */
export interface Marker {
  readonly incarnation: string;
  readonly version: number;
  /** Hex; empty at version 0. */
  readonly hash: string;
}

export async function readMarker(path: string): Promise<Marker | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const { incarnation, version, hash } = JSON.parse(text.toString("utf8")) as Record<string, unknown>;
    if (typeof incarnation === "string" && Number.isSafeInteger(version) && typeof hash === "string")
      return { incarnation, version: version as number, hash };
  } catch {
    // Told below, as any other contents that the ledger did not write.
  }
  throw new Failure(
    "damaged",
    `the ledger's marker ${path} is not what TIP wrote; restore it, or run 'tip-agent ledger restart'`,
  );
}

export const writeMarker = (path: string, marker: Marker): Promise<void> =>
  writeDurably(path, `${JSON.stringify(marker)}\n`);
