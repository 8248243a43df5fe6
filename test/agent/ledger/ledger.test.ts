import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { openDatabase } from "../../../agent/ledger/database.ts";
import { batchKey } from "../../../agent/ledger/keys.ts";
import { databasePath, markerPath, type Ledger, type Reading } from "../../../agent/ledger/ledger.ts";
import { openLedger } from "../../../agent/ledger/open.ts";
import { restartLedger } from "../../../agent/ledger/restart.ts";
import { entryOf } from "../../../shared/batch/entry.ts";
import { systemClock } from "../../../shared/clock.ts";
import { loadIdentity } from "../../../shared/identity.ts";
import { sha256 } from "../../../shared/keys.ts";
import { temporary } from "../../support/maildir.ts";

const at = "2026-01-15T12:00:00.000Z";
export function reading(name: string, folder = "/trap"): Reading {
  const id = sha256(Buffer.from(name)).toString("hex");
  const entry = entryOf({ id, receivedAt: at, observedAt: at, size: 1000 });
  return { entry, mail: { folder, baseName: name, size: 1000, mtimeMs: 1, parsed: true } };
}
const open = async (directory: string): Promise<Ledger> =>
  openLedger(directory, await loadIdentity(directory), systemClock);

/** A ledger with a version for each list of names, closed. */
async function filled(t: TestContext, ...versions: string[][]): Promise<string> {
  const directory = temporary(t, "tip-ledger-");
  const ledger = await open(directory);
  for (const names of versions) await ledger.commit(names.map((name) => reading(name)));
  await ledger.close();
  return directory;
}

test("a mail is in exactly one batch, however often and in whatever folder it is read again (L2)", async (t) => {
  const directory = await filled(t, ["a", "b"], ["c"]);
  const ledger = await open(directory);
  t.after(() => ledger.close());
  await ledger.commit([reading("a"), reading("b", "/trap/.Junk"), reading("d"), reading("d", "/trap/.Junk")]);
  assert.equal(ledger.head.version, 3);
  assert.equal((await ledger.read(3)).header.sections[0]?.count, 1);
  const known = await ledger.known("/trap/.Junk", ["b", "d", "e"]);
  assert.deepEqual(
    known.map((record) => record?.version),
    [1, 3, undefined],
  );
  assert.deepEqual((await ledger.verify()).faults, []);
});

test("commits that are asked for at once come out as versions without gap, each following the one before (L1, L3)", async (t) => {
  const directory = await filled(t);
  const ledger = await open(directory);
  t.after(() => ledger.close());
  await Promise.all(Array.from({ length: 20 }, (_, i) => ledger.commit([reading(`m${i}`)])));
  assert.equal(ledger.head.version, 20);
  assert.deepEqual((await ledger.verify()).faults, []);
});

test("the marker names what was committed before the commit resolves (L4, L6)", async (t) => {
  const directory = await filled(t);
  const ledger = await open(directory);
  t.after(() => ledger.close());
  const { version, hash } = await ledger.commit([reading("a")]);
  const marker = JSON.parse(readFileSync(markerPath(directory), "utf8")) as unknown;
  assert.deepEqual(marker, { incarnation: ledger.stream.incarnation, version, hash: hash.toString("hex") });
});

test("a marker that a crash left one behind is brought up", async (t) => {
  const directory = await filled(t, ["a"]);
  const before = readFileSync(markerPath(directory));
  const ledger = await open(directory);
  await ledger.commit([reading("b")]);
  await ledger.close();
  writeFileSync(markerPath(directory), before);
  const again = await open(directory);
  assert.equal(again.head.version, 2);
  await again.close();
  assert.match(readFileSync(markerPath(directory), "utf8"), /"version":2/);
});

const damaged = { code: "damaged" };

test("a database that is behind its marker, emptied, gone, or of another marker is not opened (L6)", async (t) => {
  const directory = await filled(t, ["a"], ["b"]);
  const older = join(temporary(t), "copy");
  cpSync(databasePath(directory), older, { recursive: true });
  const ledger = await open(directory);
  await ledger.commit([reading("c")]);
  await ledger.close();
  rmSync(databasePath(directory), { recursive: true });
  await assert.rejects(open(directory), damaged);
  assert.ok(!existsSync(databasePath(directory)), "what is gone must not be begun anew in silence");
  cpSync(older, databasePath(directory), { recursive: true });
  await assert.rejects(open(directory), /ends at version 2, its marker says 3.*ledger restart/);
  const marker = JSON.parse(readFileSync(markerPath(directory), "utf8")) as object;
  writeFileSync(markerPath(directory), JSON.stringify({ ...marker, version: 2, hash: "00".repeat(32) }));
  await assert.rejects(open(directory), /not the one that its marker names/);
  writeFileSync(markerPath(directory), JSON.stringify({ ...marker, incarnation: "00".repeat(16) }));
  await assert.rejects(open(directory), damaged);
  writeFileSync(markerPath(directory), "{");
  await assert.rejects(open(directory), damaged);
  rmSync(markerPath(directory));
  await assert.rejects(open(directory), /marker is gone/);
});

test("a byte changed in a stored batch is named by verify, and that version is not handed out (L3)", async (t) => {
  const directory = await filled(t, ["a"], ["b"], ["c"]);
  const identity = await loadIdentity(directory);
  const ledger = await open(directory);
  const { incarnation } = ledger.stream;
  await ledger.close();
  const database = await openDatabase(databasePath(directory), false);
  const bytes = await database.get(batchKey(incarnation, 2));
  assert.ok(bytes);
  bytes[bytes.length - 3]! ^= 1;
  await database.write([{ type: "put", key: batchKey(incarnation, 2), value: bytes }], { sync: true });
  await database.close();
  const again = await openLedger(directory, identity, systemClock);
  await assert.rejects(again.read(2), damaged);
  const { faults } = await again.verify();
  assert.ok(
    faults.some((fault) => fault.includes("version 2")),
    faults.join(),
  );
  await again.close();
  const restarted = await restartLedger(directory, identity, systemClock);
  assert.deepEqual([restarted.carried, restarted.lost.map(({ version }) => version), restarted.forgotten], [2, [2], 1]);
  const last = await open(directory);
  assert.deepEqual(
    (await last.known("/trap", ["a", "b", "c"])).map((record) => record?.version),
    [1, undefined, 2],
  );
  assert.deepEqual((await last.verify()).faults, []);
  await last.commit([reading("b")]);
  assert.equal(last.head.version, 3);
  await last.close();
});

test("a restart keeps every observation under its id, in another incarnation, and lifts a halt (L9, L10)", async (t) => {
  const directory = await filled(t, ["a", "b"], ["c"]);
  const ledger = await open(directory);
  const before = ledger.stream.incarnation;
  await ledger.acknowledge("hub", ledger.head);
  await ledger.halt("rolled back", "hub");
  await ledger.close();
  const halted = await open(directory);
  assert.equal(halted.haltedFor("hub")?.reason, "rolled back");
  assert.equal(halted.haltedFor("another hub"), undefined);
  await halted.close();
  await restartLedger(directory, await loadIdentity(directory), systemClock);
  const after = await open(directory);
  t.after(() => after.close());
  assert.notEqual(after.stream.incarnation, before);
  assert.deepEqual(after.halts, []);
  assert.equal(await after.acknowledged("hub"), undefined);
  const { observations, faults } = await after.verify();
  assert.deepEqual([observations, faults], [3, []]);
  await after.commit([reading("a"), reading("d")]);
  assert.equal((await after.read(3)).header.sections[0]?.count, 1);
});

test("files of the database cut or removed: the ledger does not open, or verify says so, never in silence", async (t) => {
  const whole = await filled(t, ...Array.from({ length: 30 }, (_, i) => [`m${i}`, `n${i}`]));
  const files = readdirSync(databasePath(whole)).filter((file) => !/LOCK|LOG/.test(file));
  assert.ok(files.length >= 3);
  for (const file of files)
    for (const how of ["remove", "halve", "empty", "scratch"] as const) {
      const directory = join(temporary(t), "agent");
      cpSync(whole, directory, { recursive: true });
      const path = join(databasePath(directory), file);
      if (how === "remove") rmSync(path);
      else if (how === "scratch") scratch(path);
      else truncateSync(path, how === "empty" ? 0 : Math.floor(readFileSync(path).length / 2));
      assert.ok(await noticed(directory), `${how} ${file} went unnoticed`);
      await restartLedger(directory, await loadIdentity(directory), systemClock);
      const again = await open(directory);
      assert.deepEqual((await again.verify()).faults, [], `after a restart: ${how} ${file}`);
      await again.close();
    }
});

/** Flips bits near the end, where a table keeps its index. */
function scratch(path: string): void {
  const bytes = readFileSync(path);
  for (let i = Math.floor(bytes.length * 0.9); i < bytes.length; i += 7) bytes[i]! ^= 0x55;
  writeFileSync(path, bytes);
}

async function noticed(directory: string): Promise<boolean> {
  let ledger: Ledger;
  try {
    ledger = await open(directory);
  } catch (error) {
    assert.equal((error as { code?: string }).code, "damaged");
    return true;
  }
  const { faults, observations } = await ledger.verify().catch((error: unknown) => {
    assert.equal((error as { code?: string }).code, "damaged");
    return { faults: [String(error)], observations: 0 };
  });
  await ledger.close();
  // Damage that LevelDB mended by itself, with nothing lost, is none.
  return faults.length > 0 || observations === 60;
}

test("a ledger is opened once: a second open, here or in another's name, is refused and harms nothing", async (t) => {
  const directory = await filled(t, ["a"]);
  const ledger = await open(directory);
  await assert.rejects(open(directory), { code: "temporary" });
  await ledger.commit([reading("b")]);
  await ledger.close();
  const again = await open(directory);
  assert.equal(again.head.version, 2);
  await again.close();
});

test("a ledger of another agent is refused", async (t) => {
  const directory = await filled(t, ["a"]);
  rmSync(join(directory, "identity.pem"));
  await assert.rejects(open(directory), /belongs to agent/);
});

test("whatever mails come, come again, move and whatever restarts between: each observation stands in one batch (model)", async (t) => {
  const mail = fc.record({
    name: fc.constantFrom(...Array.from("abcdefghij")),
    folder: fc.constantFrom("/trap", "/trap/.Junk"),
  });
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant("commit" as const), mails: fc.array(mail, { maxLength: 6 }) }),
    },
    { weight: 2, arbitrary: fc.constant({ do: "reopen" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "lose marker's last write" as const }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const directory = temporary(t, "tip-model-");
      let ledger = await open(directory);
      const seen = new Map<string, Set<string>>();
      let versions = 0;
      for (const taken of steps) {
        const before = readFileSync(markerPath(directory));
        if (taken.do === "commit") {
          const fresh = taken.mails.some(({ name }) => !seen.has(name));
          for (const { name, folder } of taken.mails) seen.set(name, (seen.get(name) ?? new Set()).add(folder));
          await ledger.commit(taken.mails.map(({ name, folder }) => reading(name, folder)));
          versions += fresh ? 1 : 0;
          continue;
        }
        await ledger.close();
        if (taken.do === "restart") await restartLedger(directory, await loadIdentity(directory), systemClock);
        if (taken.do === "lose marker's last write") writeFileSync(markerPath(directory), before);
        ledger = await open(directory);
      }
      const { observations, mails, faults } = await ledger.verify();
      assert.deepEqual(faults, []);
      assert.equal(ledger.head.version, versions);
      assert.equal(observations, seen.size);
      assert.equal(
        mails,
        [...seen.values()].reduce((sum, folders) => sum + folders.size, 0),
      );
      await ledger.close();
    }),
    { numRuns: 25 },
  );
});
