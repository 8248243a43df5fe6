import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { pino } from "pino";
import { Intake } from "../../hub/intake/intake.ts";
import { loadHubKeys, type HubKeys } from "../../hub/keys.ts";
import type { Store } from "../../hub/store/contract.ts";
import { openStore } from "../../hub/store/store.ts";
import { systemClock, type Clock } from "../../shared/clock.ts";
import { sha256 } from "../../shared/keys.ts";
import { Metrics } from "../../shared/metrics.ts";
import { writeJoinToken } from "../../shared/token.ts";
import { temporary } from "./maildir.ts";

export interface Door {
  readonly address: string;
  readonly store: Store;
  readonly keys: HubKeys;
  readonly metrics: Metrics;
  readonly logged: string[];
  invite(name?: string, options?: { life?: number; address?: string; pin?: string }): Promise<string>;
  /** What stands in the store of all that was given: nothing may, where something was refused. */
  counted(): Promise<number>;
}

/** The hub's door for agents: real TLS, real gRPC, real SQLite. */
export async function openDoor(
  t: Pick<TestContext, "after">,
  options: { clock?: Clock; attachLife?: number } = {},
): Promise<Door> {
  const directory = temporary(t, "tip-door-");
  const store = await openStore({ directory, mode: "serve" });
  const keys = await loadHubKeys(directory, Date.now(), true);
  const logged: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(line) });
  const metrics = new Metrics(false);
  const clock = options.clock ?? systemClock;
  const intake = new Intake(
    {
      address: "127.0.0.1:0",
      hub: keys.identity.id,
      tls: keys.tls,
      ...(options.attachLife && { attachLife: options.attachLife }),
    },
    { store, clock, log, metrics },
  );
  const address = `127.0.0.1:${await intake.listen()}`;
  t.after(async () => {
    await intake.close();
    await store.close();
  });
  return {
    address,
    store,
    keys,
    metrics,
    logged,
    async invite(name = "mx", { life = 60_000, address: told = address, pin = keys.pin } = {}) {
      const secret = randomBytes(32);
      const createdAt = clock.now();
      const expiresAt = createdAt + life;
      const secretHash = sha256(secret).toString("hex");
      await store.roster.invite({ secretHash, name, operator: "example", role: "agent", createdAt, expiresAt });
      const hub = keys.identity.id;
      return writeJoinToken({
        address: told,
        pin,
        hub,
        secret: secret.toString("base64url"),
        expires: Math.floor(Math.max(expiresAt, Date.now() + 60_000) / 1000),
      });
    },
    counted: async () => [...(await store.observations.counts()).values()].reduce((sum, count) => sum + count, 0),
  };
}
