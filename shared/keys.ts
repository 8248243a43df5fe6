import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from "node:crypto";
import { Failure } from "./failure.ts";

/** Ed25519 (RFC 8032) keys, and the ids that are made of them. */

export const newIdentityKey = (): KeyObject => generateKeyPairSync("ed25519").privateKey;

/** The 32 raw bytes of the public half. */
export function rawPublicKey(key: KeyObject): Buffer {
  const half = key.type === "private" ? createPublicKey(key) : key;
  return Buffer.from(half.export({ format: "jwk" }).x ?? "", "base64url");
}

export function publicKeyFrom(raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new Failure("invalid", `an Ed25519 public key has 32 bytes, this one ${raw.length}`);
  const x = Buffer.from(raw).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

export const privateKeyFrom = (pem: string | Buffer): KeyObject => createPrivateKey(pem);

/** The id of an agent or a hub: SHA-256 of its first public key, in hex. */
export const identityOf = (key: KeyObject): string => sha256(rawPublicKey(key)).toString("hex");

/** One call into OpenSSL for all parts: most of what is hashed is small, and there is much of it. */
export const sha256 = (...parts: Uint8Array[]): Buffer =>
  hash("sha256", parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts), "buffer");
