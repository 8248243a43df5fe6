import { STATUS_CODES } from "node:http";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import type { Static } from "typebox";
import { Failure, messageOf, type FailureCode } from "../../shared/failure.ts";
import type { Log } from "../../shared/log.ts";

/** Every error of the API is a problem document (RFC 9457), whatever raised it. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: "urn:tip:problem:… names the kind of problem; stable" }),
    title: Type.String({ description: "The status in words" }),
    status: Type.Integer(),
    detail: Type.String({ description: "What happened, and what is expected instead" }),
    instance: Type.String({ description: "The path that was asked for" }),
  },
  { $id: "Problem", description: "A problem document (RFC 9457)" },
);
export type Problem = Static<typeof Problem>;

export const problemType = "application/problem+json";

/** What a failure is over HTTP, said once. */
export const httpStatus: Record<FailureCode, number> = {
  usage: 400,
  invalid: 400,
  denied: 403,
  missing: 404,
  config: 500,
  damaged: 500,
  temporary: 503,
};

/** A refusal of the API itself, with the headers that belong to its status. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = "Refusal";
    this.status = status;
    this.headers = headers;
  }
}

const slugs: Record<number, string> = {
  400: "invalid",
  401: "unauthorized",
  403: "denied",
  404: "missing",
  413: "too-large",
  429: "too-many-requests",
  500: "internal",
  503: "temporary",
};

export function problemOf(status: number, detail: string, path: string): Problem {
  const title = STATUS_CODES[status] ?? "Error";
  const slug = slugs[status] ?? title.toLowerCase().replaceAll(" ", "-");
  return { type: `urn:tip:problem:${slug}`, title, status, detail, instance: path };
}

/** Turns whatever was thrown into a problem document. What is our fault is logged with its cause and told to no one. */
export function problemHandler(log: Log) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { status, detail, headers } = explain(error);
    const path = pathOf(request.url);
    if (status >= 500) log.error({ err: error, request: request.id, method: request.method, path }, "request failed");
    const told = status >= 500 ? ourFault(status, request.id) : detail;
    return reply
      .code(status)
      .headers(headers)
      .type(problemType)
      .send(problemOf(status, told, path));
  };
}

export const notFound = (request: FastifyRequest): never => {
  throw new Refusal(404, `there is nothing at ${request.method} ${pathOf(request.url)}; /docs lists what there is`);
};

/** The path of a request target, without the query: it may hold what was searched for. */
export const pathOf = (url: string): string => url.split("?", 1)[0] ?? url;

const ourFault = (status: number, id: string): string =>
  status === 503
    ? `the hub cannot answer at the moment; try again shortly (its log says more under request ${id})`
    : `the hub failed to answer; its log says more under request ${id}`;

interface Explained {
  readonly status: number;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
}

function explain(error: unknown): Explained {
  if (error instanceof Refusal) return { status: error.status, detail: error.message, headers: error.headers };
  if (error instanceof Failure) return { status: httpStatus[error.code], detail: error.message, headers: {} };
  const { validation, validationContext, statusCode } = error as Partial<FastifyError>;
  const first = validation?.[0];
  if (first) return { status: 400, detail: faultOf(first, validationContext ?? "request"), headers: {} };
  // The framework's own refusals (a body too large, a malformed URL) carry their status and speak to the client.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return { status: statusCode, detail: messageOf(error), headers: {} };
  return { status: 500, detail: "", headers: {} };
}

const places: Record<string, string> = { querystring: "query parameter", params: "path parameter" };

function faultOf(fault: NonNullable<FastifyError["validation"]>[number], context: string): string {
  const place = places[context] ?? context;
  const { additionalProperty, allowedValues } = fault.params;
  if (typeof additionalProperty === "string") return `${place} ${JSON.stringify(additionalProperty)} is not known here`;
  const name = JSON.stringify(fault.instancePath.slice(1).replaceAll("~1", "/"));
  if (Array.isArray(allowedValues)) return `${place} ${name} must be one of ${allowedValues.join(", ")}`;
  return `${place} ${name} ${fault.message ?? "is not valid"}`;
}
