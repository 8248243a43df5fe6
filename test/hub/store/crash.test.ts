import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Scratch } from "./scratch.ts";

const scratch = new Scratch();
const writer = fileURLToPath(new URL("crash-writer.ts", import.meta.url));
const perBatch = 50;

describe("a hub that is killed while it writes", () => {
  it("holds every batch that it said was applied, each whole and once", async () => {
    const directory = scratch.directory();
    for (const kill of [1, 4]) {
      const child = fork(writer, [directory, String(perBatch)], { execArgv: ["--import", "tsx"] });
      let said = 0;
      for (let seen = 0; seen < kill; seen++) [said] = (await once(child, "message")) as [number];
      child.kill("SIGKILL");
      await once(child, "exit");

      const store = await scratch.store(directory);
      const streams = await store.streams.streams();
      const versions = streams.map(({ cursor }) => cursor.version);
      assert.ok(versions.at(-1)! >= said, `${versions.at(-1)} versions held, ${said} were acknowledged`);
      const held = versions.reduce((sum, version) => sum + version * perBatch, 0);
      const counts = [...(await store.observations.counts()).values()].reduce((sum, count) => sum + count, 0);
      assert.equal(counts, held);
      const domain = await store.indicators.get("domain", "shop.example.com");
      assert.equal(domain?.count, held);
      assert.equal(
        domain?.agents.reduce((sum, { count }) => sum + count, 0),
        held,
      );
      const [trend] = await store.observations.trend({ kind: "observation", bucket: "day", since: 0 });
      assert.equal(trend?.count, held);
      await store.close();
    }
  });
});
