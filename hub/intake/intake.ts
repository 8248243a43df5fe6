import type { KeyObject } from "node:crypto";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { Clock } from "../../shared/clock.ts";
import { errno, Failure, messageOf } from "../../shared/failure.ts";
import type { Log } from "../../shared/log.ts";
import type { Metrics } from "../../shared/metrics.ts";
import { splitAddress } from "../../shared/wire/tls.ts";
import { loadWire, serverOptions } from "../../shared/wire/wire.ts";
import type { LinkHandlers } from "../../shared/wire/gen/tip/v1/Link.ts";
import type { Store } from "../store/contract.ts";
import { enrol } from "./enrol.ts";
import { Gate } from "./gate.ts";
import { CallEnd, endOf, Session, type AttachStream } from "./session.ts";

export interface IntakeOptions {
  /** HOST:PORT; port 0 takes a free one. */
  readonly address: string;
  /** The hub's id, hex: the audience of every agent's JWT. */
  readonly hub: string;
  readonly tls: { readonly key: KeyObject; readonly certificate: string };
  /** After which an Attach ends in order and is opened anew, ms; ± a tenth of it. */
  readonly attachLife?: number;
}
export interface IntakeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const hour = 3_600_000;
/** How often open streams are held against the roster: a revoked agent's end in ≤ 5 s. */
const rosterEvery = 2000;
/** An open Attach: whose it is, and how it is ended. */
interface Open {
  readonly agent: string;
  readonly finish: (error: unknown) => void;
}
/** Calls that one agent may have open; the newest stay. */
const mostCalls = 3;

/** Messages of one call that may wait for their turn: an honest agent sends few beside its batches. */
const mostWaiting = 64;

/** The door for agents: TLS, the gate, Enroll, and one Session for each open Attach. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #parts: IntakeParts;
  readonly #server: Server;
  readonly #gate: Gate;
  readonly #open = new Map<AttachStream, Open>();
  readonly #counters;
  #rosterTimer: NodeJS.Timeout | undefined;

  constructor(options: IntakeOptions, parts: IntakeParts) {
    this.#options = options;
    this.#parts = parts;
    const { metrics } = parts;
    const refused = metrics.counter("tip_intake_refused_total", "Calls refused at the gate, by reason", ["reason"]);
    this.#counters = {
      observations: metrics.counter("tip_intake_observations_total", "Observations made durable, by outcome", [
        "outcome",
      ]),
      batches: metrics.counter("tip_intake_batches_total", "Batches made durable"),
    };
    metrics.gauge("tip_intake_open_streams", "Agents attached now", () => this.#open.size);
    this.#gate = new Gate({
      hub: options.hub,
      roster: parts.store.roster,
      clock: parts.clock,
      log: parts.log,
      refused: (reason) => refused.inc({ reason }),
    });
    this.#server = new Server({ ...serverOptions, interceptors: [this.#gate.interceptor] });
    this.#server.addService(loadWire().Link.service, this.#handlers());
    new HealthImplementation({ "": "SERVING", "tip.v1.Link": "SERVING" }).addToServer(this.#server);
  }

  /** Binds; resolves to the port. */
  async listen(): Promise<number> {
    const { address, tls } = this.#options;
    splitAddress(address);
    const pem = Buffer.from(tls.key.export({ type: "pkcs8", format: "pem" }));
    const credentials = ServerCredentials.createSsl(null, [
      { private_key: pem, cert_chain: Buffer.from(tls.certificate) },
    ]);
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(address, credentials, (error, bound) =>
        error ? reject(bindFailure(address, error)) : resolve(bound),
      );
    });
    this.#rosterTimer = setInterval(() => void this.#endRevoked(), rosterEvery);
    return port;
  }

  async close(): Promise<void> {
    clearInterval(this.#rosterTimer);
    for (const call of this.#open.keys()) call.end();
    const over = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    const deadline = setTimeout(() => this.#server.forceShutdown(), 2000);
    await over;
    clearTimeout(deadline);
  }

  #handlers(): LinkHandlers {
    const { store, clock, log, metrics } = this.#parts;
    const unknownSecrets = metrics.counter("tip_intake_unknown_secrets_total", "Enrolments with a secret of no invite");
    return {
      Enroll: (call, reply) => {
        const unknown = (): void => unknownSecrets.inc();
        enrol(call.request, this.#options.hub, { store, clock, unknown }).then(
          (outcome) => ("code" in outcome ? reply(outcome) : reply(null, outcome)),
          (error: unknown) => {
            if (error instanceof Failure && error.code === "denied")
              return reply({ code: status.PERMISSION_DENIED, details: error.message });
            log.error({ reason: messageOf(error) }, "could not enrol");
            return reply({ code: status.UNAVAILABLE, details: "the hub cannot enrol now; try again" });
          },
        );
      },
      Attach: (call) => this.#attach(call),
    };
  }

  #attach(call: AttachStream): void {
    const who = this.#gate.attachedOf(call.metadata);
    const end = (error: unknown): void => {
      const { code, details } = endOf(error);
      const fields = { agent: who?.agent.name, reason: details };
      if (code !== status.UNAVAILABLE) this.#parts.log.warn(fields, "attach ended by the hub");
      else this.#parts.log.error(fields, "attach failed");
      this.#open.delete(call);
      // Not destroy(): that never reaches the agent and leaves its call open.
      call.emit("error", { code, details });
    };
    if (!who) return end(new CallEnd(status.UNAUTHENTICATED, "the call carries no token"));
    const life = (this.#options.attachLife ?? hour) * (0.9 + Math.random() / 5);
    const ending = setTimeout(() => call.end(), life);
    let turn: Promise<void> = Promise.resolve();
    let over = false;
    let waiting = 0;
    const finish = (error: unknown): void => {
      if (over) return;
      over = true;
      end(error);
    };
    this.#endOldest(who.agent.id);
    this.#open.set(call, { agent: who.agent.id, finish });
    this.#parts.log.info({ agent: who.agent.name }, "agent attached");
    const session = new Session(call, who, {
      store: this.#parts.store,
      clock: this.#parts.clock,
      log: this.#parts.log,
      failed: finish,
      applied: ({ fresh, known, quarantined }) => {
        this.#counters.batches.inc();
        this.#counters.observations.inc({ outcome: "fresh" }, fresh);
        this.#counters.observations.inc({ outcome: "known" }, known);
        this.#counters.observations.inc({ outcome: "quarantined" }, quarantined);
      },
    });
    call.on("data", (message) => {
      if (over) return;
      try {
        if (++waiting > mostWaiting)
          throw new CallEnd(status.RESOURCE_EXHAUSTED, "more messages than the hub can take in");
        session.admit(message);
      } catch (error) {
        return finish(error);
      }
      turn = turn
        .then(() => (over ? undefined : session.receive(message)))
        .catch(finish)
        .finally(() => waiting--);
    });
    call.on("end", () => call.end());
    call.on("error", () => undefined);
    call.on("close", () => {
      over = true;
      clearTimeout(ending);
      this.#open.delete(call);
    });
  }

  /** An agent needs one call; a second is the one that replaces a connection that hangs. */
  #endOldest(agent: string): void {
    const own = [...this.#open.values()].filter((open) => open.agent === agent);
    for (const { finish } of own.slice(0, Math.max(0, own.length + 1 - mostCalls)))
      finish(new CallEnd(status.ABORTED, "a newer call of this agent takes this one's place"));
  }

  async #endRevoked(): Promise<void> {
    if (this.#open.size === 0) return;
    try {
      const revoked = await this.#parts.store.roster.revoked();
      for (const { agent, finish } of this.#open.values())
        if (revoked.has(agent))
          finish(new CallEnd(status.PERMISSION_DENIED, "this agent was revoked; ask the hub's admin"));
    } catch (error) {
      this.#parts.log.error({ reason: messageOf(error) }, "could not read the roster");
    }
  }
}

function bindFailure(address: string, error: Error): Failure {
  const text = error.message;
  const taken = errno(error) === "EADDRINUSE" || text.includes("EADDRINUSE");
  if (taken)
    return new Failure(
      "temporary",
      `port ${address} is taken; stop what listens there, or choose another with --grpc HOST:PORT`,
      { cause: error },
    );
  return new Failure("config", `cannot listen on ${address}: ${text}; choose another with --grpc HOST:PORT`, {
    cause: error,
  });
}
