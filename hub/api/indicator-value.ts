import { isIP } from "node:net";
import { Failure } from "../../shared/failure.ts";
import type { IndicatorKind } from "../store/contract.ts";
import { canonical } from "../store/indicator-key.ts";

/** What a value of each kind is, for who typed something else. */
const shapes: Record<IndicatorKind, string> = {
  ip: "an IPv4 or IPv6 address",
  domain: "a domain name such as example.com",
  host: "a host name such as www.example.com, or an IP address",
  url: "a whole URL such as https://example.com/path",
  email: "a mail address such as someone@example.com",
  attachment: "a SHA-256 in 64 hex digits",
  campaign: "body:, subject: or attachment: and 32 hex digits",
};

/**
 * An indicator as someone typed it, in the one spelling under which the store keeps it (case folded, IPv6 canonical,
 * IDN as A-labels). Throws Failure: `invalid` where it cannot be of that kind, `missing` where such are not kept.
 */
export function spelled(kind: IndicatorKind, typed: string): string {
  const value = typed.trim();
  const found = canonical(kind, value);
  if (found !== undefined) return found;
  if (isIP(value))
    throw new Failure("missing", `${value} is a private or reserved address; such stand for no one and are not kept`);
  throw new Failure("invalid", `an indicator of kind ${kind} is ${shapes[kind]}`);
}
