import { openStore } from "../../../hub/store/store.ts";
import { enrolled, noon, spam } from "./samples.ts";

/** Applies batches of a new agent until it is killed, and says after each which version is durable. */
const [directory = "", perBatch = "1"] = process.argv.slice(2);
const store = await openStore({ directory, mode: "serve" });
const agent = await enrolled(store, `mx ${process.pid}`);
for (let version = 1; ; version++) {
  const told = Array.from({ length: Number(perBatch) }, (_, n) => spam(`${agent.id} ${version} ${n}`));
  const applied = await store.streams.apply(await agent.batch(told), noon);
  if (applied.outcome !== "applied") throw new Error(`version ${version}: ${applied.outcome}`);
  process.send?.(version);
}
