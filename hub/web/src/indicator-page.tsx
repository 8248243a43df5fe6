import { ago, moment, number, plural, short } from "./format.ts";
import { Copy, Foreign } from "./foreign.tsx";
import { defang, type Kind } from "./kind.ts";
import { useLive } from "./live.ts";
import { ObservationTable } from "./newest.tsx";
import { encode, homeHash } from "./route.ts";
import { Card, Empty, Loaded, Loading } from "./state.tsx";
import type { Agent, IndicatorDetail, Page } from "./wire.ts";

/** What the hub knows of one indicator. */
export function IndicatorPage({ kind, value }: { kind: Kind; value: string }) {
  const live = useLive<IndicatorDetail>(`/indicators/${kind}/${encode(value)}`, 15);
  const agents = useLive<Page<Agent>>("/agents", 60);
  const names = new Map(agents.data?.items.map((agent) => [agent.id, agent.name]));
  const shown = live.data?.value ?? value;
  return (
    <div class="indicator-page">
      <section class="card head">
        <p class="crumb">
          <a href={homeHash}>Overview</a> <span aria-hidden="true">›</span> {kind}
        </p>
        <h1>
          <Foreign text={kind === "url" ? defang(shown) : shown} mono /> <Copy text={shown} what={`this ${kind}`} />
        </h1>
        <Head live={live} kind={kind} />
      </section>
      {live.data && (
        <>
          <Card name="days" title="Sightings a day" aside="UTC">
            <Days days={live.data.days} />
          </Card>
          <Card name="by-agent" title="Agents" aside={plural(live.data.agents.length, "agent")}>
            <ul class="seen-by">
              {live.data.agents.map((agent) => (
                <li key={agent.agent}>
                  <Foreign text={names.get(agent.agent) ?? short(agent.agent)} />
                  <span class="muted">{plural(agent.count, "observation")}</span>
                </li>
              ))}
            </ul>
          </Card>
          <Card name="newest" title="Newest observations" aside="times in UTC">
            <ObservationTable items={live.data.observations} names={names} />
          </Card>
        </>
      )}
    </div>
  );
}

function Head({ live, kind }: { live: ReturnType<typeof useLive<IndicatorDetail>>; kind: Kind }) {
  if (!live.data && live.error?.status === 404)
    return (
      <Empty title={`No trap has seen this ${kind}`}>
        That says nothing good or bad of it: it only never stood in a mail that an agent read.
      </Empty>
    );
  if (!live.data && !live.error) return <Loading lines={2} />;
  return (
    <Loaded live={live}>
      {(found) => (
        <dl class="facts">
          <Fact term="Observations" value={number(found.count)} />
          <Fact term="First seen" value={ago(found.firstSeen, Date.now())} note={`${moment(found.firstSeen)} UTC`} />
          <Fact term="Last seen" value={ago(found.lastSeen, Date.now())} note={`${moment(found.lastSeen)} UTC`} />
          <Fact term="Agents" value={number(found.agents.length)} />
        </dl>
      )}
    </Loaded>
  );
}

const Fact = ({ term, value, note }: { term: string; value: string; note?: string }) => (
  <div>
    <dt>{term}</dt>
    <dd>{value}</dd>
    {note && <dd class="muted small">{note}</dd>}
  </div>
);

const shownDays = 60;
const dayMs = 86_400_000;

/** The last 60 days up to the newest sighting, quiet days included: a campaign's pauses tell as much as its waves. */
function Days({ days }: { days: IndicatorDetail["days"] }) {
  const counts = new Map(days.map(({ day, count }) => [day, count]));
  const last = Date.parse(days.at(-1)?.day ?? new Date().toISOString().slice(0, 10));
  const first = Math.max(last - (shownDays - 1) * dayMs, Math.min(Date.parse(days[0]?.day ?? ""), last - 29 * dayMs));
  const most = Math.max(1, ...counts.values());
  const all = Array.from({ length: Math.round((last - first) / dayMs) + 1 }, (_, i) =>
    new Date(first + i * dayMs).toISOString().slice(0, 10),
  );
  return (
    <>
      <ol class="day-bars" aria-label={`From ${all[0]} to ${all.at(-1)}`}>
        {all.map((day) => {
          const count = counts.get(day) ?? 0;
          return (
            <li
              key={day}
              class={count === 0 ? "none" : ""}
              title={`${day}: ${number(count)}`}
              style={{ "--share": String(count / most) }}
            >
              <span class="hidden">
                {day}: {count}
              </span>
            </li>
          );
        })}
      </ol>
      <p class="muted small ends">
        <span>{all[0]}</span>
        <span>{all.at(-1)}</span>
      </p>
    </>
  );
}
