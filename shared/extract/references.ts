import type { Observation } from "../observation.ts";
import { observationLimits } from "../observation-limits.ts";
import type { Gate } from "./gate.ts";
import { readHtml } from "./html.ts";
import { findLinks, readEmail } from "./links.ts";
import { readUrl, templateOf, type PlainUrl } from "./urls.ts";

/** What a body refers to, ready to leave, and the text that a reader sees, which is not. */
export interface References {
  readonly urls: NonNullable<Observation["urls"]>;
  readonly templates: readonly string[];
  readonly domains: readonly string[];
  readonly emails: readonly string[];
  readonly visible: string;
}

/** Of 64 KiB that an observation may have (L11), in UTF-8 bytes; what is beyond is left out and named. */
const budget = { urls: 20_000, templates: 5_000, emails: 4_000 };
const mostTemplates = 50;
const overhead = 30;

export interface Body {
  readonly text: string;
  readonly html: string;
  readonly subject: string;
}

/** How a URL leaves. */
interface Shown {
  readonly shown: string;
  readonly isClean: boolean;
  readonly isOwn: boolean;
  /** Of a suffix that customers share (blogspot.com) it may be one's trap that is its first label. */
  readonly domain: string | undefined;
  readonly place: string;
}

/** `isOwn` tells the domains of the trap and its host, which are no indicators. */
export function readReferences(
  body: Body,
  gate: Gate,
  isOwn: (domain: string) => boolean,
  defects: Set<string>,
): References {
  const collector = new Collector(gate, isOwn, defects);
  const page = body.html ? readHtml(body.html) : undefined;
  if (page?.cut) defects.add("html-cut");
  for (const { raw, place } of page?.links ?? []) {
    if (/^mailto:/i.test(raw)) collector.email(/^mailto:([^?\s]{1,320})/i.exec(raw)?.[1] ?? "");
    else collector.url(raw, place, page?.base);
  }
  collector.text(page?.text ?? "", "html-text");
  collector.text(body.text, "text");
  collector.text(body.subject, "subject");
  return { ...collector.found(), visible: page?.text.trim() ? page.text : body.text };
}

class Collector {
  readonly #gate: Gate;
  readonly #isOwn: (domain: string) => boolean;
  readonly #defects: Set<string>;
  readonly #seen = new Set<string>();
  readonly #urls: NonNullable<Observation["urls"]> = [];
  readonly #templates = new Set<string>();
  readonly #domains = new Set<string>();
  readonly #emails = new Set<string>();
  readonly #left = { ...budget };

  constructor(gate: Gate, isOwn: (domain: string) => boolean, defects: Set<string>) {
    this.#gate = gate;
    this.#isOwn = isOwn;
    this.#defects = defects;
  }
  found(): Omit<References, "visible"> {
    return {
      urls: this.#urls,
      templates: [...this.#templates],
      domains: [...this.#domains],
      emails: [...this.#emails],
    };
  }
  text(text: string, place: string): void {
    const { urls, emails } = findLinks(text);
    for (const url of urls) this.url(url, place);
    for (const email of emails) this.email(email);
  }
  url(raw: string, place: string, base?: string): void {
    if (this.#seen.has(raw)) return;
    const url = readUrl(raw, base);
    if (!url || this.#seen.has(url.href)) return;
    this.#seen.add(raw).add(url.href);
    const isOwn = url.domain !== undefined && this.#isOwn(url.domain);
    const shown = this.#gate.url(url.href, observationLimits.url);
    // Host and template hold nothing that the URL does not: where it is clean, they are.
    const isClean = shown === url.href;
    const domain = isOwn || !url.domain ? undefined : isClean ? url.domain : this.#gate.whole(url.domain);
    this.#add(url, { shown, isClean, isOwn, domain, place });
    if (domain !== url.domain) return;
    this.#template(isClean ? templateOf(url) : this.#gate.text(templateOf(url), 300));
  }
  #add(url: PlainUrl, as: Shown): void {
    // A host in which the trap's name stood names nobody any more; its domain may still do.
    const host = as.isOwn ? undefined : as.isClean ? url.host : this.#gate.whole(url.host);
    const { domain } = as;
    if (domain) this.#domains.add(domain);
    const cost = Buffer.byteLength(as.shown) + (host?.length ?? 0) + (domain?.length ?? 0) + as.place.length + overhead;
    if (this.#urls.length >= observationLimits.urls || cost > this.#left.urls)
      return void this.#defects.add("urls-cut");
    this.#left.urls -= cost;
    this.#urls.push({ url: as.shown, ...(host && { host }), ...(domain && { domain }), place: as.place });
  }
  #template(template: string | undefined): void {
    if (!template || this.#templates.has(template)) return;
    const cost = Buffer.byteLength(template);
    if (this.#templates.size >= mostTemplates || cost > this.#left.templates) return;
    this.#left.templates -= cost;
    this.#templates.add(template);
  }
  email(raw: string): void {
    const email = readEmail(raw);
    if (!email || this.#seen.has(email)) return;
    this.#seen.add(email);
    const shown = this.#gate.text(email, 320);
    if (shown !== email) return;
    if (this.#emails.size >= observationLimits.emails || email.length + 3 > this.#left.emails)
      return void this.#defects.add("emails-cut");
    this.#left.emails -= email.length + 3;
    this.#emails.add(email);
  }
}
