import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { OpenedBatch } from "../../../shared/batch/batch.ts";
import type { Store } from "../../../hub/store/contract.ts";
import { enrolled, noon, spam, type TestAgent } from "./samples.ts";
import { Scratch } from "./scratch.ts";

const scratch = new Scratch();

/** What an agent and the way between may do. Numbers pick a spam, or a batch among those that were made. */
type Step =
  | { readonly does: "send"; readonly spams: readonly number[]; readonly sections: "both" | "green" }
  | { readonly does: "repeat" | "skip"; readonly pick: number }
  | { readonly does: "fork" }
  | { readonly does: "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant("send" as const),
      spams: fc.array(fc.nat(11), { maxLength: 6 }),
      sections: fc.constantFrom("both" as const, "green" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom("repeat" as const, "skip" as const), pick: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ does: "fork" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ does: "restart" }) },
);

/** What must be held, said in the simplest way: which spams came, and which of them with their AMBER part. */
class Model {
  readonly green = new Set<number>();
  readonly amber = new Set<number>();
  take(spams: readonly number[], sections: "both" | "green"): number {
    const before = this.green.size;
    for (const n of spams) {
      // Of one spam twice in a batch the first counts, and here both are alike.
      this.green.add(n);
      if (sections === "both") this.amber.add(n);
    }
    return this.green.size - before;
  }
}

let runs = 0;

class Run {
  readonly #store: Store;
  readonly #agent: TestAgent;
  readonly #name = `run${++runs}`;
  readonly #model = new Model();
  readonly #sent: OpenedBatch[] = [];
  #incarnations = 0;

  constructor(store: Store, agent: TestAgent) {
    this.#store = store;
    this.#agent = agent;
  }
  /** Two spams share a domain; hosts are in AMBER alone. */
  #spam(n: number) {
    const host = `h${n % 3}.${this.#name}.example`;
    const urls = [{ url: `http://${host}/`, host, place: "text" }];
    return spam(`${this.#name}/${n}`, { domains: [`d${n >> 1}.${this.#name}.example`], urls });
  }
  async take(next: Step): Promise<void> {
    switch (next.does) {
      case "send": {
        const sections = next.sections === "both" ? (["green", "amber"] as const) : (["green"] as const);
        const batch = await this.#agent.batch(
          next.spams.map((n) => this.#spam(n)),
          sections,
        );
        this.#sent.push(batch);
        const applied = await this.#store.streams.apply(batch, noon);
        const fresh = this.#model.take(next.spams, next.sections);
        assert.deepEqual(applied, { outcome: "applied", fresh, known: next.spams.length - fresh, quarantined: 0 });
        return;
      }
      case "repeat": {
        const batch = this.#sent[next.pick % this.#sent.length];
        if (batch) assert.deepEqual(await this.#store.streams.apply(batch, noon), { outcome: "repeated" });
        return;
      }
      case "skip": {
        const ahead = { version: this.#agent.position.version + 1 + next.pick, hash: Buffer.alloc(32, 7) };
        await this.#refused(await this.#agent.after(ahead, [this.#spam(99)]), "gap");
        return;
      }
      case "fork": {
        const { version, hash } = this.#agent.position;
        if (version < 2) return;
        await this.#refused(await this.#agent.after({ version: version - 1, hash }, [this.#spam(99)]), "fork");
        await this.#refused(await this.#agent.after({ version, hash: Buffer.alloc(32, 7) }, []), "broken-chain");
        return;
      }
      case "restart":
        this.#agent.restart(`${this.#name} ${++this.#incarnations}`);
    }
  }
  async #refused(batch: OpenedBatch, outcome: string): Promise<void> {
    assert.equal((await this.#store.streams.apply(batch, noon)).outcome, outcome);
  }
  async check(): Promise<void> {
    const { observations, indicators } = this.#store;
    assert.equal((await observations.counts()).get(this.#agent.id) ?? 0, this.#model.green.size);
    const held = await observations.list({ agent: this.#agent.id, limit: 100 });
    assert.equal(held.items.length, this.#model.green.size);
    assert.equal(held.items.filter(({ subject }) => subject !== undefined).length, this.#model.amber.size);
    const count = (of: Set<number>, group: (n: number) => number, wanted: number): number =>
      [...of].filter((n) => group(n) === wanted).length;
    for (let d = 0; d < 6; d++) {
      const found = await indicators.get("domain", `d${d}.${this.#name}.example`);
      assert.equal(
        found?.count ?? 0,
        count(this.#model.green, (n) => n >> 1, d),
      );
      assert.equal(found?.agents[0]?.count ?? 0, found?.count ?? 0, "sightings and totals agree");
      assert.equal(found?.observations.length ?? 0, found?.count ?? 0);
    }
    for (let h = 0; h < 3; h++) {
      const found = await indicators.get("host", `h${h}.${this.#name}.example`);
      assert.equal(
        found?.count ?? 0,
        count(this.#model.amber, (n) => n % 3, h),
      );
      assert.equal(found?.observations.length ?? 0, found?.count ?? 0);
    }
  }
}

describe("applying batches", () => {
  it("counts each observation and each indicator exactly once, whatever order things come in", async () => {
    const store = await scratch.store();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const run = new Run(store, await enrolled(store));
        for (const one of steps) await run.take(one);
        await run.check();
      }),
      { numRuns: 25 },
    );
  });
});
