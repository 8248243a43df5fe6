import { sql, type Kysely } from "kysely";
import { Failure } from "../../shared/failure.ts";
import type { Engine } from "./engine.ts";
import { migration1 } from "./migration-1.ts";
import type { Database } from "./schema.ts";

/** In order; number n stands at n - 1. What was released is never changed, only followed. */
const migrations: readonly ((database: Kysely<unknown>, engine: Engine) => Promise<void>)[] = [migration1];

export const newestSchema = migrations.length;

/** Brings the schema up to this release, one transaction a migration, so that a crash leaves a whole one. */
export async function migrate(database: Kysely<Database>, engine: Engine, place: string): Promise<void> {
  await sql`create table if not exists schema_version (version bigint not null)`.execute(database);
  const held = await schemaOf(database);
  refuseNewer(held, place);
  for (let version = held + 1; version <= newestSchema; version++)
    await database.transaction().execute(async (transaction) => {
      await migrations[version - 1]!(transaction as unknown as Kysely<unknown>, engine);
      await transaction.deleteFrom("schema_version").execute();
      await transaction.insertInto("schema_version").values({ version }).execute();
    });
}

/** For who must not migrate: throws Failure `config` unless the schema is this release's. */
export async function requireSchema(database: Kysely<Database>, place: string): Promise<void> {
  const tables = await database.introspection.getTables();
  const held = tables.some(({ name }) => name === "schema_version") ? await schemaOf(database) : 0;
  refuseNewer(held, place);
  if (held < newestSchema)
    throw new Failure(
      "config",
      `${place} has schema ${held} and this release needs ${newestSchema}; start tip-hub serve of this release once with that --data: it migrates`,
    );
}

async function schemaOf(database: Kysely<Database>): Promise<number> {
  const row = await database.selectFrom("schema_version").select("version").executeTakeFirst();
  return row?.version ?? 0;
}

function refuseNewer(held: number, place: string): void {
  if (held <= newestSchema) return;
  throw new Failure(
    "config",
    `${place} has schema ${held}, made by a newer release; this one knows up to ${newestSchema}: upgrade tip-hub, or put back a backup from before`,
  );
}
