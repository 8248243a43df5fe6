/**
 * The tables, as Kysely sees them. Numbers are given by the hub (max + 1 within the transaction), times are
 * milliseconds since 1970 UTC, ids are hex, `header`, `signature`, `body` and `public_key` are bytes.
 */
export interface Database {
  schema_version: { version: number };
  fact: { key: string; value: string };
  audit: { number: number; at: number; actor: string; action: string; subject: string; detail: string | null };

  invite: {
    secret_hash: string;
    name: string;
    operator: string;
    role: string;
    created_at: number;
    expires_at: number;
    /** The agent that used it. */
    agent: string | null;
  };
  agent: {
    id: string;
    name: string;
    operator: string;
    role: string;
    public_key: Uint8Array;
    tlp: string;
    release: string;
    joined_at: number;
    revoked_at: number | null;
    last_seen: number | null;
    /** JSON. */
    health: string | null;
  };
  jti: { agent: string; jti: string; expires_at: number };
  bearer: {
    id: string;
    name: string;
    role: string;
    created_at: number;
    expires_at: number;
    revoked_at: number | null;
  };

  /** A short number for whoever signs batches, known to the roster or behind a partner. */
  author: { number: number; agent: string };
  stream: {
    number: number;
    author: number;
    incarnation: string;
    /** The cursor: version and header hash (hex). */
    version: number;
    hash: string;
    head: number;
    floor: number;
    opened_at: number;
    halted_at: number | null;
    halted_reason: string | null;
    /** Held of this stream. */
    observations: number;
    quarantined: number;
  };
  batch: {
    stream: number;
    version: number;
    hash: string;
    header: Uint8Array;
    signature: Uint8Array;
    received_at: number;
  };
  section: { stream: number; version: number; tlp: string; count: number; body: Uint8Array };
  proof: { stream: number; hash: string; header: Uint8Array; signature: Uint8Array; noted_at: number };
  gap: { stream: number; first: number; last: number; reason: string; noted_at: number };
  quarantine: { stream: number; version: number; position: number; tlp: string; reason: string };

  observation: {
    stream: number;
    version: number;
    position: number;
    author: number;
    id: string;
    observed_at: number;
    learned_at: number;
    /** JSON of the GREEN part. */
    green: string;
    /** JSON of the AMBER part; null until it comes. */
    amber: string | null;
  };
  indicator: {
    key: string;
    kind: string;
    value: string;
    first_seen: number;
    last_seen: number;
    count: number;
  };
  sighting: {
    indicator: string;
    stream: number;
    section: string;
    /** Days since 1970. */
    day: number;
    count: number;
    first_seen: number;
    last_seen: number;
    /** The newest version counted here: an upsert acts only where it is lower than its own. */
    upto: number;
    /** Up to 20 places (place.ts), newest version first. */
    newest: string;
  };
  /** `hour` is hours since 1970; `kind` is an indicator's, or "observation". */
  trend: { kind: string; hour: number; stream: number; count: number };
}

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
