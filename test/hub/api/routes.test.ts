import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { HeldObservation, Indicator, IndicatorDetail } from "../../../hub/store/contract.ts";
import type { AgentItem } from "../../../hub/api/agents.ts";
import { observationFault } from "../../../shared/observation.ts";
import { seedAgent, seedObservations, spam } from "../../support/seeded-hub.ts";
import { realStore, serveApi, wholeFile } from "../../support/served-api.ts";

interface List<T> {
  items: T[];
  next?: string;
}
const hour = 3_600_000;

async function hub(t: Pick<TestContext, "after">, count = 30) {
  const store = await realStore(t);
  const now = Date.now();
  const agent = await seedAgent(store, "trap-1", "Example Org", now);
  const seen = Array.from({ length: count }, (_, i) => spam(i, now - (count - i) * 600_000));
  await seedObservations(store, agent, seen, now);
  return { store, now, agent, seen, api: await serveApi(t, store) };
}

/** For the tests that only read. */
const shared = await hub(wholeFile);

test("an agent is shown with its streams, how far they are durable, and how far behind", async (t) => {
  const { store, now, agent, api } = await hub(t);
  const health = { backlog: 2, observations: 30, defects: 1, refused: 0, redactions: 0, freeBytes: 9, lastError: "" };
  await store.roster.seen(agent.id, now, health);
  await store.streams.head(agent.stream, 7, 0, now);
  const { items } = await api.json<List<AgentItem>>("/api/v1/agents");
  assert.deepEqual(items, [
    {
      id: agent.id,
      name: "trap-1",
      operator: "Example Org",
      role: "agent",
      release: "0.1.0",
      joinedAt: new Date(now).toISOString(),
      lastSeen: new Date(now).toISOString(),
      observations: 30,
      health,
      streams: [{ incarnation: agent.stream.incarnation, version: 1, head: 7, lag: 6, floor: 0 }],
    },
  ]);
});

test("a halted stream and a revoked agent are told with their reason and time", async (t) => {
  const { store, now, agent, api } = await hub(t);
  await store.streams.halt(agent.stream, "two signatures for version 1", [], now);
  await store.roster.revoke("trap-1", now);
  const { items } = await api.json<List<AgentItem>>("/api/v1/agents");
  assert.equal(items[0]?.revokedAt, new Date(now).toISOString());
  assert.deepEqual(items[0]?.streams[0]?.halted, {
    at: new Date(now).toISOString(),
    reason: "two signatures for version 1",
  });
});

test("no field of an observation is lost on its way through the API", async () => {
  const { store, seen, agent, api } = shared;
  for (const sent of seen) {
    const got = await api.json<HeldObservation>(`/api/v1/observations/${sent.id}`);
    const { agent: from, learnedAt, ...observation } = got;
    assert.deepEqual(got, JSON.parse(JSON.stringify(await store.observations.get(sent.id))));
    assert.deepEqual(observation, sent);
    assert.equal(observationFault(observation), undefined);
    assert.equal(from, agent.id);
    assert.match(learnedAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  }
});

test("pages lead through all observations, newest first, each once", async () => {
  const { seen, api } = shared;
  const got: string[] = [];
  let cursor = "";
  do {
    const page = await api.json<List<HeldObservation>>(`/api/v1/observations?limit=7${cursor}`);
    assert.ok(page.items.length <= 7);
    got.push(...page.items.map(({ id }) => id));
    cursor = page.next === undefined ? "" : `&cursor=${encodeURIComponent(page.next)}`;
  } while (cursor);
  assert.deepEqual(got, seen.map(({ id }) => id).toReversed());
});

test("since and until take ISO times and spans, and since is within, until without", async () => {
  const { seen, api, agent } = shared;
  const { observedAt } = seen[10]!;
  const count = async (query: string) =>
    (await api.json<List<unknown>>(`/api/v1/observations?limit=1000&${query}`)).items.length;
  assert.equal(await count(`since=${observedAt}`), 20);
  assert.equal(await count(`until=${observedAt}`), 10);
  assert.equal(await count("since=61m"), 6);
  assert.equal(await count("since=7d"), 30);
  assert.equal(await count("until=7d"), 0);
  assert.equal(await count(`agent=${agent.id}`), 30);
  assert.equal(await count(`agent=${"0".repeat(64)}`), 0);
});

test("an indicator is found however it is spelled, with slashes raw or encoded", async () => {
  const { seen, api } = shared;
  const { url, host } = seen[1]!.urls![0]!;
  const detail = (path: string) => api.json<IndicatorDetail>(`/api/v1/indicators/${path}`);
  for (const path of [encodeURIComponent(url), encodeURIComponent(url).replaceAll("%2F", "/")]) {
    const found = await detail(`url/${path}`);
    assert.equal(found.value, url);
    assert.equal(found.count, 1);
    assert.deepEqual(
      found.observations.map(({ id }) => id),
      [seen[1]!.id],
    );
  }
  assert.equal((await detail(`host/${host!.toUpperCase()}.`)).value, host);
  assert.equal((await detail("domain/EXAMPLE.com")).value, "example.com");
  assert.equal((await detail("ip/2A00:1450:4001:0:0:0:0:1")).value, "2a00:1450:4001::1");
  assert.equal((await detail(`ip/::ffff:${seen[1]!.source!.ip!}`)).value, seen[1]!.source!.ip);
  const file = seen.find((one) => one.attachments)!.attachments![0]!;
  assert.equal((await detail(`attachment/${file.sha256.toUpperCase()}`)).value, file.sha256);
});

test("an indicator tells its agents, its days and its newest observations", async (t) => {
  const { store, now, seen, agent, api } = await hub(t);
  const second = await seedAgent(store, "trap-2", "Example Net", now);
  await seedObservations(store, second, [spam(900, now - 50 * hour, { domains: ["example.com"] })], now);
  const found = await api.json<IndicatorDetail & { firstSeen: string }>("/api/v1/indicators/domain/example.com");
  const own = seen.filter((one) => one.domains?.includes("example.com"));
  assert.equal(found.count, own.length + 1);
  assert.deepEqual(
    new Map(found.agents.map((each) => [each.agent, each.count])),
    new Map([
      [agent.id, own.length],
      [second.id, 1],
    ]),
  );
  assert.equal(
    found.days.reduce((sum, day) => sum + day.count, 0),
    found.count,
  );
  assert.equal(found.firstSeen, new Date(Math.floor((now - 50 * hour) / 1000) * 1000).toISOString());
  assert.ok(found.observations.length > 0 && found.observations.length <= 20);
});

test("indicators are listed by how often or how lately they were seen", async () => {
  const { api } = shared;
  const list = (query: string) => api.json<List<Indicator>>(`/api/v1/indicators?${query}`);
  const often = await list("kind=domain&order=count&since=24h");
  assert.deepEqual(
    often.items.map(({ kind }) => kind),
    often.items.map(() => "domain"),
  );
  assert.deepEqual(
    often.items.map(({ count }) => count),
    often.items.map(({ count }) => count).toSorted((a, b) => b - a),
  );
  const late = await list("limit=1000");
  const times = late.items.map(({ lastSeen }) => String(lastSeen));
  assert.deepEqual(times, times.toSorted().toReversed());
  assert.ok(new Set(late.items.map(({ kind }) => kind)).size >= 6);
});

test("a trend counts every observation once, by hour and by day", async () => {
  const { api } = shared;
  for (const bucket of ["hour", "day"]) {
    const { items } = await api.json<List<{ at: string; count: number }>>(`/api/v1/trends?bucket=${bucket}&since=7d`);
    assert.equal(
      items.reduce((sum, { count }) => sum + count, 0),
      30,
    );
    for (const { at } of items) assert.equal(Date.parse(at) % (bucket === "hour" ? hour : 24 * hour), 0);
  }
});
