import type { Selectable } from "kysely";
import type { BearerToken, TokenStore } from "./contract.ts";
import type { Connections } from "./engine.ts";
import type { Database } from "./schema.ts";

/** The bearer tokens of the HTTP API: what was given out, and what was taken back. */
export class Tokens implements TokenStore {
  readonly #at: Connections;

  constructor(connections: Connections) {
    this.#at = connections;
  }

  async create({ id, name, role, createdAt, expiresAt, revokedAt }: BearerToken): Promise<void> {
    await this.#at.writer
      .insertInto("bearer")
      .values({ id, name, role, created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt ?? null })
      .execute();
  }

  async token(id: string): Promise<BearerToken | undefined> {
    const row = await this.#at.reader.selectFrom("bearer").selectAll().where("id", "=", id).executeTakeFirst();
    return row && tokenOf(row);
  }

  async tokens(): Promise<BearerToken[]> {
    const rows = await this.#at.reader.selectFrom("bearer").selectAll().orderBy("created_at").orderBy("id").execute();
    return rows.map(tokenOf);
  }

  /** False where there is none or it was revoked before. */
  async revoke(id: string, now: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#at.writer
      .updateTable("bearer")
      .set({ revoked_at: now })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }
}

const tokenOf = (row: Selectable<Database["bearer"]>): BearerToken => ({
  id: row.id,
  name: row.name,
  role: row.role as BearerToken["role"],
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
});
