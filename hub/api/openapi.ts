import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance, FastifySchema } from "fastify";
import { AgentItem } from "./agents.ts";
import { Problem } from "./problem.ts";
import { HeldObservation, IndicatorDetail, IndicatorItem, published } from "./schema.ts";
import { TrendPoint } from "./trends.ts";

/** Before the routes: describes them as OpenAPI 3.1, made of the same schemas that check the requests. */
export async function describeApi(app: FastifyInstance, release: string): Promise<void> {
  for (const schema of [Problem, HeldObservation, AgentItem, IndicatorItem, IndicatorDetail, TrendPoint])
    app.addSchema(published(schema));
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "TIP hub",
        version: release,
        description: "What spamtraps tell: agents, observations, indicators and trends. All times are UTC.",
        license: { name: "GPL-3.0-or-later", identifier: "GPL-3.0-or-later" },
      },
      servers: [{ url: "/" }],
      tags: ["agents", "observations", "indicators", "trends", "service"].map((name) => ({ name })),
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "`tip-hub token create NAME`" },
        },
      },
      security: [{ bearer: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) => (typeof json.$id === "string" ? json.$id : `Schema${i}`),
    },
    transform: ({ schema, url }) => ({ schema: named(schema), url: url.replace("/*", "/:value") }),
  });
}

/** The wildcard has no name in a route; in the description it is `value`. */
function named(schema: FastifySchema): FastifySchema {
  const params = schema?.params as { properties?: Record<string, unknown>; required?: string[] } | undefined;
  if (!params?.properties || !("*" in params.properties)) return schema;
  const { "*": value, ...properties } = params.properties;
  const required = params.required?.map((name) => (name === "*" ? "value" : name));
  return { ...schema, params: { ...params, properties: { ...properties, value }, required } };
}

// swagger-ui draws its icons from data: URLs; nothing else is loosened, and nothing is fetched from outside.
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: docsPolicy,
    validatorUrl: false,
    theme: { title: "TIP hub API" },
    uiConfig: { layout: "BaseLayout", deepLinking: true, docExpansion: "list", displayRequestDuration: true },
  });
}
