import { credentials, Metadata, status, type ChannelCredentials, type ServiceError } from "@grpc/grpc-js";
import { pause, type Clock } from "../../shared/clock.ts";
import { Failure, messageOf } from "../../shared/failure.ts";
import type { Identity } from "../../shared/identity.ts";
import type { Log } from "../../shared/log.ts";
import { makeCallToken } from "../../shared/token.ts";
import { pinnedCredentials } from "../../shared/wire/tls.ts";
import { clientOptions, loadWire, timeKey } from "../../shared/wire/wire.ts";
import type { Health } from "../../shared/wire/gen/tip/v1/Health.ts";
import type { LinkClient } from "../../shared/wire/gen/tip/v1/Link.ts";
import type { JoinedHub } from "./hubs.ts";
import { Session, type AttachCall, type Served } from "./session.ts";

export interface LinkStatus {
  readonly hub: string;
  readonly name: string;
  readonly address: string;
  readonly state: "connecting" | "attached" | "waiting" | "denied" | "closed";
  /** The last version that the hub said is durable there. */
  readonly acknowledged: number;
  readonly since: string;
  /** Why nothing goes to this hub until `ledger restart`. */
  readonly halted?: string;
  readonly lastError?: string;
  readonly notices: readonly string[];
}

const shortest = 250;
const longest = 30_000;
/** A hub's notices are shown in status; of a flood of them the log takes one in this many ms. */
const noticeEvery = 1000;

/**
 * Keeps one hub attached for as long as it lives: dials, holds one Session, and after it ended dials again, with a
 * jittered backoff of at most 30 s. Nothing here remembers versions: a resume is the hub's next Pull.
 */
export class Link {
  readonly #hub: JoinedHub;
  readonly #ledger: Served;
  readonly #identity: Identity;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  /** Made of the certificate that the hub showed under its pinned key, as long as it serves. */
  #credentials: ChannelCredentials | undefined;
  #session: Session | undefined;
  #call: AttachCall | undefined;
  #state: LinkStatus["state"] = "connecting";
  #since: number;
  #acknowledged = 0;
  #lastError: string | undefined;
  #notices: string[] = [];
  #noticedAt = -Infinity;
  /** How far the hub's clock is ahead of ours, ms: a refusal tells, so that a wrong clock mends itself. */
  #skew = 0;

  constructor(hub: JoinedHub, parts: { ledger: Served; identity: Identity; clock: Clock; log: Log }) {
    this.#hub = hub;
    this.#ledger = parts.ledger;
    this.#identity = parts.identity;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#since = parts.clock.now();
    this.#done = this.#run();
  }

  get status(): LinkStatus {
    return {
      hub: this.#hub.id,
      name: this.#hub.name,
      address: this.#hub.address,
      state: this.#state,
      acknowledged: this.#acknowledged,
      since: new Date(this.#since).toISOString(),
      ...this.#haltedNow(),
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
      notices: this.#notices,
    };
  }
  #haltedNow(): { halted?: string } {
    const reason = this.#ledger.haltedFor(this.#hub.id)?.reason;
    return reason === undefined ? {} : { halted: reason };
  }
  headMoved(): void {
    this.#session?.headMoved();
  }
  health(health: Health): void {
    this.#session?.health(health);
  }
  async close(): Promise<void> {
    this.#abort.abort();
    this.#call?.cancel();
    await this.#done;
  }

  #enter(state: LinkStatus["state"]): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#since = this.#clock.now();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    let wait = shortest;
    while (!signal.aborted) {
      const before = this.#acknowledged;
      const error = await this.#attach().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (signal.aborted) break;
      const wasGood = this.#state === "attached" || this.#acknowledged > before;
      if (error === undefined) {
        // Ended in order, as after an hour; a hub that does nothing else must not be dialled without a pause.
        await pause(shortest * (2 + Math.random()), signal);
        wait = shortest;
        continue;
      }
      if (this.#learnTime(error) || wasGood) wait = shortest;
      this.#fail(error);
      await pause(wait * (0.5 + Math.random() / 2), signal);
      wait = Math.min(wait * 2, longest);
    }
    this.#enter("closed");
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error && "details" in error ? String(error.details) : messageOf(error);
    const denied =
      (error instanceof Failure && error.code === "denied") ||
      [status.PERMISSION_DENIED, status.UNAUTHENTICATED].includes((error as ServiceError).code);
    if (reason !== this.#lastError)
      this.#log.warn({ hub: this.#hub.name, address: this.#hub.address, reason }, "not attached");
    this.#lastError = reason;
    this.#enter(denied ? "denied" : "waiting");
  }

  /** True when a refusal told the hub's time and it differs from what was used: the next try is worth it at once. */
  #learnTime(error: unknown): boolean {
    const told =
      error instanceof Error && "metadata" in error ? (error.metadata as Metadata).get(timeKey)[0] : undefined;
    const theirs = Number(told);
    if (told === undefined || !Number.isFinite(theirs)) return false;
    const skew = theirs - this.#clock.now();
    const news = Math.abs(skew - this.#skew) > 5000;
    if (news) this.#skew = Math.abs(skew) > 5000 ? skew : 0;
    return news;
  }

  /** One connection, from dial to end. Resolves when the hub ended it in order, rejects with why it broke. */
  async #attach(): Promise<void> {
    const wire = loadWire();
    this.#credentials ??= await pinnedCredentials(this.#hub.address, this.#hub.pin);
    const client = new wire.Link(this.#hub.address, this.#credentials, clientOptions);
    try {
      await this.#converse(client);
    } catch (error) {
      // The hub may show a new certificate under the same key: the next try looks again.
      this.#credentials = undefined;
      throw error;
    } finally {
      this.#session = undefined;
      this.#call = undefined;
      client.close();
    }
  }

  #converse(client: LinkClient): Promise<void> {
    const token = credentials.createFromMetadataGenerator((_context, done) => void this.#authorize(done));
    return new Promise((resolve, reject) => {
      const call = client.attach({ credentials: token });
      if (this.#abort.signal.aborted) call.cancel();
      this.#call = call;
      const session = new Session(call, {
        ledger: this.#ledger,
        hub: this.#hub,
        log: this.#log,
        events: this.#events(),
      });
      this.#session = session;
      let turn: Promise<void> = Promise.resolve();
      call.on("data", (message) => {
        turn = turn
          .then(() => session.receive(message))
          .catch((error: unknown) => {
            reject(error instanceof Error ? error : new Error(messageOf(error)));
            call.cancel();
          });
      });
      call.on("end", () => {
        call.end();
        resolve();
      });
      call.on("error", reject);
      session.start();
    });
  }

  /** A JWT of its own for each try. */
  async #authorize(done: (error: Error | null, metadata?: Metadata) => void): Promise<void> {
    const { key, id } = this.#identity;
    try {
      const metadata = new Metadata();
      metadata.set(
        "authorization",
        `Bearer ${await makeCallToken(key, id, this.#hub.id, this.#clock.now() + this.#skew)}`,
      );
      done(null, metadata);
    } catch (error) {
      done(error instanceof Error ? error : new Error(messageOf(error)));
    }
  }

  #events() {
    return {
      attached: () => {
        this.#enter("attached");
        this.#lastError = undefined;
        this.#log.info({ hub: this.#hub.name, address: this.#hub.address }, "attached");
      },
      acknowledged: (version: number) => {
        this.#acknowledged = version;
      },
      notice: (code: string, text: string) => {
        const notice = `${code.slice(0, 32)}: ${text.slice(0, 300)}`;
        if (this.#notices.at(-1) === notice) return;
        this.#notices = [...this.#notices.slice(-9), notice];
        const now = this.#clock.monotonic();
        if (now - this.#noticedAt < noticeEvery) return;
        this.#noticedAt = now;
        this.#log.warn({ hub: this.#hub.name, notice }, "the hub gives notice");
      },
    };
  }
}
