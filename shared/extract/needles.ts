import { createHash } from "node:crypto";
import { isProvider } from "./providers.ts";
import type { Reach } from "./reach.ts";

/** A name that must not leave. A domain is looked for everywhere, or only where it is part of an address. */
export interface Secret {
  readonly address?: string;
  readonly domain?: string;
  readonly everywhere: boolean;
}

/** One spelling of a secret. */
export interface Needle {
  readonly text: string;
  /** Short base64 is looked for in its own case, all else in any. */
  readonly exact: boolean;
  /** Only where no letter or digit stands beside it. */
  readonly token: boolean;
  /** What before it goes with it. */
  readonly reach: Reach;
}

/** Local parts that every domain has tell nothing of which trap it is (RFC 2142 and habit). */
const roles = new Set(
  "abuse admin administrator billing contact hostmaster info mail mailer-daemon marketing news noreply office postmaster root sales security service support test user webmaster www".split(
    " ",
  ),
);
export const shortest = 4;
/** From this length on base64 is found in any case: types, hosts and addresses are lower-cased on their way. */
const anyCase = 12;
const signs = ["@", "%40", "%2540", "&#64;", "="];

/** All spellings in which a secret is looked for (facts: a trap hides in eleven ways), none shorter than `shortest`. */
export function needlesOf(secret: Secret): Needle[] {
  const address = secret.address?.toLowerCase();
  const at = address?.lastIndexOf("@") ?? -1;
  const domain = secret.domain?.toLowerCase() ?? address?.slice(at + 1);
  const needles: Needle[] = [];
  // Of a provider's other customers the local parts are no traps, but evidence.
  const reach = domain && !isProvider(domain) ? "address" : "none";
  if (address && at > 0) needles.push(...ofAddress(address.slice(0, at), address.slice(at + 1), secret.address ?? ""));
  if (domain) for (const sign of signs) needles.push(plain(sign + domain, reach));
  if (domain && secret.everywhere) needles.push(...ofDomain(domain));
  return needles.filter(({ text }) => text.length >= shortest);
}

/** Host names write a domain that is not their own with other signs for its dots. */
const ofDomain = (domain: string): Needle[] => [
  { ...token(domain), reach: "host" },
  token(domain.replaceAll(".", "-")),
  token(domain.replaceAll(".", "_")),
  ...encoded(domain, true),
  ...digests(domain),
];

const plain = (text: string, reach: Reach = "none"): Needle => ({ text, exact: false, token: false, reach });
const token = (text: string): Needle => ({ text, exact: false, token: true, reach: "none" });

function ofAddress(local: string, domain: string, asWritten: string): Needle[] {
  const address = `${local}@${domain}`;
  const reach = isProvider(domain) ? "none" : "address";
  const needles = signs.map((sign) => plain(local + sign + domain, reach));
  needles.push(...encoded(address), ...digests(address));
  if (asWritten !== address) needles.push(...encoded(asWritten), ...digests(asWritten));
  if (local.length < shortest || roles.has(local)) return needles;
  needles.push(token(local), ...digests(local));
  // Fewer than six bytes leave too few certain characters: any text in base64 would have them.
  if (local.length >= 6) needles.push(...encoded(local));
  return needles;
}

const digests = (text: string): Needle[] =>
  ["md5", "sha1", "sha256"].map((algorithm) => plain(createHash(algorithm).update(text).digest("hex")));

/** Hex, and base64 in its three alignments and two alphabets; a domain takes along what is coded before it. */
function encoded(text: string, isDomain = false): Needle[] {
  const bytes = Buffer.from(text);
  const needles = [plain(bytes.toString("hex"), isDomain ? "hex" : "none")];
  for (let before = 0; before < 3; before++) {
    const coded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Characters that hold bits of a neighbour are not certain, and left out.
    const certain = coded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    const spellings = new Set([certain, certain.replaceAll("+", "-").replaceAll("/", "_")]);
    for (const spelling of spellings) needles.push(base64(spelling, isDomain ? "base64" : "none"));
  }
  return needles;
}

const base64 = (text: string, reach: Reach): Needle =>
  text.length < anyCase ? { text, exact: true, token: false, reach } : plain(text.toLowerCase(), reach);
