const day = 86_400_000;
const earliest = Date.UTC(1990, 0, 1);

/** All in milliseconds. The relay's own clock is best; a name or mtime only tells when the file was made. */
export function receivedAt(
  times: { relay: number | undefined; baseName: string; mtimeMs: number },
  observedAt: number,
): number {
  const seconds = /^(\d{9,11})\b/.exec(times.baseName)?.[1];
  const named = seconds === undefined ? undefined : Number(seconds) * 1000;
  const plausible = (time: number | undefined): time is number =>
    time !== undefined && time >= earliest && time <= observedAt + day;
  return [times.relay, named, times.mtimeMs].find(plausible) ?? observedAt;
}
