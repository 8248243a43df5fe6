import assert from "node:assert/strict";
import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { SignJWT } from "jose";
import { identityOf, newIdentityKey, rawPublicKey } from "../../shared/keys.ts";
import {
  makeBearerToken,
  makeCallToken,
  readJoinToken,
  verifyBearerToken,
  verifyCallToken,
  writeJoinToken,
} from "../../shared/token.ts";

const now = Date.UTC(2026, 0, 15, 12);
const clock = { now: () => now, monotonic: () => now };
const seconds = Math.floor(now / 1000);
const hub = "ab".repeat(32);
const key = newIdentityKey();
const agent = identityOf(key);
const other = newIdentityKey();

const keyOf = async (id: string) => (id === agent ? { key: createPublicKey(key), agent: id } : { refused: "unknown" });
const verify = (jwt: string) => verifyCallToken(jwt, hub, clock, keyOf);

interface Claims {
  iss?: string;
  sub?: string;
  aud?: string | string[];
  iat?: number;
  exp?: number;
  nbf?: number;
  jti?: string;
}
const good: Claims = { iss: agent, sub: agent, aud: hub, iat: seconds, exp: seconds + 120, jti: randomUUID() };

const signed = (claims: Claims, header: object = {}, by: KeyObject = key): Promise<string> =>
  new SignJWT(Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)))
    .setProtectedHeader({ alg: "EdDSA", typ: "tip-call+jwt", ...header })
    .sign(by);

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const raw = (header: object, claims: object, signature = ""): string => `${part(header)}.${part(claims)}.${signature}`;

test("an agent's own token is let in, once its issuer is known", async () => {
  const verdict = await verify(await makeCallToken(key, agent, hub, now));
  assert.ok(verdict.ok);
  assert.equal(verdict.agent, agent);
});

test("every other token is refused, each with a reason", async () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const hs = (header: object): string => {
    const head = `${part(header)}.${part(good)}`;
    return `${head}.${createHmac("sha256", rawPublicKey(key)).update(head).digest("base64url")}`;
  };
  const whole = await signed(good);
  const [head = "", body = "", signature = ""] = whole.split(".");
  const matrix: Record<string, string> = {
    nothing: "",
    "no JWT": "hello",
    "two dots alone": "..",
    "another's key": await signed(good, {}, other),
    "alg none": raw({ alg: "none", typ: "tip-call+jwt" }, good),
    "alg None": raw({ alg: "None", typ: "tip-call+jwt" }, good),
    "alg none with the signature kept": `${part({ alg: "none", typ: "tip-call+jwt" })}.${body}.${signature}`,
    "HS256 with the public key as secret": hs({ alg: "HS256", typ: "tip-call+jwt" }),
    "HS256 named EdDSA": hs({ alg: "EdDSA", typ: "tip-call+jwt" }),
    RS256: await new SignJWT({ ...good }).setProtectedHeader({ alg: "RS256", typ: "tip-call+jwt" }).sign(rsa),
    "no signature": `${head}.${body}.`,
    "signature cut": whole.slice(0, -4),
    "body changed": `${head}.${part({ ...good, aud: hub, extra: 1 })}.${signature}`,
    "typ JWT": await signed(good, { typ: "JWT" }),
    "typ of the API": await signed(good, { typ: "tip-api+jwt" }),
    "no typ": await signed(good, { typ: undefined }),
    "critical header that is not understood": `${part({ alg: "EdDSA", typ: "tip-call+jwt", crit: ["x"], x: 1 })}.${body}.${signature}`,
    "an embedded key": await signed(
      { ...good },
      { jwk: { kty: "OKP", crv: "Ed25519", x: rawPublicKey(other).toString("base64url") } },
      other,
    ),
    "another hub": await signed({ ...good, aud: "cd".repeat(32) }),
    "two audiences": await signed({ ...good, aud: [hub, "cd".repeat(32)] }),
    "no audience": await signed({ ...good, aud: undefined as never }),
    "another issuer": await signed({ ...good, iss: identityOf(other) }),
    "no issuer": await signed({ ...good, iss: undefined as never }),
    "issuer that is no id": await signed({ ...good, iss: "__proto__" }),
    "subject that is not the issuer": await signed({ ...good, sub: identityOf(other) }),
    expired: await signed({ ...good, iat: seconds - 200, exp: seconds - 60 }),
    "no expiry": await signed({ ...good, exp: undefined as never }),
    "ten years to live": await signed({ ...good, exp: seconds + 315_360_000 }),
    "issued long ago": await signed({ ...good, iat: seconds - 4000, exp: seconds + 100 }),
    "issued in the future": await signed({ ...good, iat: seconds + 120, exp: seconds + 240 }),
    "not before tomorrow": await signed({ ...good, nbf: seconds + 86_400 }),
    "no issue time": await signed({ ...good, iat: undefined as never }),
    "no jti": await signed({ ...good, jti: undefined as never }),
    "an endless jti": await signed({ ...good, jti: "j".repeat(500) }),
    "ten thousand characters": "x".repeat(10_000),
  };
  for (const [what, jwt] of Object.entries(matrix)) {
    const verdict = await verify(jwt);
    assert.equal(verdict.ok, false, what);
    assert.ok(!verdict.ok && verdict.reason.length > 5, what);
  }
  assert.ok(Object.keys(matrix).length >= 30);
});

test("a bearer token is for its hub, in its time, with its scope", async () => {
  const hubKey = newIdentityKey();
  const id = identityOf(hubKey);
  const claims = {
    id: randomUUID(),
    name: "ann",
    role: "analyst",
    issuedAt: now,
    expiresAt: now + 86_400_000,
  } as const;
  const jwt = await makeBearerToken(hubKey, id, claims);
  assert.deepEqual(await verifyBearerToken(jwt, createPublicKey(hubKey), id, clock), {
    ok: true,
    id: claims.id,
    name: "ann",
    role: "analyst",
  });
  const later = { now: () => now + 90_000_000, monotonic: () => 0 };
  assert.equal((await verifyBearerToken(jwt, createPublicKey(hubKey), id, later)).ok, false);
  assert.equal((await verifyBearerToken(jwt, createPublicKey(hubKey), hub, clock)).ok, false);
  assert.equal((await verifyBearerToken(jwt, createPublicKey(other), id, clock)).ok, false);
  const call = await makeCallToken(hubKey, id, id, now);
  assert.equal((await verifyBearerToken(call, createPublicKey(hubKey), id, clock)).ok, false);
});

test("a join token is one line that reads back; a cut or foreign one is named", () => {
  const token = { address: "127.0.0.1:8471", pin: "p".repeat(43), hub, secret: "s".repeat(43), expires: seconds };
  const line = writeJoinToken(token);
  assert.match(line, /^\S+$/);
  assert.deepEqual(readJoinToken(` ${line}\n`), token);
  for (const bad of ["", "hello", line.slice(0, 40), `${line.slice(0, -10)}AAAA`, "tip-join-1.e30"])
    assert.throws(() => readJoinToken(bad), { code: "usage" }, bad);
});
