import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { Kysely } from "kysely";
import type { Store } from "../../../hub/store/contract.ts";
import { oftenIndicators, recentIndicators } from "../../../hub/store/indicator-list.ts";
import { newestObservations } from "../../../hub/store/observations.ts";
import type { Database } from "../../../hub/store/schema.ts";
import { sqliteThread } from "../../../hub/store/sqlite/dialect.ts";
import { writeCursor } from "../../../hub/store/cursor.ts";
import { enrolled, noon, spam } from "./samples.ts";
import { Scratch } from "./scratch.ts";

const scratch = new Scratch();
const directory = scratch.directory();
let store: Store;
/** Another process's connection, as it were. */
let other: DatabaseSyncInstance;

before(async () => {
  store = await scratch.store(directory);
  const agent = await enrolled(store);
  await store.streams.apply(await agent.batch([spam("1"), spam("2")]), noon);
  other = new DatabaseSync(join(directory, "hub.sqlite"), { timeout: 0 });
});

describe("reading beside writing", () => {
  it("answers reads while a transaction is open, and the write that waits goes on after it", async () => {
    other.exec("begin immediate; insert into fact values ('held', 'uncommitted')");
    let written = false;
    const write = store.facts.set("waits", "yes").then(() => (written = true));
    assert.equal((await store.observations.list({ limit: 10 })).items.length, 2);
    assert.equal(await store.facts.get("held"), undefined);
    assert.equal(written, false);
    other.exec("commit");
    await write;
    assert.equal(await store.facts.get("waits"), "yes");
  });
  it("reads through a connection that cannot write", async () => {
    const settings = { file: join(directory, "hub.sqlite"), readOnly: true };
    const reader = new Kysely<Database>({ dialect: sqliteThread(settings) });
    const write = reader.insertInto("fact").values({ key: "a", value: "b" }).execute();
    await assert.rejects(write, /readonly|cannot be opened for writing/);
    await reader.destroy();
  });
});

describe("the plans of the lists", () => {
  const offline = new Kysely<Database>({ dialect: sqliteThread({ file: ":memory:", readOnly: true }) });
  const planOf = (query: { compile(): { sql: string; parameters: readonly unknown[] } }): string => {
    const { sql, parameters } = query.compile();
    const rows = other.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
    return rows.map(({ detail }) => detail).join("\n");
  };
  const at = writeCursor([noon, 1, 1, 1]);

  for (const [name, query, index] of [
    ["newest observations", {}, "observation_newest"],
    ["those after a cursor", { cursor: at }, "observation_newest"],
    ["those of a time", { since: 1, until: noon, cursor: at }, "observation_newest"],
    ["those of an agent", { agent: "a", cursor: at }, "observation_author"],
  ] as const)
    it(`${name}: by index, without sorting`, () => {
      const plan = planOf(newestObservations(offline, { limit: 10, ...query }));
      assert.match(plan, new RegExp(`(SCAN|SEARCH) observation USING INDEX ${index}`));
      assert.doesNotMatch(plan, /TEMP B-TREE/);
    });
  for (const since of [undefined, 1])
    for (const after of [undefined, { count: 3, lastSeen: noon, key: "k" }])
      it(`indicators${since ? " since a time" : ""}${after ? " after a cursor" : ""}: by index, without sorting`, () => {
        const scope = { kind: "ip" as const, since, limit: 10 };
        const recent = planOf(recentIndicators(offline, scope, after));
        assert.match(recent, /USING INDEX indicator_recent/);
        const often = planOf(oftenIndicators(offline, scope, after));
        assert.match(often, /USING INDEX indicator_often/);
        assert.doesNotMatch(recent + often, /TEMP B-TREE/);
      });
});
