import { createPublicKey, randomBytes, type KeyObject } from "node:crypto";
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

/** 32 random bytes under a name, made on first use. */
export async function loadSecret(directory: string, name: string): Promise<Buffer> {
  const text = await loadOrMake(
    join(directory, name),
    () => randomBytes(32).toString("hex"),
    (found) => /^[0-9a-f]{64}\s*$/.test(found),
  );
  return Buffer.from(text.trim(), "hex");
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
