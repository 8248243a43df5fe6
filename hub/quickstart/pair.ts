import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { readIfThere, writeDurably } from "../../shared/files.ts";

/**
 * Hub and agent of one `npm start` are joined once. A note with the same words in both data directories says so; when one
 * of them was removed, or the hub's address changed, they are joined anew.
 */
const noteName = "quickstart.json";

export async function isPaired(hub: string, agent: string, grpc: string): Promise<boolean> {
  const [one, other] = await Promise.all([hub, agent].map((directory) => readIfThere(join(directory, noteName))));
  if (!one || !other || !one.equals(other)) return false;
  try {
    return (JSON.parse(one.toString("utf8")) as { grpc?: unknown } | null)?.grpc === grpc;
  } catch {
    // Not what we wrote: joining anew does no harm.
    return false;
  }
}

export async function notePair(hub: string, agent: string, grpc: string): Promise<void> {
  const note = `${JSON.stringify({ pair: randomUUID(), grpc })}\n`;
  for (const directory of [hub, agent]) await writeDurably(join(directory, noteName), note);
}
