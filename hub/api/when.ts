import { Failure } from "../../shared/failure.ts";

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const span = /^(\d{1,6})([mhdw])$/;
// Without a zone it is UTC here, where Date.parse would take the machine's.
const moment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * A time as a caller may write it: ISO 8601 (UTC unless it names a zone), or a span before now such as `90m`, `24h`,
 * `7d`, `2w`. Returns ms since 1970. Throws Failure `invalid` that names the parameter.
 */
export function parseWhen(name: string, text: string, now: number): number {
  const relative = span.exec(text);
  if (relative) return now - Number(relative[1]) * units[relative[2]!]!;
  const absolute = moment.exec(text);
  const at = absolute ? Date.parse(text.includes("T") && !absolute[1] ? `${text}Z` : text) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw new Failure(
    "invalid",
    `query parameter "${name}" must be an ISO 8601 time such as 2025-01-31T12:00:00Z, or a span before now such as 24h or 7d`,
  );
}

export const iso = (ms: number): string => new Date(ms).toISOString();
