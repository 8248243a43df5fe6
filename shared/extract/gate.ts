import { mark, type Redactor } from "./redact.ts";

/** Most strings are plain, and this tells it fast. */
const plain = /^(?:[\x21-\x7e]| (?! ))*$/;
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}|\s\s/u;
const invisible =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const blank = /\s+/g;
const lone = /\p{Surrogate}/gu;

/** What no string that leaves may hold more of than this, before it is looked at at all. */
const looked = 64 * 1024;

const escaped = /%[0-9a-f]{2}/i;
/** Host, path, query and fragment, each with the sign that begins it. */
const components = /^[^/?#]+|\/[^?#]*|\?[^#]*|#.*/gs;
/** Escapes of escapes that are undone. */
const deepest = 4;

/** Escapes undone once, whatever they make; never throws. */
const decoded = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));

/** The one door through which strings of a mail leave: cleaned, redacted, cut, and each of these noted. */
export class Gate {
  readonly #redactors: readonly Redactor[];
  readonly #defects: Set<string>;
  #redactions = 0;

  constructor(redactors: readonly Redactor[], defects: Set<string>) {
    this.#redactors = redactors;
    this.#defects = defects;
  }
  get redactions(): number {
    return this.#redactions;
  }
  /** Undefined where nothing is left. `max` counts UTF-16 units. */
  text(value: string | undefined, max: number): string | undefined {
    if (!value) return undefined;
    const shown = this.redact(this.#clean(value.slice(0, looked)));
    return this.#cut(this.#hides(shown) ? mark : shown, max) || undefined;
  }
  /** For what is of use whole or not at all (a domain, a digest): undefined where a trace of the trap is in it. */
  whole(value: string): string | undefined {
    return this.redact(value) === value ? value : undefined;
  }
  /** Stands for a whole value that is the trap's own. */
  withheld(): string {
    this.#redactions++;
    return mark;
  }
  /** A URL keeps its scheme, whatever the trap is called; of its path, query or fragment all goes that hides a trace. */
  url(url: string, max: number): string {
    const start = url.indexOf("://") + 3;
    let shown = this.redact(this.#clean(url.slice(start)));
    if (escaped.test(shown))
      shown = shown.replace(components, (part) =>
        this.#hides(part) ? part.replace(/^([/?#]?).*/s, `$1${mark}`) : part,
      );
    return this.#cut(url.slice(0, start) + shown, max);
  }
  /** Whether percent-escapes hide what the text itself does not show. */
  #hides(text: string): boolean {
    let current = text;
    for (let depth = 0; depth < deepest && escaped.test(current); depth++) {
      current = decoded(current);
      // Cleaned as well: what nobody sees must not part what is looked for.
      if ([current, current.replace(invisible, "")].some((one) => this.redact(one) !== one)) return true;
    }
    return false;
  }
  /** Also for text that stays here but of which keys are made. */
  redact(text: string): string {
    let current = text;
    for (const redactor of this.#redactors) {
      const { text: next, hits } = redactor.redact(current);
      current = next;
      this.#redactions += hits;
    }
    return current;
  }
  #clean(value: string): string {
    if (plain.test(value) || !unsafe.test(value)) return value.trim();
    const shown = value.replace(invisible, "");
    if (shown !== value) this.#defects.add("control-characters");
    const whole = shown.replace(lone, "\ufffd");
    if (whole !== shown) this.#defects.add("lone-surrogate");
    return whole.replace(blank, " ").trim();
  }
  #cut(value: string, max: number): string {
    if (value.length <= max) return value;
    this.#defects.add("text-cut");
    const end = isHighSurrogate(value.charCodeAt(max - 1)) ? max - 1 : max;
    return value.slice(0, end);
  }
}

const isHighSurrogate = (c: number): boolean => c >= 0xd800 && c <= 0xdbff;
