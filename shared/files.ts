import { constants } from "node:fs";
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errno, Failure, messageOf } from "./failure.ts";
import { release } from "./release.ts";

/** Small files that must survive a power cut, and the data directory that holds them. */

/** Writes all or nothing: a new file, synced, renamed over the old one, and the directory synced. Mode 0600. */
export async function writeDurably(path: string, contents: string | Uint8Array): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  try {
    const file = await open(fresh, "w", 0o600);
    try {
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await unlink(fresh).catch(() => undefined);
    throw error;
  }
  const directory = await open(dirname(path), constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The file's bytes; undefined where there is none. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The layout of the data directories that this release reads and writes. */
const layout = 1;
const stampName = "tip.json";

/**
 * Opens a data directory for one role, making it where `create` says so. A directory that belongs to the other
 * program, or to a newer release, is refused, for what it holds would be read wrongly.
 */
export async function openDataDirectory(path: string, role: "agent" | "hub", create: boolean): Promise<string> {
  const stamp = await readStamp(path);
  if (stamp === undefined) {
    if (!create)
      throw new Failure(
        "config",
        `there is no ${role} in ${path}; ${beginning[role]} with this --data, or name the right one`,
      );
    await makeDirectory(path, role);
    return path;
  }
  if (stamp.role !== role)
    throw new Failure(
      "config",
      `${path} is the data directory of a TIP ${stamp.role}, not of ${role === "agent" ? "an agent" : "a hub"}; name another --data`,
    );
  if (stamp.layout !== layout)
    throw new Failure(
      "config",
      `${path} was written by TIP ${stamp.release} in layout ${stamp.layout}, this release ${release} knows ${layout}; use that release or a newer one`,
    );
  return path;
}

const beginning = { agent: "run 'tip-agent join TOKEN'", hub: "start it once by 'tip-hub serve'" } as const;

async function makeDirectory(path: string, role: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await writeDurably(join(path, stampName), `${JSON.stringify({ role, layout, release })}\n`);
  } catch (cause) {
    throw new Failure("config", `the data directory ${path} cannot be made: ${messageOf(cause)}`, { cause });
  }
}

async function readStamp(path: string): Promise<{ role: string; layout: number; release: string } | undefined> {
  let text: Buffer | undefined;
  try {
    text = await readIfThere(join(path, stampName));
  } catch (cause) {
    throw new Failure("config", `the data directory ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (text === undefined) return undefined;
  try {
    const { role, layout: found, release: by } = JSON.parse(text.toString("utf8")) as Record<string, unknown>;
    if (typeof role === "string" && typeof found === "number") return { role, layout: found, release: String(by) };
  } catch {
    // Told below, as any other contents that no release wrote.
  }
  throw new Failure("damaged", `${join(path, stampName)} is not what TIP wrote; restore it, or name another --data`);
}
