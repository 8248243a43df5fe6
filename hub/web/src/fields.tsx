import type { ComponentChildren } from "preact";
import { number } from "./format.ts";

/* How the fields of an observation stand on the page: groups of terms and what they hold. */

export const counted = (items: readonly unknown[] | undefined): string =>
  items?.length ? ` (${number(items.length)})` : "";

export function list<T>(items: readonly T[] | undefined, show: (item: T) => ComponentChildren): ComponentChildren {
  if (!items?.length) return undefined;
  return (
    <ul>
      {items.map((item, i) => (
        <li key={i}>{show(item)}</li>
      ))}
    </ul>
  );
}

/** A group whose rows are all empty is not shown (by style: it has no child). */
export const Group = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section class="group">
    <h3>{title}</h3>
    <dl>{children}</dl>
  </section>
);

export function Row({ term, children }: { term: string; children: ComponentChildren }) {
  if (children === undefined || children === false || children === "" || children === null) return null;
  return (
    <div class={term ? "row" : "row wide"}>
      {term && <dt>{term}</dt>}
      <dd>{children}</dd>
    </div>
  );
}
