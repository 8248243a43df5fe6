import { status, type ServerDuplexStream } from "@grpc/grpc-js";
import { openBatch, readHeader, verifyHeader, type OpenedBatch, type StreamKey } from "../../shared/batch/batch.ts";
import { pause, type Clock } from "../../shared/clock.ts";
import { Failure, messageOf } from "../../shared/failure.ts";
import type { Log } from "../../shared/log.ts";
import { release } from "../../shared/release.ts";
import {
  batchFromWire,
  protocol,
  sectionsUpTo,
  streamFromWire,
  streamToWire,
  tlpToWire,
} from "../../shared/wire/wire.ts";
import type { AgentHello__Output } from "../../shared/wire/gen/tip/v1/AgentHello.ts";
import type { AgentMessage__Output } from "../../shared/wire/gen/tip/v1/AgentMessage.ts";
import type { Batch__Output } from "../../shared/wire/gen/tip/v1/Batch.ts";
import type { Halted__Output } from "../../shared/wire/gen/tip/v1/Halted.ts";
import type { Head__Output } from "../../shared/wire/gen/tip/v1/Head.ts";
import type { Health__Output } from "../../shared/wire/gen/tip/v1/Health.ts";
import type { HubMessage } from "../../shared/wire/gen/tip/v1/HubMessage.ts";
import type { Proof } from "../../shared/wire/gen/tip/v1/Proof.ts";
import type { Applied, Store, StreamState } from "../store/contract.ts";
import type { Attached } from "./gate.ts";

export type AttachStream = ServerDuplexStream<AgentMessage__Output, HubMessage>;

/** How many batches may be on their way: each is at most a megabyte, and this is all that a session can make us hold. */
export const credit = 8;

/** A head or a health a second is enough to show how an agent fares, ms. */
const headEvery = 1000;
/** An incarnation is begun with an agent and at each `ledger restart`. */
const mostStreams = 64;

/** The end of a call, as the agent is told. */
export class CallEnd extends Error {
  readonly code: status;
  constructor(code: status, details: string) {
    super(details);
    this.code = code;
  }
}

export interface SessionParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Observations that became durable. */
  readonly applied: (result: Extract<Applied, { outcome: "applied" }>) => void;
  /** What went wrong after `receive` had resolved; the call is to be ended. */
  readonly failed: (error: unknown) => void;
}

/**
 * One Attach stream, seen from the hub: it asks for what it misses, verifies and applies one batch after the other,
 * and acknowledges what is durable. It never holds more than `credit` batches, and nothing between calls.
 *
 * What the agent sends is refused by throwing CallEnd; the stream's own contradictions halt that stream alone (L9).
 */
export class Session {
  readonly #call: AttachStream;
  readonly #who: Attached;
  readonly #parts: SessionParts;
  #greeted = false;
  /** The incarnation that a Pull stands for. */
  #pulling: string | undefined;
  /** Batches that were allowed and did not come yet. */
  #allowed = 0;
  #lastHead = -Infinity;
  #lastHealth = -Infinity;
  /** Resolves when the last batch is applied and acknowledged. */
  #settled: Promise<void> = Promise.resolve();

  constructor(call: AttachStream, who: Attached, parts: SessionParts) {
    this.#call = call;
    this.#who = who;
    this.#parts = parts;
  }

  /** Takes a message's place in the count of what is allowed, at once, whatever is still being applied. */
  admit(message: AgentMessage__Output): void {
    if (!message.batch) return;
    if (this.#allowed < 1) throw new CallEnd(status.RESOURCE_EXHAUSTED, "more batches than the hub gave credit for");
    this.#allowed--;
  }

  async receive(message: AgentMessage__Output): Promise<void> {
    if (message.hello) return this.#onHello(message.hello);
    if (!this.#greeted) throw new CallEnd(status.FAILED_PRECONDITION, "the first message must be a hello");
    if (message.head) return this.#onHead(message.head);
    if (message.batch) return this.#onBatch(message.batch);
    if (message.health) return this.#onHealth(message.health);
    if (message.halted) return this.#onHalted(message.halted);
    if (message.gap) throw new CallEnd(status.UNIMPLEMENTED, "this hub does not take gaps yet; upgrade the hub");
  }

  async #onHello({ protocolMin, protocolMax }: AgentHello__Output): Promise<void> {
    if (protocolMin > protocol.max || protocolMax < protocol.min) {
      const older = protocolMax < protocol.min ? "agent" : "hub";
      throw new CallEnd(
        status.FAILED_PRECONDITION,
        `the agent speaks protocol ${protocolMin} to ${protocolMax}, the hub ${protocol.min} to ${protocol.max}; upgrade the ${older}`,
      );
    }
    if (this.#greeted) throw new CallEnd(status.FAILED_PRECONDITION, "a second hello");
    this.#greeted = true;
    this.#call.write({ hello: { release, protocol: Math.min(protocol.max, protocolMax) } });
    await this.#seen();
  }

  async #seen(health?: Health__Output): Promise<void> {
    const { store, clock } = this.#parts;
    await store.roster.seen(
      this.#who.agent.id,
      clock.now(),
      health && { ...health, lastError: health.lastError.slice(0, 500) },
    );
  }
  async #onHealth(health: Health__Output): Promise<void> {
    const now = this.#parts.clock.monotonic();
    if (now - this.#lastHealth < headEvery) return;
    this.#lastHealth = now;
    await this.#seen(health);
  }

  #ours(key: StreamKey): StreamKey {
    if (key.agent !== this.#who.agent.id)
      throw new CallEnd(status.PERMISSION_DENIED, "the stream is of another agent than the one that is attached");
    return key;
  }

  async #onHead(head: Head__Output): Promise<void> {
    const { store, clock } = this.#parts;
    const key = this.#ours(streamFromWire(head.stream));
    const sound = Number.isSafeInteger(head.version) && Number.isSafeInteger(head.floor) && head.floor <= head.version;
    if (!sound || head.hash.length !== (head.version === 0 ? 0 : 32))
      throw new CallEnd(status.INVALID_ARGUMENT, "the head is malformed");
    if (!(await this.#takesHead(key))) return;
    const state = await store.streams.head(key, head.version, head.floor, clock.now());
    await this.#seen();
    if (state.halted) return this.#sendHalt(key, state.halted.reason);
    if (head.version < state.cursor.version)
      return this.#halt(
        key,
        `its ledger ends at version ${head.version}, version ${state.cursor.version} is here: it was rolled back`,
      );
    if (head.version === state.cursor.version && !head.hash.equals(state.cursor.hash))
      return this.#halt(
        key,
        `its version ${head.version} is another than the one that is here: it was rolled back or copied`,
      );
    if (this.#pulling !== key.incarnation) this.#pull(key, state);
  }

  /**
   * A head costs a write, so that a flood of them must not: of a stream that is being pulled one a second is taken
   * (its batches move the head too), any other waits for its second. Incarnations are few: each is a row for ever.
   */
  async #takesHead(key: StreamKey): Promise<boolean> {
    const { store, clock } = this.#parts;
    const wait = this.#lastHead + headEvery - clock.monotonic();
    if (wait > 0 && this.#pulling === key.incarnation) return false;
    if (wait > 0) await pause(wait);
    this.#lastHead = clock.monotonic();
    if (this.#pulling === key.incarnation || (await store.streams.stream(key))) return true;
    if ((await store.streams.streams(this.#who.agent.id)).length < mostStreams) return true;
    throw new CallEnd(
      status.RESOURCE_EXHAUSTED,
      `this agent has begun ${mostStreams} streams already; the hub's admin may invite it anew under another key`,
    );
  }

  #pull(key: StreamKey, { cursor }: StreamState): void {
    this.#pulling = key.incarnation;
    this.#allowed = credit;
    this.#call.write({
      pull: {
        stream: streamToWire(key),
        after: cursor.version,
        hash: cursor.hash,
        sections: sectionsUpTo(this.#who.agent.tlp).map(tlpToWire),
        credit,
      },
    });
  }

  /** While one batch is written the next is verified; the store takes them in the order given. */
  async #onBatch(message: Batch__Output): Promise<void> {
    const batch = await this.#open(message);
    const before = this.#settled;
    const applied = this.#parts.store.streams.apply(batch, this.#parts.clock.now());
    this.#settled = Promise.all([applied, before]).then(([outcome]) => this.#settle(batch, outcome));
    this.#settled.catch(this.#parts.failed);
    await before;
  }

  async #settle(batch: OpenedBatch, applied: Applied): Promise<void> {
    const { stream, version } = batch.header;
    switch (applied.outcome) {
      case "applied":
        this.#parts.applied(applied);
        return this.#ack(batch);
      case "repeated":
        return this.#ack(batch);
      case "fork":
        return this.#halt(stream, `two versions ${version} were signed`, batch);
      case "broken-chain":
        return this.#halt(
          stream,
          `version ${version} does not follow the version ${applied.cursor.version} that is here`,
          batch,
        );
      case "gap":
        throw new CallEnd(
          status.FAILED_PRECONDITION,
          `version ${version} came, ${applied.cursor.version + 1} was due: versions are missing between`,
        );
      case "halted":
        return this.#sendHalt(stream, applied.reason);
      case "revoked":
        throw new CallEnd(status.PERMISSION_DENIED, "this agent was revoked; ask the hub's admin");
    }
  }

  async #open(message: Batch__Output): Promise<OpenedBatch> {
    try {
      const batch = await openBatch(batchFromWire(message), this.#who.key);
      this.#ours(batch.header.stream);
      if (batch.sections.every(({ tlp }) => tlp !== "green"))
        throw new Failure("invalid", "the batch has no GREEN section");
      return batch;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new CallEnd(status.INVALID_ARGUMENT, error.message);
    }
  }

  #ack({ header, hash }: OpenedBatch): void {
    this.#allowed++;
    this.#call.write({ ack: { stream: streamToWire(header.stream), version: header.version, hash } });
  }

  /** The agent found the contradiction first. Only what it signed is kept as proof. */
  async #onHalted({ stream, reason, proof }: Halted__Output): Promise<void> {
    const { store, clock, log } = this.#parts;
    const key = this.#ours(streamFromWire(stream));
    const state = await store.streams.stream(key);
    if (!state || state.halted) return;
    const signed = proof.slice(0, 2).filter(({ header, signature }) => verifyHeader(header, signature, this.#who.key));
    const held = await store.streams.held(key, signed[0] ? readHeader(signed[0].header).version : state.cursor.version);
    const said = `the agent says: ${reason.slice(0, 300)}`;
    await store.streams.halt(key, said, [...signed, ...(held ? [held] : [])], clock.now());
    log.error({ agent: this.#who.agent.name, incarnation: key.incarnation, reason: said }, "stream halted");
  }

  async #halt(key: StreamKey, why: string, batch?: OpenedBatch): Promise<void> {
    const { store, clock, log } = this.#parts;
    const reason = `agent ${this.#who.agent.name}: ${why}`;
    const state = await store.streams.stream(key);
    const held = await store.streams.held(key, Math.min(batch?.header.version ?? Infinity, state?.cursor.version ?? 0));
    const proof = [
      ...(held ? [held] : []),
      ...(batch ? [{ header: batch.sealed.header, signature: batch.sealed.signature }] : []),
    ];
    await store.streams.halt(key, reason, proof, clock.now());
    await store.audit({
      at: clock.now(),
      actor: this.#who.agent.id,
      action: "halted",
      subject: key.incarnation,
      detail: reason,
    });
    log.error({ agent: this.#who.agent.name, incarnation: key.incarnation, reason }, "stream halted");
    this.#sendHalt(key, reason, proof);
  }

  #sendHalt(key: StreamKey, reason: string, proof: Proof[] = []): void {
    this.#pulling = undefined;
    this.#call.write({ halt: { stream: streamToWire(key), reason, proof } });
  }
}

/** What the caller is told of whatever ended a session. */
export const endOf = (error: unknown): { code: status; details: string } => {
  if (error instanceof CallEnd) return { code: error.code, details: error.message };
  if (error instanceof Failure && error.code === "invalid")
    return { code: status.INVALID_ARGUMENT, details: error.message };
  return { code: status.UNAVAILABLE, details: `the hub could not go on: ${messageOf(error).slice(0, 200)}` };
};
