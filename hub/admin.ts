import { randomBytes, randomUUID } from "node:crypto";
import { isIP } from "node:net";
import Table from "cli-table3";
import { systemClock } from "../shared/clock.ts";
import { Failure } from "../shared/failure.ts";
import { openDataDirectory } from "../shared/files.ts";
import { sha256 } from "../shared/keys.ts";
import { printable } from "../shared/log.ts";
import { makeBearerToken, writeJoinToken } from "../shared/token.ts";
import { splitAddress } from "../shared/wire/tls.ts";
import type { HubConfig } from "./config.ts";
import { loadHubKeys } from "./keys.ts";
import { publicAddressFact } from "./serve.ts";
import type { Agent, BearerToken, Role, Store, StreamState } from "./store/contract.ts";
import { openStore } from "./store/store.ts";

/** The commands that a hub's admin runs beside a running `serve`, or on a stopped one. */

const day = 86_400_000;
const inviteLife = day;

async function withStore<T>(config: HubConfig, work: (store: Store) => Promise<T>): Promise<T> {
  await openDataDirectory(config.data, "hub", false);
  const store = await openStore({ directory: config.data, mode: "cli" });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** A label: short, on one line, not to be taken for a flag or an id. */
function checkName(name: string, what: string): string {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._@ -]{0,62}$/u.test(name))
    throw new Failure(
      "usage",
      `'${printable(name)}' cannot be ${what}: begin with a letter or digit, then letters, digits, space . _ @ -, 63 at most`,
    );
  return name;
}

export interface Invited {
  readonly token: string;
  readonly address: string;
  readonly expiresAt: string;
  /** Set when agents elsewhere cannot use it. */
  readonly warning?: string;
}

/** A join token for one agent, 24 h to live. */
export function invite(config: HubConfig, name: string, role: Role): Promise<Invited> {
  checkName(name, "an agent's name");
  return withStore(config, async (store) => {
    const keys = await loadHubKeys(config.data, systemClock.now(), false);
    const address = config.public ?? (await store.facts.get(publicAddressFact));
    if (address === undefined)
      throw new Failure(
        "config",
        `the hub in ${config.data} has never listened; start it once by 'tip-hub serve', or name its address by --public HOST:PORT`,
      );
    const namesakes = (await store.roster.agents()).filter((agent) => agent.name === name);
    const warnings = [
      reachWarning(address),
      namesakes.length > 0 ? `an agent named ${name} has joined already; logs and lists will name both so` : undefined,
    ].filter((warning) => warning !== undefined);
    const warning = warnings.length > 0 ? warnings.join("; ") : undefined;
    const secret = randomBytes(32);
    const createdAt = systemClock.now();
    const expiresAt = createdAt + inviteLife;
    const secretHash = sha256(secret).toString("hex");
    const own = checkName(config.operator ?? name, "an operator");
    await store.roster.invite({ secretHash, name, operator: own, role, createdAt, expiresAt });
    await store.audit({
      at: createdAt,
      actor: "cli",
      action: "invited",
      subject: name,
      detail: `${role}, operator ${own}`,
    });
    const token = writeJoinToken({
      address,
      pin: keys.pin,
      hub: keys.identity.id,
      secret: secret.toString("base64url"),
      expires: Math.floor(expiresAt / 1000),
    });
    return { token, address, expiresAt: new Date(expiresAt).toISOString(), ...(warning !== undefined && { warning }) };
  });
}

/** Loopback serves this machine alone; a wildcard is no address to dial. */
function reachWarning(address: string): string | undefined {
  const { host } = splitAddress(address);
  if (host === "0.0.0.0" || host === "::")
    throw new Failure(
      "config",
      `agents cannot dial ${address}; name the address under which they reach the hub: --public HOST:PORT here or at 'tip-hub serve'`,
    );
  const loopback = host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
  return loopback
    ? `the token names ${address}, which only this machine reaches; for agents elsewhere give --public HOST:PORT here or at 'tip-hub serve'`
    : undefined;
}

export interface Rostered {
  readonly agent: Agent;
  readonly streams: readonly StreamState[];
  readonly observations: number;
}

export const listAgents = (config: HubConfig): Promise<Rostered[]> =>
  withStore(config, async (store) => {
    const [agents, streams, counts] = await Promise.all([
      store.roster.agents(),
      store.streams.streams(),
      store.observations.counts(),
    ]);
    return agents.map((agent) => ({
      agent,
      streams: streams.filter((stream) => stream.agent === agent.id),
      observations: counts.get(agent.id) ?? 0,
    }));
  });

/** The roster as JSON: what /api/v1/agents tells. */
export const rosterJson = (rows: readonly Rostered[]): unknown =>
  rows.map(({ agent, streams, observations }) => ({
    id: agent.id,
    name: agent.name,
    operator: agent.operator,
    role: agent.role,
    tlp: agent.tlp,
    release: agent.release,
    joinedAt: isoOf(agent.joinedAt),
    revokedAt: isoOf(agent.revokedAt),
    lastSeen: isoOf(agent.lastSeen),
    observations,
    streams: streams.map(({ incarnation, cursor, head, floor, halted }) => ({
      incarnation,
      version: cursor.version,
      head,
      lag: Math.max(0, head - cursor.version),
      floor,
      ...(halted && { halted: { at: isoOf(halted.at), reason: halted.reason } }),
    })),
  }));

const isoOf = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

export function rosterTable(rows: readonly Rostered[]): string {
  if (rows.length === 0) return "No agent has joined yet. 'tip-hub invite NAME' makes a join token for one.";
  const table = new Table({
    head: ["agent", "operator", "role", "state", "version", "lag", "observations", "last seen", "id"],
    style: { head: [], border: [] },
  });
  for (const { agent, streams, observations } of rows) {
    const newest = streams.toSorted((a, b) => b.openedAt - a.openedAt)[0];
    const state =
      agent.revokedAt !== undefined ? "revoked" : newest?.halted ? `halted: ${newest.halted.reason}` : "joined";
    table.push(
      [
        agent.name,
        agent.operator,
        agent.role,
        state,
        String(newest?.cursor.version ?? 0),
        String(newest ? Math.max(0, newest.head - newest.cursor.version) : 0),
        String(observations),
        isoOf(agent.lastSeen) ?? "never",
        `${agent.id.slice(0, 12)}…`,
      ].map(printable),
    );
  }
  return table.toString();
}

/** Revokes an agent by name or id (a prefix of twelve or more serves); its open streams end in ≤ 5 s. */
export const revoke = (config: HubConfig, given: string): Promise<Agent> =>
  withStore(config, async (store) => {
    const now = systemClock.now();
    const byPrefix = /^[0-9a-f]{12,63}$/.test(given)
      ? (await store.roster.agents()).filter(({ id }) => id.startsWith(given))
      : [];
    const outcome = await store.roster.revoke(byPrefix.length === 1 && byPrefix[0] ? byPrefix[0].id : given, now);
    if (outcome === undefined)
      throw new Failure(
        "missing",
        `no agent is named '${printable(given)}' or has that id; 'tip-hub agents' lists them`,
      );
    if ("ambiguous" in outcome)
      throw new Failure(
        "usage",
        `${outcome.ambiguous.length} agents are named '${printable(given)}'; name one by id: ${outcome.ambiguous.map(({ id }) => id).join(", ")}`,
      );
    await store.audit({ at: now, actor: "cli", action: "revoked", subject: outcome.revoked.id });
    return outcome.revoked;
  });

export function createToken(config: HubConfig, name: string, role: BearerToken["role"], days: number) {
  checkName(name, "a token's name");
  return withStore(config, async (store) => {
    const { identity } = await loadHubKeys(config.data, systemClock.now(), false);
    const createdAt = systemClock.now();
    const token: BearerToken = { id: randomUUID(), name, role, createdAt, expiresAt: createdAt + days * day };
    await store.tokens.create(token);
    await store.audit({
      at: createdAt,
      actor: "cli",
      action: "token-created",
      subject: token.id,
      detail: `${name}, ${role}`,
    });
    const jwt = await makeBearerToken(identity.key, identity.id, { ...token, issuedAt: createdAt });
    return { token: jwt, id: token.id, name, role, expiresAt: isoOf(token.expiresAt) };
  });
}

export const listTokens = (config: HubConfig): Promise<BearerToken[]> =>
  withStore(config, (store) => store.tokens.tokens());

export const tokenJson = (tokens: readonly BearerToken[]): unknown =>
  tokens.map(({ createdAt, expiresAt, revokedAt, ...rest }) => ({
    ...rest,
    createdAt: isoOf(createdAt),
    expiresAt: isoOf(expiresAt),
    revokedAt: isoOf(revokedAt),
  }));

export function tokenTable(tokens: readonly BearerToken[]): string {
  if (tokens.length === 0) return "No token was made yet. 'tip-hub token create NAME' makes one.";
  const table = new Table({ head: ["name", "role", "expires", "state", "id"], style: { head: [], border: [] } });
  for (const { name, role, expiresAt, revokedAt, id } of tokens) {
    const state = revokedAt !== undefined ? "revoked" : expiresAt < systemClock.now() ? "expired" : "valid";
    table.push([printable(name), role, isoOf(expiresAt) ?? "", state, id]);
  }
  return table.toString();
}

export const revokeToken = (config: HubConfig, id: string): Promise<void> =>
  withStore(config, async (store) => {
    const now = systemClock.now();
    if (!(await store.tokens.revoke(id, now)))
      throw new Failure("missing", `no token has the id '${printable(id)}'; 'tip-hub token list' lists them`);
    await store.audit({ at: now, actor: "cli", action: "token-revoked", subject: id });
  });
