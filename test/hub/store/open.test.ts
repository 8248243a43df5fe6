import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DatabaseSync } from "@photostructure/sqlite";
import { openStore } from "../../../hub/store/store.ts";
import { newestSchema } from "../../../hub/store/migrate.ts";
import { Scratch } from "./scratch.ts";

const scratch = new Scratch();

/** The store's file as another release might have left it. */
function withSchema(version: number): string {
  const directory = scratch.directory();
  const database = new DatabaseSync(join(directory, "hub.sqlite"));
  database.exec("create table schema_version (version bigint not null)");
  database.prepare("insert into schema_version values (?)").run(version);
  database.close();
  return directory;
}

describe("opening the store", () => {
  it("makes a directory that only its owner may enter, and its commands find it", async () => {
    const directory = join(scratch.directory(), "a", "b");
    const serve = await scratch.store(directory);
    await serve.facts.set("address", "hub.example.org:8471");
    const cli = await scratch.store(directory, "cli");
    assert.equal(await cli.facts.get("address"), "hub.example.org:8471");
    await cli.facts.set("address", "hub.example.net:8471");
    assert.equal(await serve.facts.get("address"), "hub.example.net:8471");
  });
  it("a command on a directory without a store says to serve first, and makes nothing", async () => {
    const directory = scratch.directory();
    await assert.rejects(openStore({ directory, mode: "cli" }), { code: "config", message: /tip-hub serve once/ });
    assert.equal(existsSync(join(directory, "hub.sqlite")), false);
  });
  it("a newer schema is refused by all, naming both numbers", async () => {
    const directory = withSchema(newestSchema + 1);
    for (const mode of ["serve", "cli"] as const)
      await assert.rejects(openStore({ directory, mode }), {
        code: "config",
        message: new RegExp(`schema ${newestSchema + 1}.*up to ${newestSchema}.*upgrade`),
      });
  });
  it("a command does not migrate an older schema, and serve does", async () => {
    const directory = withSchema(0);
    await assert.rejects(openStore({ directory, mode: "cli" }), { code: "config", message: /serve of this release/ });
    await (await scratch.store(directory)).close();
    await (await scratch.store(directory)).close();
    await (await scratch.store(directory, "cli")).close();
  });
  it("one process serves a directory: the second is told who does", async () => {
    const directory = scratch.directory();
    const first = await scratch.store(directory);
    const held = { code: "temporary", message: new RegExp(`process ${process.pid}\\)`) };
    await assert.rejects(openStore({ directory, mode: "serve" }), held);
    const other = `import { lockDirectory } from ${JSON.stringify(import.meta.resolve("../../../hub/store/lock.ts"))};
      try { lockDirectory(${JSON.stringify(directory)}, "serve"); } catch (error) { console.log(error.code, error.message); }`;
    const { stdout } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", other], {
      encoding: "utf8",
    });
    assert.match(stdout, new RegExp(`^temporary .*process ${process.pid}\\)`));
    await first.close();
    await (await scratch.store(directory)).close();
  });
  it("a file that is no database, and a place that can be no directory, are named", async () => {
    const directory = scratch.directory();
    writeFileSync(join(directory, "hub.sqlite"), "this is no database at all, ".repeat(100));
    await assert.rejects(openStore({ directory, mode: "serve" }), { code: "damaged", message: /backup/ });
    writeFileSync(join(directory, "file"), "");
    await assert.rejects(openStore({ directory: join(directory, "file", "x"), mode: "serve" }), { code: "config" });
    mkdirSync(join(directory, "odd", "hub.sqlite"), { recursive: true });
    await assert.rejects(openStore({ directory: join(directory, "odd"), mode: "serve" }), { code: "config" });
  });
  it("what is asked after the end is refused, not left waiting", async () => {
    const store = await scratch.store();
    await store.facts.set("a", "b");
    await store.close();
    await store.close();
    await assert.rejects(store.facts.set("a", "c"));
    await assert.rejects(store.facts.get("a"));
  });
});
