/** Time as an argument, so that a test can set it. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. May jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds since some moment; never goes back. For durations and deadlines. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** Waits `ms`, or less when aborted. Never rejects: the caller looks at its signal. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
