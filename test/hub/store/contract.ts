import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headerHash } from "../../../shared/batch/batch.ts";
import { Failure } from "../../../shared/failure.ts";
import { rawPublicKey } from "../../../shared/keys.ts";
import type { HeldObservation, Indicator, Page, Store } from "../../../hub/store/contract.ts";
import { enrolled, hexOf, noon, spam, TestAgent } from "./samples.ts";

/**
 * What every engine behind the store must hold. `open` gives an empty store, closed and removed by its caller; to open
 * one is slow, so tests that look only at what is theirs share one.
 */
export function storeContract(name: string, open: () => Promise<Store>): void {
  let held: Promise<Store> | undefined;
  const shared = (): Promise<Store> => (held ??= open());
  describe(`${name} as a store`, () => {
    describe("roster", () => rosterContract(shared));
    describe("tokens, facts and audit", () => smallContract(shared));
    describe("streams", () => streamContract(shared));
    describe("single observations", () => singleContract(shared));
    describe("observations", () => observationContract(open));
    describe("indicators", () => indicatorContract(open));
  });
}

function rosterContract(open: () => Promise<Store>): void {
  const request = (agent: TestAgent, secret: string) => ({
    secretHash: hexOf(secret),
    id: agent.id,
    publicKey: rawPublicKey(agent.key),
    release: "0.1.0",
    tlp: "amber" as const,
  });
  const invite = (secret: string) => ({
    secretHash: hexOf(secret),
    name: "mx",
    operator: "example",
    role: "agent" as const,
    createdAt: noon,
    expiresAt: noon + 1000,
  });

  it("a secret serves one key, which gets the same answer again", async () => {
    const { roster } = await open();
    const one = new TestAgent();
    await roster.invite(invite("s"));
    const first = await roster.enrol(request(one, "s"), noon);
    assert.equal(first.outcome, "enrolled");
    const again = await roster.enrol(request(one, "s"), noon + 5000);
    assert.deepEqual(again, { ...first, outcome: "repeated" });
    assert.deepEqual(await roster.enrol(request(new TestAgent(), "s"), noon), { outcome: "used-by-another" });
    assert.deepEqual((await roster.agent(one.id))?.publicKey, rawPublicKey(one.key));
  });
  it("a secret that is unknown or too old enrols nobody", async () => {
    const { roster } = await open();
    await roster.invite(invite("late"));
    const before = await roster.agents();
    assert.deepEqual(await roster.enrol(request(new TestAgent(), "other"), noon), { outcome: "unknown" });
    assert.deepEqual(await roster.enrol(request(new TestAgent(), "late"), noon + 1000), { outcome: "expired" });
    assert.deepEqual(await roster.agents(), before);
  });
  it("a revoked key does not come back by another invitation", async () => {
    const store = await open();
    const agent = await enrolled(store);
    await store.roster.revoke(agent.id, noon);
    await store.roster.invite(invite("again"));
    await assert.rejects(store.roster.enrol(request(agent, "again"), noon), { code: "denied" });
  });
  it("revokes by id, by a name that is unique, and asks where it is not", async () => {
    const store = await open();
    const [one, two, three] = [await enrolled(store, "a"), await enrolled(store, "b"), await enrolled(store, "b")];
    assert.equal(await store.roster.revoke("nobody", noon), undefined);
    const ambiguous = await store.roster.revoke("b", noon);
    assert.ok(ambiguous && "ambiguous" in ambiguous);
    assert.deepEqual(new Set(ambiguous.ambiguous.map(({ id }) => id)), new Set([two.id, three.id]));
    assert.ok("revoked" in ((await store.roster.revoke("a", noon)) ?? {}));
    assert.ok("revoked" in ((await store.roster.revoke(two.id, noon)) ?? {}));
    assert.ok("revoked" in ((await store.roster.revoke("b", noon)) ?? {}), "the only b that still stands");
    const revoked = await store.roster.revoked();
    assert.deepEqual(
      [one, two, three].map(({ id }) => revoked.has(id)),
      [true, true, true],
    );
  });
  it("remembers when an agent was seen and how it fared", async () => {
    const store = await open();
    const { id } = await enrolled(store);
    const health = { backlog: 1, observations: 2, defects: 3, refused: 4, redactions: 5, freeBytes: 6, lastError: "" };
    await store.roster.seen(id, noon, health);
    await store.roster.seen(id, noon + 1);
    const agent = await store.roster.agent(id);
    assert.deepEqual([agent?.lastSeen, agent?.health], [noon + 1, health]);
  });
  it("a jti is spent once for an agent, until it expires", async () => {
    const { roster } = await open();
    assert.equal(await roster.spend("a", "j", noon + 10, noon), true);
    assert.equal(await roster.spend("a", "j", noon + 10, noon), false);
    assert.equal(await roster.spend("b", "j", noon + 10, noon), true);
    assert.equal(await roster.spend("c", "k", noon + 99, noon + 11), true);
    assert.equal(await roster.spend("a", "j", noon + 99, noon + 11), true, "an expired one is forgotten");
  });
  it("of many who spend one jti at once, one succeeds", async () => {
    const { roster } = await open();
    const spent = await Promise.all(Array.from({ length: 20 }, () => roster.spend("d", "j", noon + 10, noon)));
    assert.equal(spent.filter(Boolean).length, 1);
  });
}

function smallContract(open: () => Promise<Store>): void {
  it("a token is given out, found and taken back once", async () => {
    const { tokens } = await open();
    const token = { id: "t", name: "ana", role: "analyst" as const, createdAt: noon, expiresAt: noon + 1 };
    await tokens.create(token);
    assert.deepEqual(await tokens.token("t"), token);
    assert.equal(await tokens.token("u"), undefined);
    assert.equal(await tokens.revoke("t", noon), true);
    assert.equal(await tokens.revoke("t", noon), false);
    assert.deepEqual(await tokens.tokens(), [{ ...token, revokedAt: noon }]);
  });
  it("a fact is what was set last", async () => {
    const { facts } = await open();
    assert.equal(await facts.get("__proto__"), undefined);
    await facts.set("__proto__", "one");
    await facts.set("__proto__", "two");
    assert.equal(await facts.get("__proto__"), "two");
  });
  it("the audit log takes any number of entries at once", async () => {
    const store = await open();
    const entry = { at: noon, actor: "cli", action: "revoked", subject: "x" };
    await Promise.all(Array.from({ length: 10 }, (_, n) => store.audit({ ...entry, detail: String(n) })));
  });
}

function streamContract(open: () => Promise<Store>): void {
  it("a stream begins at nothing and follows its batches", async () => {
    const store = await open();
    const agent = await enrolled(store);
    assert.equal(await store.streams.stream(agent.stream), undefined);
    const opened = await store.streams.head(agent.stream, 7, 0, noon);
    assert.deepEqual(opened.cursor, { version: 0, hash: Buffer.alloc(0) });
    const batch = await agent.batch([spam("1"), spam("2")]);
    const applied = await store.streams.apply(batch, noon);
    assert.deepEqual(applied, { outcome: "applied", fresh: 2, known: 0, quarantined: 0 });
    const state = await store.streams.stream(agent.stream);
    assert.deepEqual([state?.cursor, state?.head], [{ version: 1, hash: batch.hash }, 7]);
    assert.deepEqual(await store.streams.streams(agent.id), [state]);
    assert.deepEqual(await store.streams.streams("other"), []);
    const held = await store.streams.held(agent.stream, 1);
    assert.ok(held?.header.equals(batch.sealed.header) && held.signature.equals(batch.sealed.signature));
    assert.equal(await store.streams.held(agent.stream, 2), undefined);
  });
  it("tells a repeat, a gap, a broken chain and a fork, and takes nothing of them", async () => {
    const store = await open();
    const agent = await enrolled(store);
    const one = await agent.batch([spam("1")]);
    const two = await agent.batch([spam("2")]);
    const three = await agent.batch([spam("3")]);
    const { streams } = store;
    assert.equal((await streams.apply(two, noon)).outcome, "gap");
    await streams.apply(one, noon);
    assert.equal((await streams.apply(three, noon)).outcome, "gap");
    await streams.apply(two, noon);
    assert.equal((await streams.apply(one, noon)).outcome, "repeated");
    assert.equal((await streams.apply(two, noon)).outcome, "repeated");
    const elsewhere = { version: 2, hash: headerHash(Buffer.from("elsewhere")) };
    const broken = await agent.after(elsewhere, [spam("4")]);
    assert.deepEqual(await streams.apply(broken, noon), {
      outcome: "broken-chain",
      cursor: { version: 2, hash: two.hash },
    });
    const fork = await agent.after({ version: 1, hash: one.hash }, [spam("5")]);
    assert.equal((await streams.apply(fork, noon)).outcome, "fork");
    assert.equal((await store.observations.counts()).get(agent.id), 2);
    assert.equal((await streams.apply(three, noon)).outcome, "applied");
  });
  it("batches given together take effect in the order given", async () => {
    const store = await open();
    const agent = await enrolled(store);
    // The first is the largest, and so the last to be read.
    const batches = [];
    for (const size of [200, 3, 2, 1, 1])
      batches.push(await agent.batch(Array.from({ length: size }, (_, n) => spam(`${batches.length}/${n}`))));
    const applied = await Promise.all(batches.map((batch) => store.streams.apply(batch, noon)));
    assert.deepEqual(new Set(applied.map(({ outcome }) => outcome)), new Set(["applied"]));
  });
  it("takes nothing from an agent that is revoked or in no roster", async () => {
    const store = await open();
    const stranger = new TestAgent();
    assert.deepEqual(await store.streams.apply(await stranger.batch([spam("1")]), noon), { outcome: "revoked" });
    const agent = await enrolled(store);
    await store.roster.revoke(agent.id, noon);
    assert.deepEqual(await store.streams.apply(await agent.batch([spam("1")]), noon), { outcome: "revoked" });
    assert.deepEqual(await store.streams.streams(agent.id), []);
    assert.deepEqual((await store.observations.list({ limit: 1, agent: agent.id })).items, []);
  });
  it("a halted stream takes nothing more and keeps its first reason; another incarnation goes on", async () => {
    const store = await open();
    const agent = await enrolled(store);
    const batch = await agent.batch([spam("1")]);
    const proof = [batch.sealed, batch.sealed];
    await store.streams.halt(agent.stream, "rolled back", proof, noon);
    await store.streams.halt(agent.stream, "again", proof, noon + 1);
    assert.deepEqual(await store.streams.apply(batch, noon), { outcome: "halted", reason: "rolled back" });
    assert.deepEqual((await store.streams.stream(agent.stream))?.halted, { at: noon, reason: "rolled back" });
    agent.restart("second");
    assert.equal((await store.streams.apply(await agent.batch([spam("1")]), noon)).outcome, "applied");
  });
  it("goes on after a gap that was noted, and only after one that follows", async () => {
    const store = await open();
    const agent = await enrolled(store);
    await store.streams.apply(await agent.batch([spam("1")]), noon);
    await agent.batch([spam("2")]);
    const lost = await agent.batch([spam("3")]);
    const next = await agent.batch([spam("4")]);
    const { streams } = store;
    await assert.rejects(streams.gap(agent.stream, 3, 3, lost.hash, "pruned", noon), { code: "invalid" });
    await streams.gap(agent.stream, 2, 3, lost.hash, "pruned", noon);
    assert.equal((await streams.apply(next, noon)).outcome, "applied");
    assert.equal((await streams.apply(lost, noon)).outcome, "gap", "what was noted as gone is not taken later");
  });
}

function singleContract(open: () => Promise<Store>): void {
  it("an observation is held as it was told, GREEN and AMBER together", async () => {
    const store = await open();
    const agent = await enrolled(store);
    await store.streams.apply(await agent.batch([spam("one")]), noon);
    const told = { ...spam("one"), agent: agent.id, learnedAt: new Date(noon).toISOString() };
    assert.deepEqual(await store.observations.get(hexOf("one")), told);
    assert.equal(await store.observations.get(hexOf("no such")), undefined);
  });
  it("where GREEN alone came, it stands alone", async () => {
    const store = await open();
    const agent = await enrolled(store);
    const told = spam("green", { size: 4321, source: { ip: "9.9.9.9", hop: 1 }, urls: [link("green.example.com")] });
    await store.streams.apply(await agent.batch([told], ["green"]), noon);
    const held = await store.observations.get(hexOf("green"));
    assert.deepEqual([held?.size, held?.subject, held?.domains], [4000, undefined, ["shop.example.com"]]);
    assert.deepEqual(held?.source, { ip: "9.9.9.9" });
    assert.ok(await store.indicators.get("ip", "9.9.9.9"));
    assert.equal(await store.indicators.get("host", "green.example.com"), undefined);
  });
  it("an invalid observation is quarantined and the rest of its batch is taken", async () => {
    const store = await open();
    const agent = await enrolled(store);
    const bad = spam("bad", { domains: [""] });
    const applied = await store.streams.apply(await agent.batch([spam("1"), bad, spam("3")]), noon);
    assert.deepEqual(applied, { outcome: "applied", fresh: 2, known: 0, quarantined: 1 });
    assert.equal(await store.observations.get(hexOf("bad")), undefined);
  });
  it("the same id of two agents is two observations", async () => {
    const store = await open();
    const agents = [await enrolled(store, "a"), await enrolled(store, "b")];
    for (const agent of agents) await store.streams.apply(await agent.batch([spam("1")]), noon);
    const counts = await store.observations.counts();
    assert.deepEqual(
      agents.map(({ id }) => counts.get(id)),
      [1, 1],
    );
  });
  it("refuses a cursor that it did not give", async () => {
    const store = await open();
    const hostile = [
      "",
      "x".repeat(9999),
      "%00",
      "e30",
      "W10",
      "WzFlOTk5LDEsMSwxXQ",
      "WyInIE9SIDE9MS0tIiwxLDEsMV0",
      "\u202e",
    ];
    for (const cursor of hostile) {
      await assert.rejects(store.observations.list({ limit: 1, cursor }), (error) => isInvalid(error));
      for (const order of ["count", "lastSeen"] as const)
        await assert.rejects(store.indicators.list({ limit: 1, order, cursor }), (error) => isInvalid(error));
    }
  });
}

function observationContract(open: () => Promise<Store>): void {
  it("a later incarnation brings the AMBER that was missing, and nothing is counted twice", async () => {
    const store = await open();
    const agent = await enrolled(store);
    await store.streams.apply(await agent.batch([spam("1")], ["green"]), noon);
    agent.restart("second");
    const applied = await store.streams.apply(await agent.batch([spam("1"), spam("2")]), noon);
    assert.deepEqual(applied, { outcome: "applied", fresh: 1, known: 1, quarantined: 0 });
    assert.equal((await store.observations.get(hexOf("1")))?.subject, "buy 1");
    const counted = async (kind: "ip" | "host", value: string) => (await store.indicators.get(kind, value))?.count;
    assert.deepEqual([await counted("ip", "8.8.8.8"), await counted("host", "www.shop.example.com")], [2, 2]);
    const found = await store.indicators.get("url", "http://www.shop.example.com/1");
    assert.equal(found?.observations[0]?.id, hexOf("1"));
    assert.deepEqual(await store.observations.counts(), new Map([[agent.id, 2]]));
  });
  it("lists the newest first, page by page, each once, also by agent and time", async () => {
    const store = await open();
    const agents = [await enrolled(store, "a"), await enrolled(store, "b")];
    const hour = (n: number) => new Date(noon - n * 3_600_000).toISOString();
    for (const [at, agent] of agents.entries()) {
      const told = Array.from({ length: 12 }, (_, n) => spam(`${at}/${n}`, { observedAt: hour(n >> 1) }));
      await store.streams.apply(await agent.batch(told), noon);
    }
    const { observations } = store;
    const all = await pages<HeldObservation>((cursor) => observations.list({ limit: 5, ...cursor }));
    assert.equal(new Set(all.map(({ id }) => id)).size, 24);
    const times = all.map(({ observedAt }) => observedAt);
    assert.deepEqual(times, times.toSorted().toReversed());
    const range = { agent: agents[1]!.id, since: noon - 3 * 3_600_000, until: noon };
    const some = await pages<HeldObservation>((cursor) => observations.list({ limit: 4, ...range, ...cursor }));
    assert.deepEqual(new Set(some.map(({ observedAt }) => observedAt)), new Set([hour(1), hour(2), hour(3)]));
    assert.equal(some.length, 6);
  });
  it("counts observations and sightings an hour and a day", async () => {
    const store = await open();
    const agent = await enrolled(store);
    const at = (hours: number) => ({ observedAt: new Date(noon + hours * 3_600_000).toISOString() });
    const told = [spam("1", at(-30)), spam("2", at(-1)), spam("3", at(-1)), spam("4", at(99_999))];
    await store.streams.apply(await agent.batch(told), noon);
    const { observations } = store;
    const hours = await observations.trend({ kind: "observation", bucket: "hour", since: noon - 20 * 3_600_000 });
    const tomorrow = { at: noon + 86_400_000, count: 1 };
    assert.deepEqual(
      hours,
      [{ at: noon - 3_600_000, count: 2 }, tomorrow],
      "a clock that is ahead counts as tomorrow's",
    );
    const days = await observations.trend({ kind: "ip", bucket: "day", since: 0 });
    assert.deepEqual(
      days.map(({ count }) => count),
      [1, 2, 1],
    );
    assert.deepEqual(await observations.trend({ kind: "no such", bucket: "day", since: 0 }), []);
  });
}

const link = (host: string) => ({ url: `http://${host}/`, host, place: "text" });

const isInvalid = (error: unknown): boolean => error instanceof Failure && error.code === "invalid";

async function pages<T>(list: (cursor: { cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: { cursor?: string } | undefined = {}; cursor;) {
    const page: Page<T> = await list(cursor);
    all.push(...page.items);
    cursor = page.next === undefined ? undefined : { cursor: page.next };
  }
  return all;
}

function indicatorContract(open: () => Promise<Store>): void {
  it("finds an indicator by any spelling, with who saw it, when, and where it stands", async () => {
    const store = await open();
    const agents = [await enrolled(store, "a"), await enrolled(store, "b")];
    const yesterday = new Date(noon - 86_400_000).toISOString();
    await store.streams.apply(await agents[0]!.batch([spam("1", { observedAt: yesterday }), spam("2")]), noon);
    await store.streams.apply(await agents[1]!.batch([spam("3")]), noon);
    const found = await store.indicators.get("url", "HTTP://www.SHOP.example.com:80/./2");
    assert.deepEqual(
      found?.observations.map(({ id }) => id),
      [hexOf("2")],
    );
    const sender = await store.indicators.get("email", "SENDER@example.org");
    assert.deepEqual([sender?.count, sender?.value], [3, "sender@example.org"]);
    assert.deepEqual(
      sender?.agents.map(({ agent, count }) => [agent, count]),
      [
        [agents[0]!.id, 2],
        [agents[1]!.id, 1],
      ],
    );
    assert.deepEqual(sender?.days, [
      { day: "2026-01-14", count: 1 },
      { day: "2026-01-15", count: 2 },
    ]);
    assert.equal(sender?.firstSeen, noon - 86_400_000);
    assert.equal(sender?.observations.length, 3);
    assert.equal(await store.indicators.get("url", "javascript:alert(1)"), undefined);
  });
  it("keeps the newest twenty places of what is seen often", async () => {
    const store = await open();
    const agent = await enrolled(store);
    const at = (n: number) => ({ observedAt: new Date(noon - 1e6 + n * 1000).toISOString() });
    for (let version = 0; version < 3; version++) {
      const told = Array.from({ length: 15 }, (_, n) => spam(`${version}/${n}`, at(version * 15 + n)));
      await store.streams.apply(await agent.batch(told), noon);
    }
    const found = await store.indicators.get("domain", "shop.example.com");
    const newest = Array.from({ length: 20 }, (_, n) => 44 - n).map((n) => hexOf(`${Math.floor(n / 15)}/${n % 15}`));
    assert.deepEqual(
      found?.observations.map(({ id }) => id),
      newest,
    );
    assert.equal(found?.count, 45);
  });
  it("an observation that names a thing twice counts it once", async () => {
    const store = await open();
    const agent = await enrolled(store);
    await store.streams.apply(
      await agent.batch([spam("1", { domains: ["A.example", "a.example", "a.example."] })]),
      noon,
    );
    assert.equal((await store.indicators.get("domain", "a.example"))?.count, 1);
  });
  it("makes no indicator of private addresses, of bounces' senders, or of nonsense", async () => {
    const store = await open();
    const agent = await enrolled(store);
    const ips = ["10.0.0.1", "127.0.0.1", "::1", "fe80::1", "::ffff:192.168.0.1", "0177.0.0.1", "1.2.3", "224.0.0.1"];
    const told = ips.map((ip, n) => spam(`p${n}`, { source: { ip } }));
    told.push(spam("bounce", { backscatter: true, emails: ["who@example.org"] }));
    told.push(
      spam("odd", { source: {}, domains: ["localhost", "a\u0000b.example", "__proto__", "1.2.3.4", "a b.example"] }),
    );
    const applied = await store.streams.apply(await agent.batch(told), noon);
    assert.equal(applied.outcome === "applied" && applied.fresh, told.length);
    const list = async (kind: "ip" | "domain") =>
      (await store.indicators.list({ kind, order: "count", limit: 50 })).items;
    assert.deepEqual(await list("ip"), []);
    assert.deepEqual(
      (await list("domain")).map(({ value }) => value),
      ["shop.example.com"],
    );
    assert.equal(await store.indicators.get("email", "who@example.org"), undefined);
  });
  it("lists by count and by when last seen, each once, over all kinds or one", async () => {
    const store = await open();
    const agent = await enrolled(store);
    for (let version = 0; version < 3; version++) {
      const told = Array.from({ length: 10 }, (_, n) =>
        spam(`${version}/${n}`, {
          observedAt: new Date(noon - version * 3_600_000 - n * 60_000).toISOString(),
          domains: [`d${n}.example`, ...(n < 5 ? [`e${version}${n}.example`] : [])],
          source: { ip: `8.8.${version}.${n >> 1}` },
        }),
      );
      await store.streams.apply(await agent.batch(told), noon);
    }
    for (const order of ["count", "lastSeen"] as const)
      for (const kind of [undefined, "domain"] as const) {
        const query = { order, ...(kind && { kind }) };
        const whole = (await store.indicators.list({ ...query, limit: 1000 })).items;
        const paged = await pages<Indicator>((cursor) => store.indicators.list({ ...query, limit: 7, ...cursor }));
        assert.deepEqual(paged, whole);
        const by = (one: Indicator) => [order === "count" ? one.count : 0, one.lastSeen] as const;
        const sorted = whole.toSorted((a, b) => by(b)[0] - by(a)[0] || by(b)[1] - by(a)[1]);
        assert.deepEqual(whole.map(by), sorted.map(by));
        if (kind) assert.equal(whole.length, 25);
      }
    const recent = await store.indicators.list({ order: "count", limit: 100, kind: "domain", since: noon - 120_000 });
    assert.deepEqual(
      new Set(recent.items.map(({ value }) => value)),
      new Set(["d0", "d1", "d2", "e00", "e01", "e02"].map((d) => `${d}.example`)),
    );
  });
}
