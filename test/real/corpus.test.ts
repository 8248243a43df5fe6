import assert from "node:assert/strict";
import { readdirSync, renameSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { observationFault } from "../../shared/observation.ts";
import { corpusRoot } from "../support/config.ts";
import { unpackSpam } from "../support/corpus.ts";
import { must, pair, until, type AgentItem } from "../support/programs.ts";

/** The corpus's real spams in a folder of their own; skips aloud where they are not to be had. */
function realSpam(t: TestContext): string | undefined {
  const corpus = unpackSpam(corpusRoot);
  if ("missing" in corpus) {
    t.skip(`no real corpus: ${corpus.missing}`);
    return undefined;
  }
  t.after(corpus.remove);
  return corpus.folder;
}

test("the 1,896 real spams are at the hub after they were moved into the maildir, each once", async (t) => {
  const spam = realSpam(t);
  if (spam === undefined) return;
  const names = readdirSync(spam);
  assert.equal(names.length, 1896);
  const running = await pair(t);
  await running.agent.start();
  for (const name of names) copyFileSync(join(spam, name), join(running.maildir, "tmp", name));
  for (const name of names) renameSync(join(running.maildir, "tmp", name), join(running.maildir, "new", name));
  await until(running.observations, (count) => count === names.length, 180);
  const ids = new Set<string>();
  let sources = 0;
  for (let cursor = ""; ;) {
    const page = await running.api<{ items: { id: string; source?: { ip?: string } }[]; next?: string }>(
      `observations?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    for (const { id, source } of page.items) {
      ids.add(id);
      if (source?.ip) sources++;
    }
    if (!page.next) break;
    cursor = page.next;
  }
  assert.equal(ids.size, names.length, "each once, by its id");
  assert.ok(sources / names.length > 0.99, `${sources} of ${names.length} have a source`);
  const { items } = await running.api<{ items: AgentItem[] }>("agents");
  assert.equal(items[0]?.streams[0]?.lag, 0);
  await running.agent.end();
  assert.match(await must("agent", ["ledger", "verify", "--data", running.agentData]), /all holds/);
});

test("extract prints a valid observation for each real spam, in the order given", async (t) => {
  const spam = realSpam(t);
  if (spam === undefined) return;
  const files = readdirSync(spam).map((name) => join(spam, name));
  const lines = (await must("agent", ["extract", ...files])).split("\n");
  assert.equal(lines.length, files.length);
  for (const [i, line] of lines.entries()) {
    const { file, ...observation } = JSON.parse(line) as { file: string };
    assert.equal(file, files[i]);
    assert.equal(observationFault(observation), undefined, file);
  }
});
