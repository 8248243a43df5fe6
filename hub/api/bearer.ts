import type { FastifyInstance, FastifyRequest } from "fastify";
import { Refusal } from "./problem.ts";
import type { Limits } from "./limits.ts";

/** Who asks. */
export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly role: "analyst" | "admin";
}

/** What the API needs to know of tokens. `refused` is a sentence for the caller. */
export interface TokenVerifier {
  verify(bearer: string): Promise<Caller | { readonly refused: string }>;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who sent this request; only behind `requireBearer`. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error("a route that asks for its caller stands outside the guarded scope");
  return caller;
}

/** Lets nothing pass in this scope without a bearer token (RFC 6750) that the verifier accepts. */
export function requireBearer(scope: FastifyInstance, tokens: TokenVerifier, limits: Limits): void {
  scope.addHook("onRequest", async (request) => {
    const bearer = bearerOf(request.headers.authorization);
    if (bearer === undefined) {
      await limits.countRefusal(request);
      throw challenge(
        "this needs a bearer token: send `Authorization: Bearer …`; `tip-hub token create NAME` makes one",
      );
    }
    const verdict = await tokens.verify(bearer);
    if ("refused" in verdict) {
      await limits.countRefusal(request);
      throw challenge(verdict.refused, "invalid_token");
    }
    callers.set(request, verdict);
  });
}

const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer +([\w.~+/=-]+) *$/i.exec(header ?? "")?.[1];

function challenge(reason: string, error?: string): Refusal {
  // A quoted-string of RFC 9110: what could end it, or the header, is left out.
  const said = reason.replace(/[^\x20-\x7e]|["\\]/g, "'");
  const parts = [`Bearer realm="tip-hub"`, ...(error ? [`error="${error}"`, `error_description="${said}"`] : [])];
  return new Refusal(401, reason, { "www-authenticate": parts.join(", ") });
}
