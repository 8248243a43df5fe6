import { number } from "./format.ts";
import { useLive } from "./live.ts";
import { Plot, plottedHours as span } from "./plot.tsx";
import { Card, Empty, Loaded } from "./state.tsx";
import type { Page, TrendPoint } from "./wire.ts";

/** Observations an hour, the last 48 h; the hours without any are filled in here. */
export function Hourly() {
  const live = useLive<Page<TrendPoint>>(`/trends?kind=observation&bucket=hour&since=${span}h`);
  const total = live.data?.items.reduce((sum, point) => sum + point.count, 0);
  return (
    <Card
      name="hourly"
      title="Observations an hour"
      aside={
        total !== undefined && (
          <>
            <strong>{number(total)}</strong> in the last {span} h, UTC
          </>
        )
      }
    >
      <Loaded live={live} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={`No spam in the last ${span} hours`}>What agents find appears here by itself.</Empty>
          ) : (
            <Plot points={items} />
          )
        }
      </Loaded>
    </Card>
  );
}
