import { readAddress } from "./networks.ts";

/**
 * One Received field (RFC 5321, 4.4) as Postfix, Exim, Sendmail, qmail, Exchange and their kin write it.
 * Strings are as found: Latin-1, not cleaned.
 */
export interface Hop {
  readonly ip?: string;
  readonly helo?: string;
  readonly rdns?: string;
  /** The receiving host, which stays home. */
  readonly by?: string;
  /** Upper case. */
  readonly protocol?: string;
  /** The recipient, where the relay wrote it. */
  readonly recipient?: string;
  /** The date as the relay wrote it; readDate reads it. */
  readonly date: string;
  /** How it came: from another machine, fetched from a mailbox, or handed over on the machine itself. */
  readonly way: "relay" | "retrieval" | "local";
}

const maxLength = 4096;

export function readReceived(raw: string): Hop {
  const field = raw.slice(0, maxLength);
  const { client, rest } = clauses(field);
  const word = /^\s*by\s+(\S{1,255})/i.exec(rest)?.[1]?.replace(/[;,]$/, "");
  const protocol = readProtocol(rest);
  const recipient = /\sfor\s+<?([^\s<>;]{1,320})>?/i.exec(rest)?.[1];
  const from = client === undefined ? {} : readClient(client, field.includes("Exim") || field.includes("helo="));
  return {
    ...from,
    ...(word && { by: word }),
    ...(protocol && { protocol }),
    ...(recipient?.includes("@") && { recipient }),
    date: field.slice(field.lastIndexOf(";") + 1),
    way: wayOf(protocol, rest, client),
  };
}

const retrievers = ["fetchmail", "getmail", "mpop", "retchmail"];

function wayOf(protocol: string | undefined, rest: string, client: string | undefined): Hop["way"] {
  if (retrievers.some((name) => rest.includes(name)) || /^(?:POP[23]|IMAP|APOP|KPOP|SDPS|ODMR)/.test(protocol ?? ""))
    return "retrieval";
  if (client === undefined || /^(?:LMTP|LOCAL|PIPE)/.test(protocol ?? "")) return "local";
  return "relay";
}

/** The part about the client, and what follows from `by` on. */
function clauses(field: string): { client?: string; rest: string } {
  // Postfix ends the client's part with a fold, and nothing in it can hold one: what HELO says cannot reach beyond.
  const postfix = /^\s*from ([^\r\n]*\))\r?\n[ \t]+(?=by |\(using |\(Client |\(No client |\(Authenticated )/.exec(
    field,
  );
  if (postfix?.[1] !== undefined) {
    const rest = field.slice(postfix[0].length);
    const by = /(?:^|\n[ \t]+)by /.exec(rest);
    return { client: postfix[1], rest: unwrap(by ? rest.slice(by.index) : rest) };
  }
  const flat = unwrap(field);
  const start = /^\s*from\s+/i.exec(flat);
  const at = byAt(flat, start?.[0].length ?? 0);
  const rest = at < 0 ? "" : flat.slice(at);
  return start ? { client: flat.slice(start[0].length, at < 0 ? flat.length : at), rest } : { rest: rest || flat };
}

const unwrap = (text: string): string => text.replace(/\s+/g, " ");

/** Where ` by ` stands outside of parentheses; -1 when it does not. */
function byAt(flat: string, from: number): number {
  let depth = 0;
  for (let at = from; at < flat.length; at++) {
    const c = flat[at];
    if (c === "(") depth++;
    else if (c === ")") depth = Math.max(0, depth - 1);
    else if (c === " " && depth === 0 && flat.startsWith("by ", at + 1)) return at;
  }
  return -1;
}

function readProtocol(rest: string): string | undefined {
  const flat = rest.replace(/\([^()]*\)/g, " ");
  const word = /\s(?:with|via)\s+(?:Microsoft\s+|Internet\s+)?([A-Za-z][A-Za-z0-9]{1,31})/i.exec(flat)?.[1];
  return word?.toUpperCase();
}

/** Who came: the address in the last group that has one; the rest by the grammar that this tells. */
function readClient(client: string, exim: boolean): Pick<Hop, "ip" | "helo" | "rdns"> {
  const name = /^\s*([^\s()]{1,255})/.exec(client)?.[1];
  const helo = /\bHELO[= ]"?([^\s()"]{1,255})/i.exec(client)?.[1];
  for (const whole of groupsOf(client).toReversed()) {
    // What the client said of itself may look like an address, and is none.
    const group = whole.split(/\bhelo[= ]/i, 1)[0] ?? "";
    const bracket = bracketed(group);
    if (bracket) {
      const before = /([^\s()[\]]{1,255})\s*\[/.exec(group)?.[1]?.replace(/^.*@/, "");
      const rdns = before ?? (exim && helo !== undefined ? name : undefined);
      return named(bracket, helo ?? name, rdns);
    }
    // qmail, Exchange, AOL: the bare address, behind an ident name perhaps. qmail's first word is the reverse name.
    const bare = readAddress(group.trim().replace(/^.*@/, ""));
    if (bare) return named(bare, helo ?? name, helo === undefined ? undefined : name);
  }
  const alone = bracketed(client) ?? readAddress(/ - (\S{1,60})\s*$/.exec(client)?.[1] ?? "");
  const said = helo ?? (name?.startsWith("[") ? undefined : name);
  return alone ? named(alone, said, undefined) : said ? { helo: said } : {};
}

const nobody = /^(?:unknown|unverified|localhost|\[.*)$/i;

function named(ip: string, helo: string | undefined, rdns: string | undefined): Pick<Hop, "ip" | "helo" | "rdns"> {
  return {
    ip,
    ...(helo && helo !== "unknown" && { helo }),
    ...(rdns && !nobody.test(rdns) && { rdns }),
  };
}

/** The first address in brackets. */
function bracketed(text: string): string | undefined {
  for (const [, inner] of text.matchAll(/\[([^[\]]{2,60})\]/g)) {
    const address = readAddress(inner ?? "");
    if (address) return address;
  }
  return undefined;
}

/** The outermost groups in parentheses, without them; one that never closes goes to the end. */
function groupsOf(text: string): string[] {
  const groups: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(" && depth++ === 0) start = at + 1;
    else if (text[at] === ")" && depth > 0 && --depth === 0) groups.push(text.slice(start, at));
  }
  if (depth > 0) groups.push(text.slice(start));
  return groups;
}

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const zones: Record<string, number> = { EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 };

/** An RFC 5322 date in milliseconds; undefined when it is none. Date.parse would read it in the machine's zone. */
export function readDate(text: string): number | undefined {
  const match =
    /(\d{1,2})[ -]+([A-Za-z]{3})[a-z]*[ -]+(\d{2,4})[ ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?: +([+-]\d{4}|[A-Z]{3}))?/.exec(
      text.slice(0, 120).replace(/\s+/g, " "),
    );
  if (!match) return undefined;
  const [, day, month = "", year = "", hour, minute, second = "0", zone = ""] = match;
  const index = months.indexOf(month.toLowerCase());
  // RFC 5322, 4.3: two digits are of 1950 to 2049, three are counted from 1900.
  const short = Number(year);
  const full = year.length === 4 ? short : year.length === 3 || short >= 50 ? 1900 + short : 2000 + short;
  if (index < 0) return undefined;
  const offset = /^[+-]/.test(zone)
    ? (Number(zone.slice(0, 3)) * 60 + Number(zone[0] + zone.slice(3))) * 60_000
    : (Object.hasOwn(zones, zone) ? (zones[zone] ?? 0) : 0) * 3_600_000;
  const time = Date.UTC(full, index, Number(day), Number(hour), Number(minute), Number(second)) - offset;
  return Number.isFinite(time) ? time : undefined;
}
