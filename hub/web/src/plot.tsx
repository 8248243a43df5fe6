import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { number } from "./format.ts";
import type { TrendPoint } from "./wire.ts";

const hour = 3_600_000;
export const plottedHours = 48;

function filled(points: readonly TrendPoint[], now: number): uPlot.AlignedData {
  const counts = new Map(points.map((point) => [Date.parse(point.at), point.count]));
  const last = Math.floor(now / hour) * hour;
  const hours = Array.from({ length: plottedHours }, (_, i) => last - (plottedHours - 1 - i) * hour);
  return [hours.map((at) => at / 1000), hours.map((at) => counts.get(at) ?? 0)];
}

/** Bars of the last 48 hours, the empty ones too; the hour under the pointer is read out in words. */
export function Plot({ points }: { points: readonly TrendPoint[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const readout = useRef<HTMLParagraphElement>(null);
  const data = filled(points, Date.now());
  const newest = useRef(data);
  newest.current = data;

  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsFor(element, (text) => say(readout.current, text)),
        newest.current,
        element,
      );
    };
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    draw();
    resized.observe(element);
    scheme.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [data.map((column) => column.join()).join(" ")]);

  const most = Math.max(...(data[1] as number[]));
  return (
    <>
      <div
        class="plot"
        ref={place}
        role="img"
        aria-label={`Bar chart; the busiest hour had ${number(most)} observations`}
      />
      <p class="readout muted small" ref={readout} aria-hidden="true">
        {restingText}
      </p>
    </>
  );
}

const restingText = "Point at an hour to read it.";
const say = (element: HTMLElement | null, text: string): void => {
  if (element) element.textContent = text || restingText;
};

function optionsFor(element: HTMLElement, tell: (text: string) => void): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--muted"),
    font: `11px ${style.fontFamily}`,
    ticks: { show: false },
    border: { show: false },
  };
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: true, range: (_plot, min, max) => [min - 1800, max + 1800] },
      y: { range: (_plot, _min, max) => [0, Math.max(4, Math.ceil(max * 1.08))] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 64,
        size: 28,
        values: (_plot, splits) => splits.map(hourLabel),
      },
      {
        ...axis,
        size: 44,
        grid: { stroke: colour("--line"), width: 1 },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000],
        values: (_plot, splits) => splits.map((n) => number(n)),
      },
    ],
    series: [
      {},
      {
        fill: colour("--bar"),
        stroke: colour("--bar"),
        width: 0,
        points: { show: false },
        ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.72, 28], radius: 0.18 }) }),
      },
    ],
    hooks: { setCursor: [(self) => tell(readAt(self))] },
  };
}

function hourLabel(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString();
  if (iso.slice(11, 13) !== "00") return iso.slice(11, 16);
  return new Date(seconds * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}

function readAt(plot: uPlot): string {
  const index = plot.cursor.idx;
  if (index === null || index === undefined) return "";
  const at = plot.data[0][index];
  if (at === undefined) return "";
  const iso = new Date(at * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC: ${number(plot.data[1]?.[index] ?? 0)} observations`;
}
