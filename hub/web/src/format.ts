/** Numbers and times as the page writes them. All times are UTC. No DOM here. */
const whole = new Intl.NumberFormat("en-US");

export const number = (n: number): string => whole.format(n);
export const plural = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`;

/** 2025-01-31 12:34:56 */
export const moment = (iso: string): string => iso.slice(0, 19).replace("T", " ");
/** 12:34 today, otherwise 31 Jan 12:34 */
export function shortMoment(iso: string, now: number): string {
  const clock = iso.slice(11, 16);
  if (iso.slice(0, 10) === new Date(now).toISOString().slice(0, 10)) return clock;
  return `${new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })} ${clock}`;
}

const steps = [
  [60, 1, "s"],
  [3600, 60, "min"],
  [86_400, 3600, "h"],
  [Number.POSITIVE_INFINITY, 86_400, "d"],
] as const;

/** How long ago: "now", "42 s ago", "5 min ago", … */
export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 10) return "now";
  const [, unit, name] = steps.find(([below]) => seconds < below) ?? steps[3];
  return `${number(Math.floor(seconds / unit))} ${name} ago`;
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1_000_000 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1_000_000).toFixed(1)} MB`;
}

/** The beginning of a hex id, enough to tell two apart. */
export const short = (id: string): string => id.slice(0, 8);
