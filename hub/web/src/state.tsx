import type { ComponentChildren } from "preact";
import type { Live } from "./live.ts";

/** What stands where there is nothing to show (yet, or at all), or where something went wrong. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children && <div class="muted">{children}</div>}
    </div>
  );
}

export function Loading({ lines = 4 }: { lines?: number }) {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

/** Shows what is known; beside it, quietly, that the newest could not be had. */
export function Loaded<T>({
  live,
  lines,
  children,
}: {
  live: Live<T>;
  lines?: number;
  children: (data: T) => ComponentChildren;
}) {
  const { data, error } = live;
  if (data === undefined && !error) return <Loading {...(lines !== undefined && { lines })} />;
  return (
    <>
      {error && (
        <p class="notice warn" role="status">
          {error.message}
        </p>
      )}
      {data !== undefined && children(data)}
    </>
  );
}

export function Card({
  title,
  aside,
  children,
  name,
}: {
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
  name: string;
}) {
  return (
    <section class={`card ${name}`} aria-labelledby={`title-${name}`}>
      <div class="card-head">
        <h2 id={`title-${name}`}>{title}</h2>
        {aside && <div class="aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}
