import type { Clock } from "../../shared/clock.ts";
import type { Identity } from "../../shared/identity.ts";
import type { Log } from "../../shared/log.ts";
import type { Health } from "../../shared/wire/gen/tip/v1/Health.ts";
import { readHubs, type JoinedHub } from "./hubs.ts";
import { Link, type LinkStatus } from "./link.ts";
import type { Served } from "./session.ts";

/** One Link for each joined hub; a `join` beside the running agent is taken up by `reload`. */
export class Links {
  readonly #parts: { directory: string; ledger: Served; identity: Identity; clock: Clock; log: Log };
  readonly #links = new Map<string, { link: Link; as: string }>();

  constructor(parts: { directory: string; ledger: Served; identity: Identity; clock: Clock; log: Log }) {
    this.#parts = parts;
  }
  get status(): LinkStatus[] {
    return [...this.#links.values()].map(({ link }) => link.status);
  }
  headMoved(): void {
    for (const { link } of this.#links.values()) link.headMoved();
  }
  health(health: Health): void {
    for (const { link } of this.#links.values()) link.health(health);
  }
  /** Opens links to hubs that are new or joined anew. */
  async reload(): Promise<void> {
    for (const hub of await readHubs(this.#parts.directory)) {
      const as = JSON.stringify(hub);
      const held = this.#links.get(hub.id);
      if (held?.as === as) continue;
      await held?.link.close();
      this.#links.set(hub.id, { link: this.#open(hub), as });
    }
  }
  #open(hub: JoinedHub): Link {
    const { ledger, identity, clock, log } = this.#parts;
    return new Link(hub, { ledger, identity, clock, log });
  }
  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map(({ link }) => link.close()));
  }
}
