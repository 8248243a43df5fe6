import assert from "node:assert/strict";
import test from "node:test";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { seedAgent, seedObservations, spam } from "../../support/seeded-hub.ts";
import { realStore, serveApi } from "../../support/served-api.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = { [key: string]: Json };
interface Operation {
  operationId: string;
  summary: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean; schema: Fields }[];
  responses: Record<string, { description: string; content: Record<string, { schema: Json }> }>;
}
interface Description {
  openapi: string;
  paths: Record<string, { get: Operation }>;
  components: { schemas: Record<string, Json>; securitySchemes: Fields };
}

/** A schema with its references put in place; an object may then have no property that is not described. */
function inlined(description: Description, schema: Json): Json {
  if (Array.isArray(schema)) return schema.map((each) => inlined(description, each));
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref: reference } = schema;
  if (typeof reference === "string") {
    const target = description.components.schemas[reference.replace("#/components/schemas/", "")];
    assert.ok(target !== undefined, `${reference} leads nowhere`);
    return inlined(description, target);
  }
  const plain = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inlined(description, value)]));
  return "properties" in plain && plain["type"] === "object" ? { ...plain, additionalProperties: false } : plain;
}

test("every route is described, with its parameters, its security and its problems", async (t) => {
  const api = await serveApi(t, await realStore(t));
  const description = await api.json<Description>("/api/v1/openapi.json");
  assert.match(description.openapi, /^3\.1\./);
  assert.deepEqual(Object.keys(description.paths), [
    "/api/v1/agents",
    "/api/v1/observations",
    "/api/v1/observations/{id}",
    "/api/v1/indicators",
    "/api/v1/indicators/{kind}/{value}",
    "/api/v1/trends",
    "/healthz",
    "/metrics",
  ]);
  assert.deepEqual(Object.keys(description.components.securitySchemes), ["bearer"]);
  inlined(description, description.paths as unknown as Json);
  const ids = new Set<string>();
  for (const [path, { get }] of Object.entries(description.paths)) {
    assert.ok(get.summary && !ids.has(get.operationId));
    ids.add(get.operationId);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = get.parameters?.filter((each) => each.in === "path") ?? [];
    assert.deepEqual(
      described.map(({ name }) => name),
      inPath,
    );
    assert.ok(described.every(({ required }) => required));
    if (!path.startsWith("/api/")) assert.deepEqual(get.security, []);
    else
      for (const status of ["400", "401", "429", "500"])
        assert.deepEqual(Object.keys(get.responses[status]!.content), ["application/problem+json"]);
  }
  assert.doesNotMatch(JSON.stringify(description), /"as":"|"tlp":/);
});

test("what the API answers is what its description says, and no field more", async (t) => {
  const store = await realStore(t);
  const now = Date.now();
  const agent = await seedAgent(store, "trap-1", "Example Org", now);
  const seen = Array.from({ length: 20 }, (_, i) => spam(i, now - i * 60_000));
  await seedObservations(store, agent, seen, now);
  const health = { backlog: 2, observations: 30, defects: 1, refused: 0, redactions: 0, freeBytes: 9, lastError: "" };
  await store.roster.seen(agent.id, now, health);
  await store.streams.halt(agent.stream, "a reason", [], now);
  const api = await serveApi(t, store);
  const description = await api.json<Description>("/api/v1/openapi.json");
  const examples: Record<string, string> = {
    "/api/v1/agents": "",
    "/api/v1/observations": "?limit=20",
    "/api/v1/observations/{id}": seen[3]!.id,
    "/api/v1/indicators": "?limit=5",
    "/api/v1/indicators/{kind}/{value}": "domain/example.com",
    "/api/v1/trends": "",
    "/healthz": "",
  };
  for (const [path, example] of Object.entries(examples)) {
    const { schema } = description.paths[path]!.get.responses["200"]!.content["application/json"]!;
    const check = Compile(inlined(description, schema) as TSchema);
    const answer = await api.json<unknown>(
      example.startsWith("?") ? path + example : path.replace(/\{.*/, "") + example,
    );
    assert.ok(check.Check(answer), `${path}: ${JSON.stringify(check.Errors(answer).slice(0, 2))}`);
  }
});
