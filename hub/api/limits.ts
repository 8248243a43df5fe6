import { createHash } from "node:crypto";
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Refusal } from "./problem.ts";

/** Requests a minute. */
export interface RateLimit {
  /** Of one token, or of one address that shows none. */
  readonly perCaller: number;
  /** Of one address whose tokens are refused. */
  readonly refusals: number;
}
export const defaultRateLimit: RateLimit = { perCaller: 600, refusals: 60 };

export interface Limits {
  /** Counts a request whose token was missing or refused, so that guessing is slow. Throws a 429 when it is too many. */
  countRefusal(request: FastifyRequest): Promise<void>;
}

/**
 * Each token has its own allowance, and so has each address without one: one caller's flood leaves the others alone,
 * even behind the same address. It is counted before the token is verified, so a flood costs little.
 */
export async function limitRate(app: FastifyInstance, allowed: RateLimit): Promise<Limits> {
  await app.register(rateLimit, { global: false, timeWindow: 60_000, cache: 10_000 });
  const perCaller = app.createRateLimit({ max: allowed.perCaller, keyGenerator: keyOf });
  const perRefused = app.createRateLimit({ max: allowed.refusals, keyGenerator: (request) => `refused ${request.ip}` });
  const check = async (limiter: typeof perCaller, request: FastifyRequest): Promise<void> => {
    const state = await limiter(request);
    if (!state.isAllowed && state.isExceeded) throw tooMany(state.max, state.ttlInSeconds);
  };
  app.addHook("onRequest", (request) => check(perCaller, request));
  return { countRefusal: (request) => check(perRefused, request) };
}

function keyOf({ headers, ip }: FastifyRequest): string {
  if (!headers.authorization) return `address ${ip}`;
  return `token ${createHash("sha256").update(headers.authorization).digest("base64url")}`;
}

function tooMany(max: number, seconds: number): Refusal {
  const wait = Math.max(1, seconds);
  return new Refusal(429, `more than ${max} requests in a minute; wait ${wait} s`, { "retry-after": String(wait) });
}
