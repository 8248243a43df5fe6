import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CompiledQuery, sql, Kysely } from "kysely";
import { ThreadConnection } from "../../../hub/store/sqlite/connection.ts";
import { sqliteThread, ThreadDriver } from "../../../hub/store/sqlite/dialect.ts";
import { Scratch } from "./scratch.ts";

const scratch = new Scratch();
const settings = () => ({ file: join(scratch.directory(), "hub.sqlite"), readOnly: false });
describe("a connection in a thread", () => {
  it("rejects what waits when its thread dies, and every later call", async () => {
    const connection = new ThreadConnection(settings());
    await connection.executeQuery(CompiledQuery.raw("create table t (a bigint)"));
    // Between statements: a thread that is ended within the engine takes the process along.
    const killed = connection.kill();
    const waits = [1, 2].map(() => connection.executeQuery(CompiledQuery.raw("select 1")));
    const ends = waits.map((waiting) => assert.rejects(waiting, { code: "temporary", message: /broke/ }));
    await killed;
    await Promise.all(ends);
    await assert.rejects(connection.executeQuery(CompiledQuery.raw("select 1")), { code: "temporary" });
    await connection.close();
  });
  it("is replaced by its driver, and what its transaction had written is gone", async () => {
    const driver = new ThreadDriver(settings());
    await driver.init();
    const first = await driver.acquireConnection();
    await first.executeQuery(CompiledQuery.raw("create table t (a bigint)"));
    await driver.beginTransaction(first);
    await first.executeQuery(CompiledQuery.raw("insert into t values (1)"));
    await first.kill();
    await driver.rollbackTransaction(first);
    await driver.releaseConnection();
    const second = await driver.acquireConnection();
    assert.notEqual(second, first);
    assert.deepEqual((await second.executeQuery(CompiledQuery.raw("select * from t"))).rows, []);
    await driver.releaseConnection();
    await driver.destroy();
  });
  it("rolls a failed transaction back, keeps the engine's code, and gives rows with a prototype", async () => {
    const database = new Kysely<{ t: { a: number; b: Uint8Array } }>({ dialect: sqliteThread(settings()) });
    await sql`create table t (a bigint primary key, b blob)`.execute(database);
    const twice = database.transaction().execute(async (transaction) => {
      for (const b of [Buffer.from([0, 255]), Buffer.from("x")])
        await transaction.insertInto("t").values({ a: 1, b }).execute();
    });
    await assert.rejects(twice, { code: "SQLITE_CONSTRAINT" });
    assert.deepEqual(await database.selectFrom("t").selectAll().execute(), []);
    await database
      .insertInto("t")
      .values({ a: 1, b: Buffer.from([0, 255]) })
      .execute();
    assert.deepEqual(await database.selectFrom("t").selectAll().execute(), [{ a: 1, b: Uint8Array.of(0, 255) }]);
    await database.destroy();
  });
  it("serves transactions in the order in which they were asked for, one at a time", async () => {
    const database = new Kysely<{ t: { a: number } }>({ dialect: sqliteThread(settings()) });
    await sql`create table t (a bigint)`.execute(database);
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 5 }, (_, a) =>
        database.transaction().execute(async (transaction) => {
          await transaction.insertInto("t").values({ a }).execute();
          await transaction.selectFrom("t").selectAll().execute();
          order.push(a);
        }),
      ),
    );
    assert.deepEqual(order, [0, 1, 2, 3, 4]);
    await database.destroy();
  });
});
