import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { joinHub } from "../../agent/link/join.ts";
import {
  origin,
  sealBatch,
  headerHash,
  type Position,
  type SealedBatch,
  type StreamKey,
} from "../../shared/batch/batch.ts";
import { entryOf } from "../../shared/batch/entry.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Identity } from "../../shared/identity.ts";
import { identityOf, newIdentityKey } from "../../shared/keys.ts";
import { createPublicKey } from "node:crypto";
import type { Observation } from "../../shared/observation.ts";
import { makeCallToken } from "../../shared/token.ts";
import { pinnedCredentials } from "../../shared/wire/tls.ts";
import { batchToWire, clientOptions, loadWire, streamToWire } from "../../shared/wire/wire.ts";
import type { AgentMessage } from "../../shared/wire/gen/tip/v1/AgentMessage.ts";
import type { HubMessage__Output } from "../../shared/wire/gen/tip/v1/HubMessage.ts";
import type { Door } from "./hub-door.ts";

export function newIdentity(): Identity {
  const key = newIdentityKey();
  return { id: identityOf(key), key, publicKey: createPublicKey(key) };
}

/** An agent in the hands of a test: it says whatever it is told to, true or not. */
export class RawAgent {
  readonly identity = newIdentity();
  readonly stream: StreamKey = { agent: this.identity.id, incarnation: randomBytes(16).toString("hex") };
  readonly #door: Door;
  position: Position = origin;

  constructor(door: Door) {
    this.#door = door;
  }
  static async joined(door: Door, name = "mx"): Promise<RawAgent> {
    const agent = new RawAgent(door);
    await joinHub(await door.invite(name), agent.identity, "amber", systemClock);
    return agent;
  }
  /** The next version of this agent's stream. */
  async seal(observations: readonly Observation[], after = this.position): Promise<SealedBatch> {
    const sealed = await sealBatch(this.stream, after, observations.map(entryOf), this.identity.key);
    this.position = { version: after.version + 1, hash: headerHash(sealed.header) };
    return sealed;
  }
  token(): Promise<string> {
    return makeCallToken(this.identity.key, this.identity.id, this.#door.keys.identity.id, Date.now());
  }
  /** Opens Attach with the token given (none where undefined), or a good one. */
  async attach(options: { token?: string | undefined } = {}): Promise<RawCall> {
    const jwt = "token" in options ? options.token : await this.token();
    const wire = loadWire();
    const client = new wire.Link(this.#door.address, await pinnedCredentials(this.#door.address, this.#door.keys.pin), {
      ...clientOptions,
      "grpc.max_send_message_length": -1,
    });
    const call = client.attach({
      credentials: credentials.createFromMetadataGenerator((_context, done) => {
        const metadata = new Metadata();
        if (jwt !== undefined) metadata.set("authorization", `Bearer ${jwt}`);
        done(null, metadata);
      }),
    });
    const messages: HubMessage__Output[] = [];
    const ended = new Promise<ServiceError | undefined>((resolve) => {
      call.on("error", (error) => resolve(error as ServiceError));
      call.on("end", () => resolve(undefined));
    }).finally(() => client.close());
    call.on("data", (message) => messages.push(message));
    return {
      messages,
      ended,
      send: (message) => void call.write(message),
      close: () => call.cancel(),
      async message(kind) {
        for (;;) {
          const found = messages.findIndex((message) => message.message === kind);
          if (found >= 0) return messages.splice(found, 1)[0]!;
          const outcome = await Promise.race([once(call, "data").then(() => "data" as const), ended]);
          if (outcome === "data") continue;
          // What came with the end may still stand in the list.
          if (messages.some((message) => message.message === kind)) continue;
          throw new Error(`the call ended before a ${kind} came: ${outcome?.details ?? "in order"}`);
        }
      },
    };
  }
  hello(): AgentMessage {
    return { hello: { release: "test", protocolMin: 1, protocolMax: 1, tlp: "TLP_AMBER" } };
  }
  head(position = this.position): AgentMessage {
    return { head: { stream: streamToWire(this.stream), version: position.version, floor: 0, hash: position.hash } };
  }
  /** Attached, greeted, and pulled from. */
  async pulled(): Promise<RawCall> {
    const call = await this.attach();
    call.send(this.hello());
    await call.message("hello");
    call.send(this.head());
    await call.message("pull");
    return call;
  }
}

export interface RawCall {
  readonly messages: HubMessage__Output[];
  /** With what error the hub ended it; undefined: in order. */
  readonly ended: Promise<ServiceError | undefined>;
  send(message: AgentMessage): void;
  close(): void;
  /** The next message of a kind. */
  message(kind: NonNullable<HubMessage__Output["message"]>): Promise<HubMessage__Output>;
}
export const batchMessage = (sealed: SealedBatch): AgentMessage => ({ batch: batchToWire(sealed, ["green", "amber"]) });
