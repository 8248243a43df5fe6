import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleMails } from "../../hub/quickstart/sample/mails.ts";
import { deliver } from "../support/maildir.ts";
import { must, pair, until } from "../support/programs.ts";

const kills = 30;

/** Repeats itself from run to run, so that a failure can be looked at again. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test(`${kills} times kill -9 of agent or hub while mail comes in: every mail is at the hub, once`, async (t) => {
  const running = await pair(t);
  const { hub, agent, maildir } = running;
  const random = randomNumbers(2009);
  const mails = sampleMails(kills * 12, 7);
  let delivered = 0;
  const deliverSome = (): void => {
    for (const { raw } of mails.slice(delivered, delivered + 12))
      deliver(maildir, `${delivered++}.M1P1.trap.example`, raw);
  };
  await agent.start();
  for (let kill = 0; kill < kills; kill++) {
    deliverSome();
    const victim = kill % 3 === 2 ? hub : agent;
    await new Promise((resolve) => setTimeout(resolve, random() * 900));
    await victim.end("SIGKILL");
    victim.begin();
  }
  assert.equal(delivered, kills * 12);
  await until(running.observations, (count) => count === delivered, 60);
  const { items } = await running.api<{ items: { id: string }[] }>("observations?limit=1000");
  assert.equal(new Set(items.map(({ id }) => id)).size, delivered, "each once, by its id");
  await agent.end();
  assert.match(await must("agent", ["ledger", "verify", "--data", running.agentData]), /all holds/);
  assert.equal(await hub.end(), 0);
});
