import type { OpenedBatch, Position, StreamKey } from "../../shared/batch/batch.ts";
import type { Observation, Tlp } from "../../shared/observation.ts";

/**
 * What the hub's rooms may ask of the store, whatever engine is behind it. Reads go to a connection of their own and
 * get copies; a write takes ≤ 100 ms and is one transaction. Times are milliseconds since 1970, UTC. Ids are hex.
 */
export interface Store {
  readonly roster: RosterStore;
  readonly streams: StreamStore;
  readonly tokens: TokenStore;
  readonly observations: ObservationReader;
  readonly indicators: IndicatorReader;
  /** Small facts of the hub itself (its public address, …). */
  readonly facts: FactStore;
  audit(entry: AuditEntry): Promise<void>;
  close(): Promise<void>;
}

export interface AuditEntry {
  readonly at: number;
  /** Agent id, token id, or "cli". */
  readonly actor: string;
  /** enrolled, invite-replayed, revoked, halted, … */
  readonly action: string;
  readonly subject: string;
  readonly detail?: string;
}

export interface FactStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
}

export type Role = "agent" | "partner";

export interface Invite {
  /** SHA-256 of the join token's secret, hex. */
  readonly secretHash: string;
  readonly name: string;
  readonly operator: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly operator: string;
  readonly role: Role;
  /** Raw Ed25519 public key. */
  readonly publicKey: Buffer;
  /** The highest section that the agent gives this hub. */
  readonly tlp: Tlp;
  readonly release: string;
  readonly joinedAt: number;
  readonly revokedAt?: number;
  readonly lastSeen?: number;
  readonly health?: AgentHealth;
}
export interface AgentHealth {
  readonly backlog: number;
  readonly observations: number;
  readonly defects: number;
  readonly refused: number;
  readonly redactions: number;
  readonly freeBytes: number;
  readonly lastError: string;
}

export type Enrolment =
  | { readonly outcome: "enrolled" | "repeated"; readonly agent: Agent }
  | { readonly outcome: "unknown" | "expired" | "used-by-another" };

export interface RosterStore {
  invite(invite: Invite): Promise<void>;
  /** Whether there is an invite with this secret, used or not: a read, so that whoever guesses costs no write. */
  invited(secretHash: string): Promise<boolean>;
  /** One transaction: the same secret with the same key repeats its answer; with another key it is refused. */
  enrol(
    request: { secretHash: string; id: string; publicKey: Buffer; release: string; tlp: Tlp },
    now: number,
  ): Promise<Enrolment>;
  agent(id: string): Promise<Agent | undefined>;
  agents(): Promise<Agent[]>;
  /** Revokes by id or by name; undefined where there is none, the agents found where a name is not unique. */
  revoke(idOrName: string, now: number): Promise<{ revoked: Agent } | { ambiguous: Agent[] } | undefined>;
  /** Ids of revoked agents: asked every second or two by the session that holds open streams. */
  revoked(): Promise<Set<string>>;
  seen(id: string, at: number, health?: AgentHealth): Promise<void>;
  /** True once for an (agent, jti); remembered until `expiresAt` (ms). */
  spend(agent: string, jti: string, expiresAt: number, now: number): Promise<boolean>;
}

export interface StreamState {
  readonly agent: string;
  readonly incarnation: string;
  readonly cursor: Position;
  /** What the agent last said of its head and floor. */
  readonly head: number;
  readonly floor: number;
  readonly openedAt: number;
  readonly halted?: { readonly at: number; readonly reason: string };
}

export type Applied =
  | { readonly outcome: "applied"; readonly fresh: number; readonly known: number; readonly quarantined: number }
  /** The cursor is there already, with this hash: nothing to do. */
  | { readonly outcome: "repeated" }
  /** It does not follow the cursor. */
  | { readonly outcome: "gap" | "broken-chain" | "fork"; readonly cursor: Position }
  | { readonly outcome: "halted"; readonly reason: string }
  | { readonly outcome: "revoked" };

export interface StreamStore {
  stream(key: StreamKey): Promise<StreamState | undefined>;
  streams(agent?: string): Promise<StreamState[]>;
  /** Notes the agent's head; makes the stream's row when it is new. */
  head(key: StreamKey, head: number, floor: number, now: number): Promise<StreamState>;
  /**
   * L5: the batch, what is derived from it, and the cursor, in one transaction, as a compare-and-set on
   * (version, header hash); the roster row is checked in it. Observations known by id are not counted again.
   */
  apply(batch: OpenedBatch, now: number): Promise<Applied>;
  /** Header and signature of a version that the hub holds. */
  held(key: StreamKey, version: number): Promise<{ header: Buffer; signature: Buffer } | undefined>;
  /** L9: stops the stream and keeps the proof. */
  halt(key: StreamKey, reason: string, proof: { header: Buffer; signature: Buffer }[], now: number): Promise<void>;
  /** Notes versions first … last as not to be had, and moves the cursor to (last, hash): `hash` is of header `last`. */
  gap(key: StreamKey, first: number, last: number, hash: Buffer, reason: string, now: number): Promise<void>;
}

export interface BearerToken {
  readonly id: string;
  readonly name: string;
  readonly role: "analyst" | "admin";
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt?: number;
}
export interface TokenStore {
  create(token: BearerToken): Promise<void>;
  token(id: string): Promise<BearerToken | undefined>;
  tokens(): Promise<BearerToken[]>;
  revoke(id: string, now: number): Promise<boolean>;
}

/** An observation as the hub holds it; AMBER fields are there when the AMBER section came. */
export type HeldObservation = Observation & { readonly agent: string; readonly learnedAt: string };

export interface Page<T> {
  readonly items: T[];
  /** Opaque; absent on the last page. */
  readonly next?: string;
}

export interface ObservationReader {
  /** Newest first, by observedAt. `since` ≤ observedAt < `until`. */
  list(query: {
    agent?: string;
    since?: number;
    until?: number;
    limit: number;
    cursor?: string;
  }): Promise<Page<HeldObservation>>;
  get(id: string): Promise<HeldObservation | undefined>;
  /** How many each agent gave. */
  counts(): Promise<Map<string, number>>;
  /** Observations (kind "observation") or sightings of a kind of indicator, by observedAt, a bucket a row. */
  trend(query: { kind: string; bucket: "hour" | "day"; since: number }): Promise<{ at: number; count: number }[]>;
}

/** Kinds of indicator that a section yields. */
export const indicatorKinds = ["ip", "domain", "host", "url", "email", "attachment", "campaign"] as const;
export type IndicatorKind = (typeof indicatorKinds)[number];

export interface Indicator {
  readonly kind: IndicatorKind;
  readonly value: string;
  /** By observedAt. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Observations in which it was seen. */
  readonly count: number;
}
export interface IndicatorDetail extends Indicator {
  readonly agents: {
    readonly agent: string;
    readonly count: number;
    readonly firstSeen: number;
    readonly lastSeen: number;
  }[];
  /** Sightings a day, oldest first. */
  readonly days: { readonly day: string; readonly count: number }[];
  /** The newest observations in which it stands, at most 20. */
  readonly observations: HeldObservation[];
}
export interface IndicatorReader {
  list(query: {
    kind?: IndicatorKind;
    since?: number;
    order: "count" | "lastSeen";
    limit: number;
    cursor?: string;
  }): Promise<Page<Indicator>>;
  get(kind: IndicatorKind, value: string): Promise<IndicatorDetail | undefined>;
}
