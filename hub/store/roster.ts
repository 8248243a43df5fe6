import type { Selectable, Transaction } from "kysely";
import { Failure } from "../../shared/failure.ts";
import type { Tlp } from "../../shared/observation.ts";
import type { Agent, AgentHealth, Enrolment, Invite, Role, RosterStore } from "./contract.ts";
import type { Connections } from "./engine.ts";
import type { Database } from "./schema.ts";

type EnrolRequest = Parameters<RosterStore["enrol"]>[0];

/** Who was invited, who joined, who was revoked, and which one-time words were spent. */
export class Roster implements RosterStore {
  readonly #at: Connections;

  constructor(connections: Connections) {
    this.#at = connections;
  }

  async invite(invite: Invite): Promise<void> {
    const { secretHash, name, operator, role, createdAt, expiresAt } = invite;
    await this.#at.writer
      .insertInto("invite")
      .values({
        secret_hash: secretHash,
        name,
        operator,
        role,
        created_at: createdAt,
        expires_at: expiresAt,
        agent: null,
      })
      .execute();
  }

  async invited(secretHash: string): Promise<boolean> {
    const found = this.#at.reader.selectFrom("invite").select("name").where("secret_hash", "=", secretHash);
    return (await found.executeTakeFirst()) !== undefined;
  }

  /** Throws Failure `denied` for a key that was revoked: it does not come back by another invitation. */
  enrol(request: EnrolRequest, now: number): Promise<Enrolment> {
    return this.#at.writer.transaction().execute(async (transaction) => {
      const invite = await transaction
        .selectFrom("invite")
        .selectAll()
        .where("secret_hash", "=", request.secretHash)
        .executeTakeFirst();
      if (!invite) return { outcome: "unknown" };
      const held = await findAgent(transaction, request.id);
      if (held?.revokedAt !== undefined)
        throw new Failure(
          "denied",
          "this agent was revoked here, and its key does not come back; with the hub's admin's consent join from a new data directory (--data), which makes a new key",
        );
      if (invite.agent !== null)
        return held && invite.agent === request.id
          ? { outcome: "repeated", agent: held }
          : { outcome: "used-by-another" };
      if (invite.expires_at <= now) return { outcome: "expired" };
      return { outcome: "enrolled", agent: await join(transaction, invite, request, now) };
    });
  }

  async agent(id: string): Promise<Agent | undefined> {
    return findAgent(this.#at.reader, id);
  }

  async agents(): Promise<Agent[]> {
    const rows = await this.#at.reader.selectFrom("agent").selectAll().orderBy("name").orderBy("id").execute();
    return rows.map(agentOf);
  }

  revoke(idOrName: string, now: number): Promise<{ revoked: Agent } | { ambiguous: Agent[] } | undefined> {
    return this.#at.writer.transaction().execute(async (transaction) => {
      const rows = await transaction
        .selectFrom("agent")
        .selectAll()
        .where((eb) => eb.or([eb("id", "=", idOrName), eb("name", "=", idOrName)]))
        .orderBy("joined_at")
        .execute();
      const named = rows.map(agentOf);
      const standing = named.filter(({ revokedAt }) => revokedAt === undefined);
      const candidates = standing.length > 0 ? standing : named.slice(-1);
      const chosen = named.find(({ id }) => id === idOrName) ?? candidates[0];
      if (!chosen) return undefined;
      if (chosen.id !== idOrName && candidates.length > 1) return { ambiguous: candidates };
      if (chosen.revokedAt !== undefined) return { revoked: chosen };
      await transaction.updateTable("agent").set({ revoked_at: now }).where("id", "=", chosen.id).execute();
      return { revoked: { ...chosen, revokedAt: now } };
    });
  }

  async revoked(): Promise<Set<string>> {
    const rows = await this.#at.reader.selectFrom("agent").select("id").where("revoked_at", "is not", null).execute();
    return new Set(rows.map(({ id }) => id));
  }

  async seen(id: string, at: number, health?: AgentHealth): Promise<void> {
    const known = health && { health: JSON.stringify({ ...health, lastError: health.lastError.slice(0, 500) }) };
    await this.#at.writer
      .updateTable("agent")
      .set({ last_seen: at, ...known })
      .where("id", "=", id)
      .execute();
  }

  spend(agent: string, jti: string, expiresAt: number, now: number): Promise<boolean> {
    return this.#at.writer.transaction().execute(async (transaction) => {
      await transaction.deleteFrom("jti").where("expires_at", "<", now).execute();
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto("jti")
        .values({ agent, jti, expires_at: expiresAt })
        .onConflict((conflict) => conflict.columns(["agent", "jti"]).doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    });
  }
}

/** Puts the key in the roster under the invitation's name. A key that is there already joins anew, and keeps its past. */
async function join(
  transaction: Transaction<Database>,
  { secret_hash, name, operator, role }: Selectable<Database["invite"]>,
  { id, publicKey, release, tlp }: EnrolRequest,
  now: number,
): Promise<Agent> {
  const told = { name, operator, role, release, tlp };
  await transaction
    .insertInto("agent")
    .values({ ...told, id, public_key: publicKey, joined_at: now, revoked_at: null, last_seen: null, health: null })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(told))
    .execute();
  await transaction.updateTable("invite").set({ agent: id }).where("secret_hash", "=", secret_hash).execute();
  const joined = await findAgent(transaction, id);
  if (!joined) throw new Error("an agent that was just written is not there");
  return joined;
}

async function findAgent(database: Connections["reader"], id: string): Promise<Agent | undefined> {
  const row = await database.selectFrom("agent").selectAll().where("id", "=", id).executeTakeFirst();
  return row && agentOf(row);
}

const agentOf = (row: Selectable<Database["agent"]>): Agent => ({
  id: row.id,
  name: row.name,
  operator: row.operator,
  role: row.role as Role,
  publicKey: Buffer.from(row.public_key),
  tlp: row.tlp as Tlp,
  release: row.release,
  joinedAt: row.joined_at,
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
  ...(row.last_seen !== null && { lastSeen: row.last_seen }),
  ...(row.health !== null && { health: JSON.parse(row.health) as AgentHealth }),
});
