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
    return this.#cut(this.redact(this.#clean(value.slice(0, looked))), max) || undefined;
  }
  /** Stands for a whole value that is the trap's own. */
  withheld(): string {
    this.#redactions++;
    return mark;
  }
  /** A URL keeps its scheme, whatever the trap is called. */
  url(url: string, max: number): string {
    const start = url.indexOf("://") + 3;
    return this.#cut(url.slice(0, start) + this.redact(this.#clean(url.slice(start))), max);
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
