import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { domainToASCII } from "node:url";
import { Failure } from "../failure.ts";
import { Networks } from "./networks.ts";
import type { Secret } from "./needles.ts";
import { Redactor } from "./redact.ts";

/** How mail of one agent is read. Plain data, so that it can be handed to a thread. */
export interface ExtractSettings {
  /** Addresses and networks (CIDR) of our own relays; private ones are trusted anyway. */
  readonly trusted: readonly string[];
  /** Trap addresses, and `@domain` for all of a domain. */
  readonly traps: readonly string[];
  /** The agent's secret, 32 bytes. */
  readonly secret: Uint8Array;
}

/** Traps learnt from mails whose patterns are kept; the same traps come again and again. */
const remembered = 200;

/** Settings made ready, once for all mails. */
export class Rules {
  readonly trusted: Networks;
  readonly configured: Redactor;
  /** Domains given as `@domain`, and of the trap addresses. */
  readonly trapDomains: ReadonlySet<string>;
  readonly #secret: KeyObject;
  readonly #recipientKey: KeyObject;
  readonly #recipients = new Map<string, string>();
  readonly #learnt = new Map<string, Redactor>();

  constructor(settings: ExtractSettings) {
    if (settings.secret.length !== 32)
      throw new Failure("config", `the agent's secret has ${settings.secret.length} bytes, 32 are needed`);
    this.trusted = new Networks(settings.trusted);
    const secrets = settings.traps.map(readTrap);
    this.configured = new Redactor(secrets);
    this.trapDomains = new Set(secrets.flatMap(({ domain }) => domain ?? []));
    this.#secret = createSecretKey(settings.secret);
    this.#recipientKey = this.#derive("TIP-recipient-1");
  }
  #derive(purpose: string): KeyObject {
    return createSecretKey(createHmac("sha256", this.#secret).update(purpose).digest());
  }
  /** L10. `baseName` up to its `:`. */
  idOf(sha256: Uint8Array, baseName: string): string {
    return createHmac("sha256", this.#secret).update(sha256).update(baseName).digest("hex");
  }
  /** What stands for a recipient outside: 128 bits that only this agent can make again. */
  recipient(address: string): string {
    const known = this.#recipients.get(address);
    if (known) return known;
    const made = createHmac("sha256", this.#recipientKey).update(address.toLowerCase()).digest("hex").slice(0, 32);
    if (this.#recipients.size >= remembered) this.#recipients.clear();
    this.#recipients.set(address, made);
    return made;
  }
  /** For what a mail told of its own trap: addresses, and the host that received it. */
  learnt(addresses: readonly string[], host: string | undefined): Redactor {
    const key = JSON.stringify([addresses, host]);
    const known = this.#learnt.get(key);
    if (known) return known;
    const secrets: Secret[] = addresses.map((address) => ({ address, everywhere: false }));
    if (host) secrets.push({ domain: host, everywhere: true });
    const made = new Redactor(secrets);
    const oldest = this.#learnt.keys().next();
    if (this.#learnt.size >= remembered && !oldest.done) this.#learnt.delete(oldest.value);
    this.#learnt.set(key, made);
    return made;
  }
}

function readTrap(trap: string): Secret & { domain?: string } {
  const at = trap.lastIndexOf("@");
  const domain = domainToASCII(trap.slice(at + 1));
  if (at < 0 || !/^[^\s.]+(?:\.[^\s.]+)+$/.test(domain) || /\s/.test(trap))
    throw new Failure(
      "config",
      `trap ${trap} is neither an address nor an @domain: write trap@example.org or @example.org`,
    );
  // Whoever names a whole domain says that it is a trap's alone; an address may be at a provider that many use.
  return at === 0 ? { domain, everywhere: true } : { address: trap.slice(0, at + 1) + domain, everywhere: false };
}
