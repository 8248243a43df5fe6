import { randomUUID, type KeyObject } from "node:crypto";
import { decodeJwt, errors, jwtVerify, SignJWT } from "jose";
import Type from "typebox";
import type { Static } from "typebox";
import { Compile } from "typebox/compile";
import type { Clock } from "./clock.ts";
import { Failure } from "./failure.ts";

/**
 * The three tokens of TIP: the join token that an admin carries to a mail server, the JWT (RFC 7519) that an agent
 * makes for each call, and the bearer token (RFC 6750) that a hub gives an analyst. EdDSA alone is spoken.
 */

const JoinToken = Type.Object({
  /** Where agents reach the hub, HOST:PORT. */
  address: Type.String({ minLength: 3, maxLength: 300 }),
  /** SHA-256 of the TLS key's SubjectPublicKeyInfo, base64url. */
  pin: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
  /** The hub's id, hex. */
  hub: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  /** One-time secret, 32 bytes base64url. */
  secret: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
  /** Seconds since 1970. */
  expires: Type.Integer(),
});
export type JoinToken = Static<typeof JoinToken>;
const joinCheck = Compile(JoinToken);
const joinPrefix = "tip-join-1.";

export const writeJoinToken = (token: JoinToken): string =>
  joinPrefix + Buffer.from(JSON.stringify(token)).toString("base64url");

export function readJoinToken(text: string): JoinToken {
  const bad = (why: string) =>
    new Failure(
      "usage",
      `this is no join token (${why}); ask the hub's admin for the line that 'tip-hub invite' printed`,
    );
  const trimmed = text.trim();
  if (!trimmed.startsWith(joinPrefix)) throw bad(`it does not begin with ${joinPrefix}`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(trimmed.slice(joinPrefix.length), "base64url").toString("utf8"));
  } catch {
    throw bad("it is cut or changed");
  }
  if (!joinCheck.Check(value)) throw bad("it is cut or changed");
  return value;
}

/** Longest life of a call's JWT, and how far two clocks may differ, in seconds. */
export const callLife = 300;
const callLifeMade = 120;
const tolerance = 30;
const callType = "tip-call+jwt";
const bearerType = "tip-api+jwt";
/** No honest token is longer; checked before anything is decoded. */
const longest = 4096;

/** A JWT for one try of one call: iss = sub = agent id, aud = hub id, an unused jti. */
export function makeCallToken(key: KeyObject, agent: string, hub: string, now: number): Promise<string> {
  const seconds = Math.floor(now / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: "EdDSA", typ: callType })
    .setIssuer(agent)
    .setSubject(agent)
    .setAudience(hub)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + callLifeMade)
    .setJti(randomUUID())
    .sign(key);
}

export type Verdict<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly reason: string };

/** Who a JWT says it is, unverified: only to find the key to verify it with. */
function claimedIssuer(jwt: string): string | undefined {
  if (jwt.length > longest) return undefined;
  try {
    const { iss } = decodeJwt(jwt);
    return typeof iss === "string" ? iss : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Verifies an agent's JWT with the key that `keyOf` finds for its issuer. Whether its jti was spent is for the
 * caller to ask the store, after this: until then it proves nothing new.
 */
export async function verifyCallToken<A>(
  jwt: string,
  hub: string,
  clock: Clock,
  keyOf: (agent: string) => Promise<{ key: KeyObject; agent: A } | { refused: string }>,
): Promise<Verdict<{ agent: A; jti: string; expiresAt: number }>> {
  const issuer = claimedIssuer(jwt);
  if (issuer === undefined || !/^[0-9a-f]{64}$/.test(issuer))
    return { ok: false, reason: "the token is no agent's JWT" };
  const found = await keyOf(issuer);
  if ("refused" in found) return { ok: false, reason: found.refused };
  try {
    const { payload } = await jwtVerify(jwt, found.key, {
      algorithms: ["EdDSA"],
      typ: callType,
      issuer,
      subject: issuer,
      audience: hub,
      maxTokenAge: callLife,
      clockTolerance: tolerance,
      requiredClaims: ["iat", "exp", "jti"],
      currentDate: new Date(clock.now()),
    });
    const { exp = 0, iat = 0, jti } = payload;
    if (exp - iat > callLife) return { ok: false, reason: `the token lives longer than ${callLife} s` };
    if (typeof jti !== "string" || jti.length > 64) return { ok: false, reason: "the token's jti is too long" };
    if (Array.isArray(payload.aud)) return { ok: false, reason: "the token is for several audiences" };
    return { ok: true, agent: found.agent, jti, expiresAt: (exp + tolerance + 1) * 1000 };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

export interface BearerClaims {
  readonly id: string;
  readonly name: string;
  readonly role: "analyst" | "admin";
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A token for the HTTP API, signed by the hub for itself. */
export function makeBearerToken(key: KeyObject, hub: string, claims: BearerClaims): Promise<string> {
  return new SignJWT({ scope: claims.role })
    .setProtectedHeader({ alg: "EdDSA", typ: bearerType })
    .setIssuer(hub)
    .setAudience(hub)
    .setSubject(claims.name)
    .setJti(claims.id)
    .setIssuedAt(Math.floor(claims.issuedAt / 1000))
    .setExpirationTime(Math.floor(claims.expiresAt / 1000))
    .sign(key);
}

/** Verifies a bearer token; that it was not revoked is for the caller to ask the store, by id. */
export async function verifyBearerToken(
  jwt: string,
  key: KeyObject,
  hub: string,
  clock: Clock,
): Promise<Verdict<{ id: string; name: string; role: "analyst" | "admin" }>> {
  if (jwt.length > longest) return { ok: false, reason: "the token is too long" };
  try {
    const { payload } = await jwtVerify(jwt, key, {
      algorithms: ["EdDSA"],
      typ: bearerType,
      issuer: hub,
      audience: hub,
      requiredClaims: ["exp", "iat", "jti", "sub", "scope"],
      currentDate: new Date(clock.now()),
    });
    const { jti, sub, scope } = payload;
    if (typeof jti !== "string" || typeof sub !== "string" || (scope !== "analyst" && scope !== "admin"))
      return { ok: false, reason: "the token's claims have another shape" };
    return { ok: true, id: jti, name: sub, role: scope };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === "aud" ? "the token is for another hub" : `the token's ${error.claim} does not hold`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is not by that key";
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return "the token's algorithm is not EdDSA";
  if (error instanceof errors.JOSEError) return "the token is malformed";
  throw error;
}
