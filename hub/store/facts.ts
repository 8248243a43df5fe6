import type { AuditEntry, FactStore } from "./contract.ts";
import type { Connections } from "./engine.ts";
import { nextNumber } from "./stream-row.ts";

/** Small facts of the hub itself, by name. */
export class Facts implements FactStore {
  readonly #at: Connections;

  constructor(connections: Connections) {
    this.#at = connections;
  }

  async get(key: string): Promise<string | undefined> {
    const row = await this.#at.reader.selectFrom("fact").select("value").where("key", "=", key).executeTakeFirst();
    return row?.value;
  }

  async set(key: string, value: string): Promise<void> {
    await this.#at.writer
      .insertInto("fact")
      .values({ key, value })
      .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
      .execute();
  }
}

/** Adds to the audit log; nothing in it is ever changed. */
export async function appendAudit({ writer }: Connections, entry: AuditEntry): Promise<void> {
  const { at, actor, action, subject, detail = null } = entry;
  await writer.transaction().execute(async (transaction) => {
    const number = await nextNumber(transaction, "audit");
    await transaction.insertInto("audit").values({ number, at, actor, action, subject, detail }).execute();
  });
}
