import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { OpenedBatch, Position, SealedBatch, StreamKey } from "../../shared/batch/batch.ts";
import { Failure, messageOf } from "../../shared/failure.ts";
import type { Log } from "../../shared/log.ts";
import type { Tlp } from "../../shared/observation.ts";
import { release } from "../../shared/release.ts";
import {
  batchToWire,
  protocol,
  sectionsUpTo,
  streamFromWire,
  streamToWire,
  tlpFromWire,
  tlpToWire,
} from "../../shared/wire/wire.ts";
import type { AgentMessage } from "../../shared/wire/gen/tip/v1/AgentMessage.ts";
import type { Health } from "../../shared/wire/gen/tip/v1/Health.ts";
import type { HubMessage__Output } from "../../shared/wire/gen/tip/v1/HubMessage.ts";
import type { Pull__Output } from "../../shared/wire/gen/tip/v1/Pull.ts";
import { allHubs } from "../ledger/ledger.ts";
import type { JoinedHub } from "./hubs.ts";

/** The ledger, as far as a link reads it. */
export interface Served {
  readonly stream: StreamKey;
  readonly head: Position;
  readonly floor: number;
  haltedFor(hub: string): { readonly reason: string } | undefined;
  read(version: number): Promise<OpenedBatch>;
  positionAt(version: number): Promise<{ position: Position; sealed?: SealedBatch }>;
  acknowledge(hub: string, position: Position): Promise<void>;
  halt(reason: string, hub: string): Promise<void>;
}

/** A hub's words are kept and shown, so not all of them. */
const longestReason = 300;
export type AttachCall = ClientDuplexStream<AgentMessage, HubMessage__Output>;

/** What the link shows of a session: for status and for its own decisions. */
export interface SessionEvents {
  /** The hub spoke: the connection is good. */
  attached(): void;
  acknowledged(version: number): void;
  notice(code: string, text: string): void;
}

/**
 * One Attach stream, seen from the agent. The hub drives:
 *
 *   AgentHello → HubHello → Head → Pull(after, hash, credit) → Batch … ← Ack, each Ack gives one credit back
 *
 * A Pull stands until the next one: what is committed later follows by itself while there is credit.
 * Whoever ends the call owns it; the session only says why it should end, by throwing out of `receive`.
 */
export class Session {
  readonly #call: AttachCall;
  readonly #ledger: Served;
  readonly #hub: JoinedHub;
  readonly #log: Log;
  readonly #events: SessionEvents;
  #greeted = false;
  #pull: { next: number; credit: number; sections: Tlp[] } | undefined;
  #pumping = false;

  constructor(call: AttachCall, parts: { ledger: Served; hub: JoinedHub; log: Log; events: SessionEvents }) {
    this.#call = call;
    this.#ledger = parts.ledger;
    this.#hub = parts.hub;
    this.#log = parts.log;
    this.#events = parts.events;
  }

  start(): void {
    this.#call.write({
      hello: { release, protocolMin: protocol.min, protocolMax: protocol.max, tlp: tlpToWire(this.#hub.tlp) },
    });
  }

  /** One message of the hub, after the one before was dealt with. */
  async receive(message: HubMessage__Output): Promise<void> {
    if (message.hello) return this.#onHello(message.hello.protocol);
    if (message.pull) return this.#onPull(message.pull);
    if (message.ack && this.#isOurs(message.ack.stream)) return this.#onAck(message.ack.version, message.ack.hash);
    if (message.halt) {
      if (this.#isOurs(message.halt.stream) && !this.#halted)
        await this.#halt(`the hub ${this.#hub.name} says: ${message.halt.reason}`);
      return;
    }
    if (message.notice) this.#events.notice(message.notice.code, message.notice.text);
  }

  /** The ledger's head moved. */
  headMoved(): void {
    if (!this.#greeted || this.#halted) return;
    this.#sendHead();
    this.#pump();
  }

  health(health: Health): void {
    if (this.#greeted) this.#call.write({ health });
  }

  #onHello(spoken: number): void {
    if (spoken < protocol.min || spoken > protocol.max)
      throw new Failure(
        "config",
        `the hub speaks protocol ${spoken}, this agent ${protocol.min} to ${protocol.max}; upgrade the older side`,
      );
    this.#greeted = true;
    this.#events.attached();
    if (!this.#halted) this.#sendHead();
  }

  get #halted(): boolean {
    return this.#ledger.haltedFor(this.#hub.id) !== undefined;
  }

  #sendHead(): void {
    const { stream, head, floor } = this.#ledger;
    this.#call.write({ head: { stream: streamToWire(stream), version: head.version, floor, hash: head.hash } });
  }

  #isOurs(stream: Pull__Output["stream"]): boolean {
    const { agent, incarnation } = streamFromWire(stream);
    return agent === this.#ledger.stream.agent && incarnation === this.#ledger.stream.incarnation;
  }

  /** L9: what the hub holds must be what this ledger holds at that version. */
  async #onPull({ stream, after, hash, sections, credit }: Pull__Output): Promise<void> {
    // A pull for a stream that was restarted meanwhile crosses our new head: the hub will ask again.
    if (!this.#isOurs(stream) || this.#halted) return;
    const { head } = this.#ledger;
    if (after > head.version)
      return this.#halt(`the hub holds version ${after}, this ledger ends at ${head.version}: it was rolled back`);
    const { position, sealed } = await this.#ledger.positionAt(after);
    if (!position.hash.equals(hash))
      return this.#halt(
        `the hub holds another version ${after} than this ledger: it was rolled back or copied`,
        sealed,
      );
    const wanted = sections.map(tlpFromWire);
    const allowed = sectionsUpTo(this.#hub.tlp).filter((tlp) => wanted.includes(tlp));
    this.#pull = { next: after + 1, credit: Math.min(credit, 64), sections: allowed };
    await this.#ledger.acknowledge(this.#hub.id, position);
    this.#events.acknowledged(after);
    this.#pump();
  }

  async #onAck(version: number, hash: Buffer): Promise<void> {
    if (version < 1 || version > this.#ledger.head.version) return;
    const { position, sealed } = await this.#ledger.positionAt(version);
    if (!position.hash.equals(hash))
      return this.#halt(`the hub acknowledged another version ${version} than this ledger holds`, sealed);
    await this.#ledger.acknowledge(this.#hub.id, position);
    this.#events.acknowledged(version);
    if (this.#pull) this.#pull.credit = Math.min(this.#pull.credit + 1, 64);
    this.#pump();
  }

  async #halt(reason: string, sealed?: SealedBatch, scope = this.#hub.id): Promise<void> {
    this.#pull = undefined;
    await this.#ledger.halt(reason.slice(0, longestReason), scope);
    this.#log.error({ hub: this.#hub.name, reason }, "stream halted: run 'tip-agent ledger restart'");
    const proof = sealed ? [{ header: sealed.header, signature: sealed.signature }] : [];
    this.#call.write({ halted: { stream: streamToWire(this.#ledger.stream), reason, proof } });
  }

  /** Sends while there is credit and something to send; one at a time, for a read takes a moment. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#send()
      .catch(async (error: unknown) => {
        // What cannot be read must not be skipped: the stream stops, and says so on both sides.
        await this.#halt(messageOf(error), undefined, allHubs);
      })
      .catch((error: unknown) => this.#log.error({ reason: messageOf(error) }, "could not halt the stream"))
      .finally(() => {
        this.#pumping = false;
      });
  }

  async #send(): Promise<void> {
    for (;;) {
      const pull = this.#pull;
      if (!pull || pull.credit < 1 || pull.next > this.#ledger.head.version || this.#halted) return;
      const { sealed } = await this.#ledger.read(pull.next);
      if (pull !== this.#pull || this.#call.destroyed || this.#call.writableEnded) return;
      pull.next++;
      pull.credit--;
      this.#call.write({ batch: batchToWire(sealed, pull.sections) });
    }
  }
}
