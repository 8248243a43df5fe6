import assert from "node:assert/strict";
import { connect } from "node:net";
import test from "node:test";
import * as fc from "fast-check";
import { indicatorKinds } from "../../../hub/store/contract.ts";
import { Failure } from "../../../shared/failure.ts";
import type { Problem } from "../../../hub/api/problem.ts";
import { goodToken, otherToken, realStore, serveApi, wholeFile, type ServedApi } from "../../support/served-api.ts";

/** The problem document that an answer must be. */
async function problemIn(reply: Response, status: number): Promise<Problem> {
  assert.equal(reply.status, status);
  assert.match(reply.headers.get("content-type") ?? "", /^application\/problem\+json/);
  const problem = (await reply.json()) as Problem;
  assert.equal(problem.status, status);
  assert.match(problem.type, /^urn:tip:problem:/);
  assert.ok(problem.title && problem.detail && problem.instance);
  return problem;
}
/** Nothing is written here: one store serves all tests of this file. */
const store = await realStore(wholeFile);
const auth = { authorization: `Bearer ${goodToken}` };

test("nothing under /api/v1 answers without a good token, except its description", async (t) => {
  const api = await serveApi(t, store);
  const paths = [
    "agents",
    "observations",
    `observations/${"0".repeat(64)}`,
    "indicators",
    "indicators/ip/1.1.1.1",
    "trends",
  ];
  for (const path of [...paths, "nothing"]) {
    const bare = await api.get(`/api/v1/${path}`, {});
    assert.match(bare.headers.get("www-authenticate") ?? "", /^Bearer/);
    assert.match((await problemIn(bare, 401)).detail, /needs a bearer token/);
    const revoked = await api.get(`/api/v1/${path}`, { authorization: "Bearer bad.token.3" });
    assert.match(revoked.headers.get("www-authenticate") ?? "", /error="invalid_token".*the token was revoked/);
    assert.equal((await problemIn(revoked, 401)).detail, "the token was revoked");
  }
  for (const header of ["Basic dXNlcg==", "Bearer", `Bearer ${goodToken} x`, `Token ${goodToken}`])
    await problemIn(await api.get("/api/v1/agents", { authorization: header }), 401);
  assert.equal((await api.get("/api/v1/openapi.json", {})).status, 200);
});

test("a wrong parameter is named, with what is expected", async (t) => {
  const api = await serveApi(t, store);
  const cases: [path: string, expected: RegExp][] = [
    ["observations?limit=0", /query parameter "limit" must be >= 1/],
    ["observations?limit=many", /query parameter "limit" must be integer/],
    ["observations?limit=1&limit=2", /query parameter "limit" must be integer/],
    ["observations?page=2", /query parameter "page" is not known here/],
    ["observations?__proto__=1", /query parameter|not known/],
    ["observations?since=yesterday", /query parameter "since" must be an ISO 8601 time .* or a span/],
    ["observations?until=2025-13-45", /query parameter "until" must be an ISO 8601/],
    ["observations?cursor=%00%ff", /cursor|URI|url/i],
    ["observations?agent=x", /query parameter "agent" must match/],
    ["observations/x", /path parameter "id" must match/],
    ["indicators?order=size", /query parameter "order" must be one of count, lastSeen/],
    ["indicators?kind=asn", /query parameter "kind" must be one of ip, domain/],
    ["indicators/asn/1", /path parameter "kind" must be one of ip/],
    ["indicators/ip/1.2.3", /kind ip is an IPv4 or IPv6 address/],
    ["indicators/attachment/abc", /kind attachment is a SHA-256/],
    ["indicators/ip/", /must NOT have fewer than 1 characters/],
    ["trends?bucket=minute", /query parameter "bucket" must be one of hour, day/],
    ["trends?since=1970-01-01", /query parameter "since" must be at most 10000 hours ago/],
  ];
  for (const [path, expected] of cases) {
    const { detail, instance } = await problemIn(await api.get(`/api/v1/${path}`), 400);
    assert.match(detail, expected, path);
    assert.equal(instance, `/api/v1/${path.split("?")[0]}`);
  }
});

test("what is not there is a problem document too, wherever it is asked for", async (t) => {
  const api = await serveApi(t, store);
  for (const path of ["/api/v1/nothing", "/nothing", "/assets/../../package.json", "/..%2f..%2fpackage.json"])
    await problemIn(await api.get(path), 404);
  assert.match((await problemIn(await api.get("/"), 404)).detail, /npm run build/);
  await problemIn(await api.get("/%zz"), 400);
  const unseen = await problemIn(await api.get("/api/v1/indicators/ip/1.1.1.1"), 404);
  assert.equal(unseen.detail, 'no observation holds the ip "1.1.1.1"');
  assert.match((await problemIn(await api.get("/api/v1/indicators/ip/10.0.0.1"), 404)).detail, /private or reserved/);
  await problemIn(await fetch(`${api.origin}/api/v1/agents`, { method: "POST", headers: auth }), 404);
});

test("no value that anyone can ask for makes the hub fail", async (t) => {
  const api = await serveApi(t, store);
  const nasty = fc.constantFrom(
    "__proto__",
    "constructor",
    "\u202e",
    "\u0000",
    "' or 1=1 --",
    "%",
    "%25",
    "../..",
    "*",
    "[::1",
    "1.2.3.4%eth0",
  );
  const any = fc.oneof(nasty, fc.string({ minLength: 1, unit: "binary" }), fc.webUrl(), fc.ipV6());
  const ask = async (kind: string, value: string): Promise<void> => {
    const { status } = await api.get(
      `/api/v1/indicators/${kind}/${encodeURIComponent(value.replace(/\p{Surrogate}/gu, "?"))}`,
    );
    assert.ok(status === 400 || status === 404, `${kind} ${JSON.stringify(value)}: ${status}`);
  };
  await fc.assert(fc.asyncProperty(fc.constantFrom(...indicatorKinds), any, ask), { numRuns: 150 });
  assert.deepEqual(
    api.logged.filter((line) => line.includes("request failed")),
    [],
  );
});

test("a failure of ours is logged with its cause, and nothing of it is told", async (t) => {
  const throwing = (error: Error) => async () => {
    throw error;
  };
  const secret = "open /var/lib/tip/hub.sqlite: disk I/O error";
  const fail = (error: Error) => ({ ...store.observations, get: throwing(error) });
  const cases: [Error, number][] = [
    [new TypeError(secret), 500],
    [new Failure("damaged", secret), 500],
    [new Failure("temporary", secret), 503],
  ];
  for (const [error, status] of cases) {
    const { roster, streams, indicators } = store;
    const api = await serveApi(t, { roster, streams, indicators, observations: fail(error) });
    const told = await problemIn(await api.get(`/api/v1/observations/${"0".repeat(64)}`), status);
    assert.doesNotMatch(JSON.stringify(told), /sqlite|disk|TypeError/);
    assert.match(api.logged.join(""), /disk I\/O error/);
    assert.match(
      api.logged.join(""),
      new RegExp(/request (\S+)$/.exec(told.detail.replace(")", ""))?.[1] ?? "missing"),
    );
  }
});

test("a flood of one token is refused with 429 and Retry-After, while another token is served", async (t) => {
  const api = await serveApi(t, store, { rateLimit: { perCaller: 20, refusals: 5 } });
  const flood = await Promise.all(Array.from({ length: 60 }, () => api.get("/api/v1/agents")));
  assert.equal(flood.filter(({ status }) => status === 200).length, 20);
  const refused = flood.filter(({ status }) => status === 429);
  assert.equal(refused.length, 40);
  assert.ok(Number(refused[0]!.headers.get("retry-after")) >= 1);
  assert.match((await problemIn(refused[0]!, 429)).detail, /more than 20 requests in a minute; wait \d+ s/);
  const other = await api.get("/api/v1/agents", { authorization: `Bearer ${otherToken}` });
  assert.equal(other.status, 200);
});

test("whoever guesses tokens is slowed down by address, whatever the guess", async (t) => {
  const api = await serveApi(t, store, { rateLimit: { perCaller: 100, refusals: 5 } });
  const statuses: number[] = [];
  for (let i = 0; i < 8; i++)
    statuses.push((await api.get("/api/v1/agents", { authorization: `Bearer guess.${i}.x` })).status);
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
  assert.equal((await api.get("/api/v1/agents")).status, 200);
});

test("what is no HTTP, or too large, gets a problem document and the connection's end", async (t) => {
  const api = await serveApi(t, store);
  const cases: [sent: string, status: number][] = [
    ["\x16\x03\x01 this is TLS\r\n\r\n", 400],
    [`GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(20_000)}\r\n\r\n`, 431],
  ];
  for (const [sent, status] of cases) {
    const answer = await raw(api, sent);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(answer, /application\/problem\+json/);
    assert.equal((JSON.parse(answer.split("\r\n\r\n")[1]!) as Problem).status, status);
  }
});

test("the page and the API can load nothing from elsewhere, set no cookie, and are not kept in caches", async (t) => {
  const api = await serveApi(t, store);
  const { headers } = await api.get("/api/v1/agents");
  const policy = headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|upgrade-insecure|https?:/);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("set-cookie"), null);
  assert.equal(headers.get("access-control-allow-origin"), null);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.doesNotMatch((await api.get("/docs/")).headers.get("content-security-policy") ?? "default", /unsafe|https?:/);
});

test("health and metrics need no token and name no one", async (t) => {
  let ready = true;
  const health = () => ({ ready, parts: { store: ready ? "ok" : "closed" } });
  const api = await serveApi(t, store, { health });
  assert.deepEqual(await (await api.get("/healthz", {})).json(), {
    status: "ok",
    release: "0.0.0-test",
    parts: { store: "ok" },
  });
  ready = false;
  const sick = await api.get("/healthz", {});
  assert.equal(sick.status, 503);
  assert.equal(((await sick.json()) as { status: string }).status, "unready");
  await api.get("/api/v1/indicators/domain/secret.example.com");
  const text = await (await api.get("/metrics", {})).text();
  assert.match(text, /tip_hub_http_requests_total\{route="\/api\/v1\/indicators\/:kind\/\*",status="404"\} 1/);
  assert.doesNotMatch(text, /secret\.example/);
});

function raw({ port }: ServedApi, sent: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(sent));
    socket.on("data", (data) => (answer += String(data)));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}
