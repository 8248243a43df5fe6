import { Tokenizer } from "htmlparser2";

/** A reference that HTML makes, as it stands there. */
export interface Link {
  readonly raw: string;
  /** Where it stood: html-href, html-src, … */
  readonly place: string;
}

export interface Page {
  /** What a reader would see, roughly; inline elements do not part words. */
  readonly text: string;
  readonly links: readonly Link[];
  /** What the first `base` says links are relative to. */
  readonly base?: string;
  readonly cut: boolean;
}

const maxLength = 4 << 20;
const maxText = 1 << 20;
const maxLinks = 5000;
/** Longer than any URL that is kept; what is behind it changes neither host nor path. */
const maxValue = 4096;

const places: ReadonlyMap<string, string> = new Map(
  ["href", "src", "action", "formaction", "background", "srcset", "poster", "data"].map((name) => [
    name,
    `html-${name}`,
  ]),
);
const wanted = new Set([...places.keys(), "content", "http-equiv", "style"]);
const inline = new Set("a abbr b bdo big code em font i ins s small span strike strong sub sup tt u wbr".split(" "));

/** The Tokenizer alone: htmlparser2's Parser takes time in the square of the nesting. */
export function readHtml(html: string): Page {
  const source = html.length > maxLength ? html.slice(0, maxLength) : html;
  const reader = new PageReader(source);
  const tokenizer = new Tokenizer({ decodeEntities: true }, reader);
  tokenizer.write(source);
  tokenizer.end();
  return reader.page(source !== html);
}

class PageReader {
  readonly #source: string;
  readonly #text: string[] = [];
  readonly #links: Link[] = [];
  readonly #attributes = new Map<string, string>();
  #length = 0;
  #tag = "";
  #hidden: "style" | "script" | undefined;
  #name = "";
  #value = "";
  #base: string | undefined;

  constructor(source: string) {
    this.#source = source;
  }
  page(cut: boolean): Page {
    const full = this.#length >= maxText || this.#links.length >= maxLinks;
    return {
      text: this.#text.join(""),
      links: this.#links,
      ...(this.#base && { base: this.#base }),
      cut: cut || full,
    };
  }
  #say(text: string): void {
    if (this.#length >= maxText) return;
    this.#text.push(text);
    this.#length += text.length;
  }
  #link(raw: string | undefined, place: string): void {
    if (raw && this.#links.length < maxLinks) this.#links.push({ raw: raw.trim(), place });
  }
  ontext(start: number, end: number): void {
    if (this.#hidden === "style")
      for (const raw of cssUrls(this.#source.slice(start, end))) this.#link(raw, "html-css");
    if (!this.#hidden) this.#say(this.#source.slice(start, end));
  }
  ontextentity(codepoint: number): void {
    if (!this.#hidden) this.#say(String.fromCodePoint(codepoint));
  }
  onopentagname(start: number, end: number): void {
    this.#tag = this.#source.slice(start, Math.min(end, start + 20)).toLowerCase();
    this.#attributes.clear();
    if (!inline.has(this.#tag)) this.#say("\n");
  }
  onattribname(start: number, end: number): void {
    const name = end - start > 12 ? "" : this.#source.slice(start, end).toLowerCase();
    this.#name = wanted.has(name) ? name : "";
    this.#value = "";
  }
  onattribdata(start: number, end: number): void {
    if (this.#name && this.#value.length < maxValue)
      this.#value += this.#source.slice(start, Math.min(end, start + maxValue));
  }
  onattribentity(codepoint: number): void {
    if (this.#name && this.#value.length < maxValue) this.#value += String.fromCodePoint(codepoint);
  }
  onattribend(): void {
    // HTML: the first of two attributes of one name counts.
    if (this.#name && !this.#attributes.has(this.#name)) this.#attributes.set(this.#name, this.#value);
    this.#name = "";
  }
  onopentagend(): void {
    this.#hidden = this.#tag === "style" || this.#tag === "script" ? this.#tag : undefined;
    if (this.#attributes.size > 0) this.#references();
  }
  onselfclosingtag(): void {
    this.onopentagend();
    this.#hidden = undefined;
  }
  onclosetag(start: number, end: number): void {
    this.#hidden = undefined;
    if (!inline.has(this.#source.slice(start, Math.min(end, start + 20)).toLowerCase())) this.#say("\n");
  }
  #references(): void {
    const attributes = this.#attributes;
    if (this.#tag === "base") this.#base ??= attributes.get("href");
    for (const [name, value] of attributes) {
      const place = this.#tag === "base" ? "html-base" : places.get(name);
      if (name === "srcset")
        for (const one of value.split(",")) this.#link(one.trim().split(/\s/, 1)[0], "html-srcset");
      else if (place) this.#link(value, place);
    }
    for (const raw of cssUrls(attributes.get("style") ?? "")) this.#link(raw, "html-css");
    if (this.#tag === "meta" && /^\s*refresh\s*$/i.test(attributes.get("http-equiv") ?? ""))
      this.#link(/url\s{0,9}=\s{0,9}['"]?([^'"\s>]+)/i.exec(attributes.get("content") ?? "")?.[1], "html-refresh");
  }
  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}
}

/** What stands in `url(…)`. By hand: a regular expression goes back and forth on `url(url(url(`. */
function cssUrls(css: string): string[] {
  const found: string[] = [];
  let close = -1;
  for (let at = css.indexOf("url("); at >= 0; at = css.indexOf("url(", at + 4)) {
    if (close < at) close = css.indexOf(")", at);
    if (close < 0) break;
    if (close - at < maxValue)
      found.push(
        css
          .slice(at + 4, close)
          .trim()
          .replace(/^['"]|['"]$/g, ""),
      );
  }
  return found;
}
