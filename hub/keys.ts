import { join } from "node:path";
import type { KeyObject } from "node:crypto";
import { loadIdentity, loadOrMake, requireOrMake, type Identity } from "../shared/identity.ts";
import { privateKeyFrom } from "../shared/keys.ts";
import { newTlsKey, pinOf, selfSigned } from "../shared/wire/tls.ts";

/** The hub's two keys: who it is (Ed25519: id, tokens), and what its door shows (P-256: the pin in join tokens). */
export interface HubKeys {
  readonly identity: Identity;
  readonly tls: { readonly key: KeyObject; readonly certificate: string };
  readonly pin: string;
}

/** Loads the keys of a data directory, making them where the hub begins: agents know a hub by them alone. The certificate is made anew each time: its key is what counts. */
export async function loadHubKeys(directory: string, now: number, mayMake: boolean): Promise<HubKeys> {
  for (const name of ["identity.pem", "tls.pem"]) requireOrMake(join(directory, name), mayMake);
  const identity = await loadIdentity(directory);
  const make = () => newTlsKey().export({ type: "pkcs8", format: "pem" });
  const key = privateKeyFrom(await loadOrMake(join(directory, "tls.pem"), make, (pem) => pem.includes("PRIVATE KEY")));
  return { identity, tls: { key, certificate: selfSigned("tip-hub", key, now) }, pin: pinOf(key) };
}
