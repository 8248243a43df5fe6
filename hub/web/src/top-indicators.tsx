import { useState } from "preact/hooks";
import { number } from "./format.ts";
import { IndicatorLink } from "./foreign.tsx";
import { defang, isKind, kinds, type Kind } from "./kind.ts";
import { useLive } from "./live.ts";
import { Card, Empty, Loaded } from "./state.tsx";
import type { Indicator, Page } from "./wire.ts";

const spans = ["24h", "7d"] as const;

/** What stands in most observations; a bar beside each shows its share of the first. */
export function TopIndicators() {
  const [kind, setKind] = useState<Kind>("ip");
  const [since, setSince] = useState<(typeof spans)[number]>("24h");
  const live = useLive<Page<Indicator>>(`/indicators?kind=${kind}&since=${since}&order=count&limit=15`);
  const choose = (
    <>
      <select
        aria-label="Kind of indicator"
        value={kind}
        onChange={({ currentTarget: { value } }) => isKind(value) && setKind(value)}
      >
        {kinds.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <span class="switch" role="group" aria-label="Seen in the last">
        {spans.map((span) => (
          <button key={span} type="button" aria-pressed={span === since} onClick={() => setSince(span)}>
            {span}
          </button>
        ))}
      </span>
    </>
  );
  return (
    <Card name="most" title="Top indicators" aside={choose}>
      <Loaded live={live} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={`No ${kind} in the last ${since}`} />
          ) : (
            <ol class="bars">
              {items.map((item) => (
                <li key={item.value} style={{ "--share": String(item.count / (items[0]?.count || 1)) }}>
                  <IndicatorLink
                    kind={kind}
                    value={item.value}
                    text={kind === "url" ? defang(item.value) : item.value}
                  />
                  <span class="n">{number(item.count)}</span>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Card>
  );
}
