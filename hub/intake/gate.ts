import type { KeyObject } from "node:crypto";
import { Metadata, ServerInterceptingCall, ServerListenerBuilder, status, type ServerInterceptor } from "@grpc/grpc-js";
import type { Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/failure.ts";
import { publicKeyFrom } from "../../shared/keys.ts";
import type { Log } from "../../shared/log.ts";
import { verifyCallToken } from "../../shared/token.ts";
import { Pace } from "./pace.ts";
import { timeKey } from "../../shared/wire/wire.ts";
import type { Agent, RosterStore } from "../store/contract.ts";

/** An agent whose JWT held for this call. */
export interface Attached {
  readonly agent: Agent;
  readonly key: KeyObject;
}

export interface GateParts {
  readonly hub: string;
  readonly roster: RosterStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Counts refusals by their reason. */
  readonly refused: (reason: string) => void;
}

/** Calls that prove themselves by other means than a JWT. */
const open = new Set(["/tip.v1.Link/Enroll", "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"]);

/**
 * Decides on a call's metadata, before its body is decoded: a JWT by a registered agent's key, for this hub, in its
 * time, whose jti was never spent. A refusal carries the hub's time, so that a wrong clock mends itself.
 * Who was let in is found by the handler under the call's metadata object.
 */
export class Gate {
  readonly #parts: GateParts;
  readonly #attached = new WeakMap<Metadata, Attached>();
  readonly #pace: Pace;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#pace = new Pace(parts.clock);
  }

  /** Who makes this call; the gate lets none through without. */
  attachedOf(metadata: Metadata): Attached | undefined {
    return this.#attached.get(metadata);
  }

  readonly interceptor: ServerInterceptor = (method, call) => {
    if (open.has(method.path)) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) => {
        const listener = new ServerListenerBuilder().withOnReceiveMetadata((metadata, pass) => {
          this.#decide(metadata).then(
            (refusal) => (refusal ? call.sendStatus(this.#status(refusal)) : pass(metadata)),
            (error: unknown) => {
              this.#parts.log.error({ reason: messageOf(error) }, "could not decide on a call");
              call.sendStatus({ code: status.UNAVAILABLE, details: "the hub cannot check tokens now; try again" });
            },
          );
        });
        next(listener.build());
      },
    });
  };

  #status({ code, reason }: { code: status; reason: string }) {
    this.#parts.refused(reason);
    const metadata = new Metadata();
    metadata.set(timeKey, String(this.#parts.clock.now()));
    return { code, details: reason, metadata };
  }

  async #decide(metadata: Metadata): Promise<{ code: status; reason: string } | undefined> {
    const { hub, roster, clock } = this.#parts;
    const value = metadata.get("authorization")[0];
    if (typeof value !== "string" || !value.startsWith("Bearer "))
      return { code: status.UNAUTHENTICATED, reason: "the call carries no token" };
    let revoked = false;
    const verdict = await verifyCallToken(value.slice("Bearer ".length), hub, clock, async (id) => {
      const agent = await roster.agent(id);
      if (!agent) return { refused: "this agent is unknown here; join with a token of this hub" };
      revoked = agent.revokedAt !== undefined;
      return { key: publicKeyFrom(agent.publicKey), agent };
    });
    if (!verdict.ok) return { code: status.UNAUTHENTICATED, reason: verdict.reason };
    if (revoked) return { code: status.PERMISSION_DENIED, reason: "this agent was revoked; ask the hub's admin" };
    if (!this.#pace.takes(verdict.agent.id))
      return { code: status.RESOURCE_EXHAUSTED, reason: "this agent calls too often; wait a few seconds" };
    if (!(await roster.spend(verdict.agent.id, verdict.jti, verdict.expiresAt, clock.now())))
      return { code: status.UNAUTHENTICATED, reason: "the token was used before" };
    this.#attached.set(metadata, { agent: verdict.agent, key: publicKeyFrom(verdict.agent.publicKey) });
    return undefined;
  }
}
