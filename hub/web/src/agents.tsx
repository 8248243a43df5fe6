import { ago, moment, number, plural } from "./format.ts";
import { Foreign } from "./foreign.tsx";
import type { Live } from "./live.ts";
import { Card, Empty, Loaded } from "./state.tsx";
import type { Agent, Page } from "./wire.ts";

/** An agent tells its health once a minute: after this long without a word it counts as silent. */
const silentAfter = 180_000;

type Standing = { readonly name: "revoked" | "halted" | "silent" | "behind" | "live"; readonly why: string };

function standingOf(agent: Agent, now: number): Standing {
  if (agent.revokedAt) return { name: "revoked", why: `revoked ${moment(agent.revokedAt)}` };
  // A later incarnation supersedes an earlier one that was halted.
  const halted = agent.streams.at(-1)?.halted;
  if (halted) return { name: "halted", why: halted.reason };
  if (!agent.lastSeen) return { name: "silent", why: "never heard of" };
  if (now - Date.parse(agent.lastSeen) > silentAfter)
    return { name: "silent", why: `last heard of ${ago(agent.lastSeen, now)}` };
  return lagOf(agent) > 0
    ? { name: "behind", why: `${plural(lagOf(agent), "version")} still to pull` }
    : { name: "live", why: "in step" };
}

/** What a person must look at stands first. */
const concern = ["halted", "silent", "behind", "live", "revoked"];
const byConcern = (agents: readonly Agent[], now: number): Agent[] =>
  agents.toSorted((a, b) => concern.indexOf(standingOf(a, now).name) - concern.indexOf(standingOf(b, now).name));

const lagOf = (agent: Agent): number =>
  agent.streams.reduce((sum, stream) => sum + (stream.halted ? 0 : stream.lag), 0);

export function Agents({ live }: { live: Live<Page<Agent>> }) {
  const now = Date.now();
  return (
    <Card name="agents" title="Agents" aside={live.data && plural(live.data.items.length, "agent")}>
      <Loaded live={live}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No agent has joined yet">
              On the hub: <code>tip-hub invite NAME</code>, then on the mail server: <code>tip-agent join TOKEN</code>
            </Empty>
          ) : (
            <ul class="agent-list" tabIndex={0} aria-label="Agents">
              {byConcern(items, now).map((agent) => (
                <Row key={agent.id} agent={agent} now={now} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

function Row({ agent, now }: { agent: Agent; now: number }) {
  const standing = standingOf(agent, now);
  const stream = agent.streams.at(-1);
  const told = standing.name === "halted" ? standing.why : agent.health?.lastError;
  return (
    <li>
      <div class="line">
        <span class="name">
          <Foreign text={agent.name} />
          {agent.operator && (
            <span class="muted">
              {" "}
              <Foreign text={agent.operator} />
            </span>
          )}
        </span>
        <span class={`badge ${standing.name}`} title={standing.why}>
          {standing.name}
        </span>
      </div>
      <dl>
        <Fact term="head" value={number(stream?.head ?? 0)} />
        <Fact term="lag" value={number(lagOf(agent))} />
        <Fact term="observations" value={number(agent.observations)} />
        <div>
          <dt>seen</dt>
          <dd>
            {agent.lastSeen ? (
              <time dateTime={agent.lastSeen} title={`${moment(agent.lastSeen)} UTC`}>
                {ago(agent.lastSeen, now)}
              </time>
            ) : (
              "never"
            )}
          </dd>
        </div>
      </dl>
      {told && (
        <p class="told">
          <Foreign text={told} />
        </p>
      )}
    </li>
  );
}

const Fact = ({ term, value }: { term: string; value: string }) => (
  <div>
    <dt>{term}</dt>
    <dd>{value}</dd>
  </div>
);
