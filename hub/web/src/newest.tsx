import { number, shortMoment, moment, short } from "./format.ts";
import { Foreign, IndicatorLink } from "./foreign.tsx";
import { useLive } from "./live.ts";
import { indicatorHash, observationHash } from "./route.ts";
import { Card, Empty, Loaded } from "./state.tsx";
import type { Observation, Page } from "./wire.ts";

export function Newest({ names }: { names: ReadonlyMap<string, string> }) {
  const live = useLive<Page<Observation>>("/observations?limit=50");
  return (
    <Card name="newest" title="Newest observations" aside="times in UTC">
      <Loaded live={live} lines={10}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing observed yet">As soon as an agent finds a mail at a trap, it is here.</Empty>
          ) : (
            <ObservationTable items={items} names={names} />
          )
        }
      </Loaded>
    </Card>
  );
}

export function ObservationTable({
  items,
  names,
}: {
  items: readonly Observation[];
  names?: ReadonlyMap<string, string>;
}) {
  const now = Date.now();
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Observations">
      <table class="observations">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Source</th>
            <th scope="col">From and subject</th>
            <th scope="col" class="count">
              URLs
            </th>
            <th scope="col" class="count" title="Attachments">
              Att.
            </th>
            <th scope="col">Campaign</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Row key={item.id} item={item} now={now} agent={names?.get(item.agent)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ item, now, agent }: { item: Observation; now: number; agent: string | undefined }) {
  const { source } = item;
  const name = source?.rdns ?? source?.helo;
  const campaign = campaignOf(item);
  return (
    <tr>
      <td class="when">
        <time dateTime={item.observedAt} title={`${moment(item.observedAt)} UTC`}>
          {shortMoment(item.observedAt, now)}
        </time>
        {agent && (
          <span class="second">
            <Foreign text={agent} />
          </span>
        )}
      </td>
      <td class="source">
        {source?.ip ? <IndicatorLink kind="ip" value={source.ip} /> : <span class="muted">unknown</span>}
        {name && (
          <span class="second" title={source?.rdns ? "Reverse DNS" : "HELO"}>
            <Foreign text={name} />
          </span>
        )}
      </td>
      <td class="what">
        <a href={observationHash(item.id)} class="subject">
          {item.subject ? <Foreign text={item.subject} /> : <span class="muted">(no subject)</span>}
        </a>
        <span class="second">
          {item.from ? <Foreign text={item.from} /> : "no sender"}
          {item.defects && item.defects.length > 0 && (
            <span class="badge defect" title={item.defects.join(", ")}>
              {item.defects.length} {item.defects.length === 1 ? "defect" : "defects"}
            </span>
          )}
          {item.backscatter && <span class="badge">backscatter</span>}
        </span>
      </td>
      <td class="count">{number(item.urls?.length ?? 0)}</td>
      <td class="count">{number(item.attachments?.length ?? 0)}</td>
      <td class="campaign">{campaign ? <Campaign name={campaign} /> : <span class="muted">–</span>}</td>
    </tr>
  );
}

/** By body, or by subject where there is no body to speak of: as the store names campaigns. */
function campaignOf({ campaign }: Observation): string | undefined {
  if (campaign?.body) return `body:${campaign.body}`;
  return campaign?.subject ? `subject:${campaign.subject}` : undefined;
}

/** A campaign's key as a short tag, with a tint of its own, so that the same campaign is seen at a glance. */
function Campaign({ name }: { name: string }) {
  const key = name.slice(name.indexOf(":") + 1);
  const hue = Number.parseInt(key.slice(0, 4), 16) % 360;
  return (
    <a class="tag mono" href={indicatorHash("campaign", name)} style={{ "--hue": String(hue) }} title={name}>
      {short(key)}
    </a>
  );
}
