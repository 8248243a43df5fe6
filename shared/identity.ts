import { createPublicKey, randomBytes, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.ts";
import { readIfThere, writeDurably } from "./files.ts";
import { identityOf, newIdentityKey, privateKeyFrom } from "./keys.ts";

/** Who this machine is: an Ed25519 key that never leaves it, and the id that is made of its public half. */
export interface Identity {
  readonly id: string;
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
}

export async function loadIdentity(directory: string): Promise<Identity> {
  const key = privateKeyFrom(
    await loadOrMake(
      join(directory, "identity.pem"),
      () => newIdentityKey().export({ type: "pkcs8", format: "pem" }),
      isKey,
    ),
  );
  return { id: identityOf(key), key, publicKey: createPublicKey(key) };
}

/** 32 random bytes under a name. Where they may not be made, for what was made with the old ones is there, their loss is a damage. */
export async function loadSecret(directory: string, name: string, mayMake: boolean): Promise<Buffer> {
  requireOrMake(join(directory, name), mayMake);
  const text = await loadOrMake(
    join(directory, name),
    () => randomBytes(32).toString("hex"),
    (found) => /^[0-9a-f]{64}\s*$/.test(found),
  );
  return Buffer.from(text.trim(), "hex");
}

/** Refuses to go on without a file whose loss must not pass in silence. */
export function requireOrMake(path: string, mayMake: boolean): void {
  if (!mayMake && !existsSync(path))
    throw new Failure(
      "damaged",
      `${path} is gone; restore it from a backup, for what was made with it cannot be made again`,
    );
}

/** A file that is made once and then stays: another's bytes in it are refused, never overwritten. */
export async function loadOrMake(
  path: string,
  make: () => string | Buffer,
  holds: (text: string) => boolean,
): Promise<string> {
  const found = await readIfThere(path);
  if (found !== undefined) {
    const text = found.toString("utf8");
    if (!holds(text)) throw new Failure("damaged", `${path} is not what TIP wrote; restore it from a backup`);
    return text;
  }
  const text = String(make());
  await writeDurably(path, text);
  return text;
}

function isKey(pem: string): boolean {
  try {
    return privateKeyFrom(pem).asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
}
