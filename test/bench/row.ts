/** One measured figure. */
export interface BenchRow {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it was measured beside, in the same run. */
  readonly beside?: string;
  /** This to that; medians. */
  readonly ratio?: number;
  readonly budget?: string;
}

/** What a bench is given. */
export interface BenchSetting {
  /** Unpacked real mails, one a file; undefined: none at hand, the project's own are used. */
  readonly spam: string | undefined;
  /** Small enough for every CI run. */
  readonly fast: boolean;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
