import type { Clock } from "../../shared/clock.ts";

/** Calls that an agent may make at once, and how many a second come back to it. */
const burst = 20;
const perSecond = 1;
/** Agents that are remembered; beyond it those whose allowance is whole again are forgotten. */
const remembered = 10_000;

/** How often each agent may call (token bucket), for every call that is let in costs a write. */
export class Pace {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one call of this agent's allowance; false when there is none. */
  takes(agent: string): boolean {
    const now = this.#clock.monotonic();
    if (this.#buckets.size > remembered) this.#forget(now);
    const left = leftOf(this.#buckets.get(agent) ?? { left: burst, at: now }, now);
    this.#buckets.set(agent, { left: left < 1 ? left : left - 1, at: now });
    return left >= 1;
  }

  #forget(now: number): void {
    for (const [agent, held] of this.#buckets) if (leftOf(held, now) >= burst) this.#buckets.delete(agent);
  }
}

const leftOf = ({ left, at }: { left: number; at: number }, now: number): number =>
  Math.min(burst, left + ((now - at) / 1000) * perSecond);
