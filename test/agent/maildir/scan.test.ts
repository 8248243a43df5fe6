import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Folder, MailEntry, Sub } from "../../../agent/maildir/folders.ts";
import { baseNameOf, deliveredAt, isMailName, seenName } from "../../../agent/maildir/names.ts";
import { scan, type Registered, type ScanOptions } from "../../../agent/maildir/scan.ts";
import { makeMaildir, temporary } from "../../support/maildir.ts";

const folderAt = (path: string): Folder => ({ id: path, path, subs: ["new", "cur"] });
const nothingKnown = { known: async (_folder: string, names: string[]) => names.map(() => undefined) };

async function all(folder: Folder, sub: Sub, options: ScanOptions): Promise<MailEntry[]> {
  const found: MailEntry[] = [];
  for await (const chunk of scan(folder, sub, options)) found.push(...chunk);
  return found;
}

test("dot files, index files of mail servers and directories are no mails; whatever else there is, is", async (t) => {
  const path = makeMaildir(temporary(t));
  const own = ["dovecot-uidlist", "dovecot.index.log", "maildirsize", "courierimapuiddb", ".nfs0001", "subscriptions"];
  for (const name of [...own, "1700000000.M1P2.mx.example", "spam-0001.eml"])
    writeFileSync(join(path, "new", name), "x");
  mkdirSync(join(path, "new", "directory"));
  symlinkSync("/etc/hostname", join(path, "new", "link"));
  assert.equal(spawnSync("mkfifo", [join(path, "new", "fifo")]).status, 0);
  const found = await all(folderAt(path), "new", { registry: nothingKnown });
  assert.deepEqual(found.map((entry) => entry.baseName).toSorted(), [
    "1700000000.M1P2.mx.example",
    "fifo",
    "link",
    "spam-0001.eml",
  ]);
});

test("a mail keeps its base name when it moves and its flags change", async (t) => {
  const path = makeMaildir(temporary(t));
  writeFileSync(join(path, "cur", "1700000000.a.example:2,RS"), "x");
  const [entry] = await all(folderAt(path), "cur", { registry: nothingKnown });
  assert.deepEqual(entry, {
    folder: path,
    baseName: "1700000000.a.example",
    path: join(path, "cur", "1700000000.a.example:2,RS"),
    sub: "cur",
  });
});

test("the registry is asked in chunks, and what it knows is not reported", async (t) => {
  const path = makeMaildir(temporary(t));
  for (let at = 0; at < 25; at++) writeFileSync(join(path, "new", `mail${at}`), "x");
  const asked: number[] = [];
  const registry = {
    known: async (_folder: string, names: string[]) => {
      asked.push(names.length);
      return names.map((name) => name !== "mail7" && name !== "mail23");
    },
  };
  const found = await all(folderAt(path), "new", { registry, chunk: 10 });
  assert.deepEqual(asked, [10, 10, 5]);
  assert.deepEqual(found.map((entry) => entry.baseName).toSorted(), ["mail23", "mail7"]);
});

test("the first scan reports a file that took the name of another, not one that was only compressed or restored", async (t) => {
  const path = makeMaildir(temporary(t));
  const registered = new Map<string, Registered>();
  for (const name of ["same", "compressed", "restored", "another"]) {
    const file = join(path, "cur", name);
    writeFileSync(file, "original");
    const { size, mtimeMs } = statSync(file);
    registered.set(name, { size, mtimeMs });
  }
  const [size, time] = ["other size", new Date("2020-01-01T00:00:00Z")];
  const { mtime } = statSync(join(path, "cur", "compressed"));
  writeFileSync(join(path, "cur", "compressed"), size);
  utimesSync(join(path, "cur", "compressed"), mtime, mtime);
  utimesSync(join(path, "cur", "restored"), time, time);
  writeFileSync(join(path, "cur", "another"), size);
  utimesSync(join(path, "cur", "another"), time, time);
  const registry = { known: async (_folder: string, names: string[]) => names.map((name) => registered.get(name)) };
  const found = await all(folderAt(path), "cur", { registry, compare: true });
  assert.deepEqual(
    found.map((entry) => entry.baseName),
    ["another"],
  );
  assert.deepEqual(await all(folderAt(path), "cur", { registry }), [], "later scans go by name only");
});

test("a name that is no UTF-8 is told of, not guessed at", async (t) => {
  const path = makeMaildir(temporary(t));
  writeFileSync(Buffer.concat([Buffer.from(join(path, "new/")), Buffer.from([0x61, 0xff])]), "x");
  const told: string[] = [];
  const found = await all(folderAt(path), "new", { registry: nothingKnown, onUnnamable: (at) => void told.push(at) });
  assert.deepEqual({ found, told }, { found: [], told: [join(path, "new")] });
});

test("a scan by name of 20,000 mails takes less than a second and asks nothing of the files", async (t) => {
  const path = makeMaildir(temporary(t));
  for (let at = 0; at < 20_000; at++) writeFileSync(join(path, "cur", `${1_700_000_000 + at}.M1P2.mx:2,S`), "");
  const registry = { known: async (_folder: string, names: string[]) => names.map(() => true) };
  const begun = process.cpuUsage();
  assert.deepEqual(await all(folderAt(path), "cur", { registry }), []);
  const { user, system } = process.cpuUsage(begun);
  assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms of CPU`);
});

test("names tell base, flags and time", () => {
  assert.equal(baseNameOf("a:2,S"), "a");
  assert.equal(baseNameOf(":2,S"), ":2,S");
  assert.equal(seenName("a"), "a:2,S");
  assert.equal(seenName("a:"), "a:2,S");
  assert.equal(seenName("a:2,FR"), "a:2,FRS");
  assert.equal(seenName("a:2,RT"), "a:2,RST");
  assert.equal(seenName("a:2,S"), "a:2,S");
  assert.equal(seenName("a:1,x"), undefined);
  assert.equal(deliveredAt("1700000000.M1P2.mx"), 1_700_000_000_000);
  assert.equal(deliveredAt("17.M1"), undefined);
  assert.equal(isMailName("dovecot.index.cache"), false);
  assert.equal(isMailName("1.dovecot"), true);
});
