import { useState } from "preact/hooks";
import { guessKind, type Kind } from "./kind.ts";
import { indicatorHash } from "./route.ts";

/*
 * Text that strangers wrote. It is only ever a text node, apart from its surroundings in direction (<bdi>), with
 * controls and invisible marks made visible; and it is never a link to where it points.
 */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

export const visible = (text: string): string =>
  text.replace(unsafe, (c) => (c === "\n" || c === "\t" ? " " : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`));

export function Foreign({ text, mono = false }: { text: string; mono?: boolean }) {
  return <bdi class={mono ? "foreign mono" : "foreign"}>{visible(text)}</bdi>;
}

/** An indicator, leading to what the hub knows of it: a link within this page. */
export function IndicatorLink({ kind, value, text }: { kind: Kind; value: string; text?: string }) {
  return (
    <a class="indicator" href={indicatorHash(kind, value)} title={`Look up this ${kind}`}>
      <Foreign text={text ?? value} mono />
    </a>
  );
}

/** A domain or a host, whichever the value looks like. */
export const NameLink = ({ value }: { value: string }) => <IndicatorLink kind={guessKind(value)} value={value} />;

export function Copy({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1500);
    } catch {
      // Without HTTPS a browser may have no clipboard: the text stands there to be selected.
      setDone(false);
    }
  };
  return (
    <button type="button" class="quiet copy" title={`Copy ${what} as it is`} onClick={() => void copy()}>
      {done ? "Copied" : "Copy"}
    </button>
  );
}
