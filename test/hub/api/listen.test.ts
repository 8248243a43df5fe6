import assert from "node:assert/strict";
import test from "node:test";
import Fastify from "fastify";
import { listenApi } from "../../../hub/api/listen.ts";
import { Failure } from "../../../shared/failure.ts";

test("a port that is taken is a temporary failure that names the address and the option", async (t) => {
  const [first, second] = [Fastify(), Fastify()];
  t.after(() => Promise.all([first.close(), second.close()]));
  const { port } = await listenApi(first, { host: "127.0.0.1", port: 0 });
  await assert.rejects(listenApi(second, { host: "127.0.0.1", port }), (error) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.code, "temporary");
    assert.match(error.message, new RegExp(`^HTTP address 127.0.0.1:${port} is taken .*--http`));
    return true;
  });
});

test("an address of another machine is a wrong setting", async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  await assert.rejects(listenApi(app, { host: "192.0.2.1", port: 0 }), (error) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.code, "config");
    assert.match(error.message, /not one of this machine's.*--http/);
    return true;
  });
});
