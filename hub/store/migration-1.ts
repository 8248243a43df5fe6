import { sql, type Kysely } from "kysely";
import type { Engine } from "./engine.ts";

/**
 * The first schema, in SQL that SQLite and PostgreSQL read alike; only the word for bytes and the clustering differ.
 * Small rows under a random key are clustered on it in SQLite (one tree instead of two); `observation` is not: its rows
 * are large and come in order.
 */
export async function migration1(database: Kysely<unknown>, engine: Engine): Promise<void> {
  const bytes = engine === "sqlite" ? "blob" : "bytea";
  const clustered = engine === "sqlite" ? "without rowid" : "";
  for (const statement of [...identity(bytes), ...ledger(bytes), ...derived(clustered)])
    await sql.raw(statement).execute(database);
}

const identity = (bytes: string): string[] => [
  `create table fact (key text primary key, value text not null)`,
  `create table audit (number bigint primary key, at bigint not null, actor text not null, action text not null,
     subject text not null, detail text)`,
  `create table invite (secret_hash text primary key, name text not null, operator text not null, role text not null,
     created_at bigint not null, expires_at bigint not null, agent text)`,
  `create table agent (id text primary key, name text not null, operator text not null, role text not null,
     public_key ${bytes} not null, tlp text not null, release text not null, joined_at bigint not null,
     revoked_at bigint, last_seen bigint, health text)`,
  `create index agent_name on agent (name)`,
  `create index agent_revoked on agent (id) where revoked_at is not null`,
  `create table jti (agent text not null, jti text not null, expires_at bigint not null, primary key (agent, jti))`,
  `create index jti_expiry on jti (expires_at)`,
  `create table bearer (id text primary key, name text not null, role text not null, created_at bigint not null,
     expires_at bigint not null, revoked_at bigint)`,
];

const ledger = (bytes: string): string[] => [
  `create table author (number bigint primary key, agent text not null unique)`,
  `create table stream (number bigint primary key, author bigint not null references author (number),
     incarnation text not null, version bigint not null, hash text not null, head bigint not null, floor bigint not null,
     opened_at bigint not null, halted_at bigint, halted_reason text,
     observations bigint not null, quarantined bigint not null, unique (author, incarnation))`,
  `create table batch (stream bigint not null references stream (number), version bigint not null, hash text not null,
     header ${bytes} not null, signature ${bytes} not null, received_at bigint not null, primary key (stream, version))`,
  `create table section (stream bigint not null, version bigint not null, tlp text not null, count bigint not null,
     body ${bytes} not null, primary key (stream, version, tlp))`,
  `create table proof (stream bigint not null references stream (number), hash text not null, header ${bytes} not null,
     signature ${bytes} not null, noted_at bigint not null, primary key (stream, hash))`,
  `create table gap (stream bigint not null references stream (number), first bigint not null, last bigint not null,
     reason text not null, noted_at bigint not null, primary key (stream, first))`,
  `create table quarantine (stream bigint not null, version bigint not null, position bigint not null,
     tlp text not null, reason text not null, primary key (stream, version, position))`,
];

const derived = (clustered: string): string[] => [
  `create table observation (stream bigint not null, version bigint not null, position bigint not null,
     author bigint not null, id text not null, observed_at bigint not null, learned_at bigint not null,
     green text not null, amber text, primary key (stream, version, position))`,
  `create unique index observation_id on observation (id, author)`,
  `create index observation_newest on observation (observed_at, stream, version, position)`,
  `create index observation_author on observation (author, observed_at, stream, version, position)`,
  `create table indicator (key text primary key, kind text not null, value text not null, first_seen bigint not null,
     last_seen bigint not null, count bigint not null) ${clustered}`,
  `create index indicator_recent on indicator (kind, last_seen, key)`,
  // Most indicators are seen once; leaving them out of this index is what makes intake affordable.
  `create index indicator_often on indicator (kind, count, last_seen, key) where count > 1`,
  `create table sighting (indicator text not null, stream bigint not null, section text not null, day bigint not null,
     count bigint not null, first_seen bigint not null, last_seen bigint not null, upto bigint not null,
     newest text not null, primary key (indicator, stream, section, day)) ${clustered}`,
  `create table trend (kind text not null, hour bigint not null, stream bigint not null, count bigint not null,
     primary key (kind, hour, stream)) ${clustered}`,
];
