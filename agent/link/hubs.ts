import { join } from "node:path";
import Type from "typebox";
import type { Static } from "typebox";
import { Compile } from "typebox/compile";
import { Failure } from "../../shared/failure.ts";
import { readIfThere, writeDurably } from "../../shared/files.ts";
import { Tlp } from "../../shared/observation.ts";

/** The hubs that this agent has joined, in `hubs.json` of its data directory. */
export const JoinedHub = Type.Object({
  /** The hub's id, hex. */
  id: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  address: Type.String(),
  /** SHA-256 of its TLS key, base64url. */
  pin: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
  /** Under which name and role this agent stands in its roster. */
  name: Type.String(),
  role: Type.String(),
  /** The highest section that this hub is given. */
  tlp: Tlp,
  joinedAt: Type.String(),
});
export type JoinedHub = Static<typeof JoinedHub>;
const check = Compile(Type.Array(JoinedHub));

const pathOf = (directory: string): string => join(directory, "hubs.json");

export async function readHubs(directory: string): Promise<JoinedHub[]> {
  const text = await readIfThere(pathOf(directory));
  if (text === undefined) return [];
  try {
    const hubs: unknown = JSON.parse(text.toString("utf8"));
    if (check.Check(hubs)) return hubs;
  } catch {
    // Told below, as any other contents that no release wrote.
  }
  throw new Failure("damaged", `${pathOf(directory)} is not what TIP wrote; restore it, or remove it and join anew`);
}

/** Adds a hub, or replaces what was known of it. */
export async function rememberHub(directory: string, hub: JoinedHub): Promise<void> {
  const others = (await readHubs(directory)).filter(({ id }) => id !== hub.id);
  await writeDurably(pathOf(directory), `${JSON.stringify([...others, hub], undefined, 2)}\n`);
}
