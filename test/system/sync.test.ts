import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, rmSync } from "node:fs";
import { test } from "node:test";
import { connect } from "node:tls";
import { sampleMails } from "../../hub/quickstart/sample/mails.ts";
import { countingProxy, type CountingProxy } from "../support/counting-proxy.ts";
import { deliver } from "../support/maildir.ts";
import { command, must, pair, until, type AgentItem, type Pair } from "../support/programs.ts";

const deliverMails = (maildir: string, from: number, to: number): void => {
  for (const [i, { raw }] of sampleMails(to, 3).entries())
    if (i >= from) deliver(maildir, `${i}.M1P1.trap.example`, raw);
};
const streamsOf = async ({ api }: Pair) => (await api<{ items: AgentItem[] }>("agents")).items[0]?.streams ?? [];

test("a hub that was away is caught up by versions alone; what it has is not sent again, and nothing new costs under 1 KB", async (t) => {
  let proxy: CountingProxy | undefined;
  const running = await pair(t, { through: async (grpc) => (proxy = await countingProxy(t, grpc)).address });
  assert.ok(proxy);
  const { hub, agent, maildir } = running;
  await agent.start();
  deliverMails(maildir, 0, 100);
  await until(running.observations, (count) => count === 100);
  await hub.end();
  deliverMails(maildir, 100, 160);
  await until(
    async () =>
      JSON.parse(await must("agent", ["status", "--json", "--data", running.agentData])) as { observations: number },
    ({ observations }) => observations === 160,
  );
  await hub.start();
  await until(running.observations, (count) => count === 160);
  const [stream] = await streamsOf(running);
  assert.equal(stream?.lag, 0);

  // A connection of its own for a sync with nothing new: less TLS, it is one small exchange.
  const handshake = await tlsCost(proxy);
  proxy.reset();
  proxy.cut(true);
  proxy.cut(false);
  const before = (await running.api<{ items: AgentItem[] }>("agents")).items[0]?.lastSeen;
  await until(
    async () => (await running.api<{ items: AgentItem[] }>("agents")).items[0]?.lastSeen,
    (seen) => seen !== before,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const cost = proxy.bytes() - 2 * handshake;
  assert.ok(cost < 1024, `${cost} bytes beside two TLS handshakes of ${handshake}`);
  assert.ok(cost > 0);
});

/** What one TLS handshake costs through the proxy: the agent makes two, one to see the certificate, one to speak. */
async function tlsCost(proxy: CountingProxy): Promise<number> {
  const [host, port] = proxy.address.split(":");
  const before = proxy.bytes();
  const socket = connect({ host: host ?? "", port: Number(port), rejectUnauthorized: false, ALPNProtocols: ["h2"] });
  await once(socket, "secureConnect");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const cost = proxy.bytes() - before;
  socket.destroy();
  return cost;
}

test("an agent restored from a copy is halted, named on both sides, and goes on after a restart without counting twice", async (t) => {
  const running = await pair(t);
  const { agent, maildir, agentData } = running;
  await agent.start();
  deliverMails(maildir, 0, 30);
  await until(running.observations, (count) => count === 30);
  await agent.end();
  cpSync(agentData, `${agentData}.copy`, { recursive: true });
  await agent.start();
  deliverMails(maildir, 30, 60);
  await until(running.observations, (count) => count === 60);
  await agent.end();
  rmSync(agentData, { recursive: true });
  cpSync(`${agentData}.copy`, agentData, { recursive: true });
  await agent.start();
  deliverMails(maildir, 60, 90);

  const halted = await until(
    () => streamsOf(running),
    (streams) => streams.some((stream) => stream.halted),
  );
  assert.match(halted[0]?.halted?.reason ?? "", /rolled back|another version/);
  assert.match(await must("agent", ["status", "--data", agentData]), /HALTED.*ledger restart/);
  assert.match(await must("hub", ["agents", "--data", running.hubData]), /halted/);
  assert.equal(await running.observations(), 60, "nothing of a halted stream is taken");

  assert.match(await must("agent", ["ledger", "restart", "--data", agentData]), /new incarnation/);
  await until(running.observations, (count) => count === 90);
  const streams = await streamsOf(running);
  assert.equal(streams.length, 2, "the hub keeps the old incarnation");
  await agent.end();
  assert.match(await must("agent", ["ledger", "verify", "--data", agentData]), /all holds/);
  const { items } = await running.api<{ items: { id: string }[] }>("observations?limit=1000");
  assert.equal(new Set(items.map(({ id }) => id)).size, 90);
});

test("a revoked agent is shut out while it runs, and told so", async (t) => {
  const running = await pair(t);
  await running.agent.start();
  deliverMails(running.maildir, 0, 5);
  await until(running.observations, (count) => count === 5);
  await must("hub", ["revoke", "mx", "--data", running.hubData]);
  const status = async () =>
    JSON.parse(await must("agent", ["status", "--json", "--data", running.agentData])) as {
      hubs: { state: string; lastError?: string }[];
    };
  const { hubs } = await until(status, (told) => told.hubs[0]?.state === "denied", 8);
  assert.match(hubs[0]?.lastError ?? "", /revoked/);
  deliverMails(running.maildir, 5, 10);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(await running.observations(), 5);
});

test("an agent that gives GREEN alone is caught up, and nothing AMBER is at the hub", async (t) => {
  const running = await pair(t);
  const token = await must("hub", ["invite", "green", "--data", running.hubData, "--public", running.grpc]);
  await must("agent", ["join", token, "--tlp", "green", "--data", running.agentData]);
  await running.agent.start();
  deliverMails(running.maildir, 0, 20);
  await until(running.observations, (count) => count === 20);
  const { items } = await running.api<{ items: Record<string, unknown>[] }>("observations?limit=100");
  for (const item of items)
    assert.deepEqual(
      [item["subject"], item["urls"], item["envelope"], item["from"]],
      [undefined, undefined, undefined, undefined],
    );
  const { status } = await command("agent", ["extract", "-", "--data", running.agentData], {
    input: sampleMails(1, 1)[0]!.raw,
  });
  assert.equal(status, 0);
});
