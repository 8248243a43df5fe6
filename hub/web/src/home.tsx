import { Agents } from "./agents.tsx";
import { Hourly } from "./hourly.tsx";
import { useLive } from "./live.ts";
import { Newest } from "./newest.tsx";
import { TopIndicators } from "./top-indicators.tsx";
import type { Agent, Page } from "./wire.ts";

/** The first page: how much comes in, from whom, and what. */
export function Home() {
  const agents = useLive<Page<Agent>>("/agents");
  const names = new Map(agents.data?.items.map((agent) => [agent.id, agent.name]));
  return (
    <div class="home">
      <h1 class="hidden">Overview</h1>
      <Hourly />
      <Agents live={agents} />
      <Newest names={names} />
      <TopIndicators />
    </div>
  );
}
