import assert from "node:assert/strict";
import { existsSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sweep, touch } from "../../../agent/maildir/touch.ts";
import { deliver, makeMaildir, temporary } from "../../support/maildir.ts";

const now = Date.parse("2026-01-15T00:00:00Z");
const daysAgo = (days: number): number => now / 1000 - days * 86_400;
const seen = { action: "seen" } as const;
const week = { action: "delete", days: 7 } as const;

test("seen moves a mail to cur/ with S among its flags, and never over another mail", async (t) => {
  const path = makeMaildir(temporary(t));
  deliver(path, "fresh");
  writeFileSync(join(path, "cur", "read:2,FT"), "x");
  writeFileSync(join(path, "new", "twice"), "one");
  writeFileSync(join(path, "cur", "twice:2,S"), "other");
  assert.equal(await touch(join(path, "new", "fresh"), seen, now), "touched");
  assert.equal(await touch(join(path, "cur", "read:2,FT"), seen, now), "touched");
  assert.equal(await touch(join(path, "new", "twice"), seen, now), "kept");
  assert.deepEqual(readdirSync(join(path, "cur")).toSorted(), ["fresh:2,S", "read:2,FST", "twice:2,S"]);
  assert.equal(await touch(join(path, "new", "fresh"), seen, now), "gone");
});

test("delete waits for the age by the base name, else by mtime; a name from the future is no evidence", async (t) => {
  const path = makeMaildir(temporary(t));
  const at = (name: string, mtimeDays: number): string => {
    const file = join(path, "cur", name);
    writeFileSync(file, "x");
    utimesSync(file, daysAgo(mtimeDays), daysAgo(mtimeDays));
    return file;
  };
  assert.equal(await touch(at(`${daysAgo(6)}.young`, 90), week, now), "kept");
  assert.equal(await touch(at(`${daysAgo(7)}.old:2,S`, 0), week, now), "touched");
  assert.equal(await touch(at("unnamed-young", 6), week, now), "kept");
  assert.equal(await touch(at("unnamed-old", 8), week, now), "touched");
  assert.equal(await touch(at(`${daysAgo(-400)}.future`, 8), week, now), "touched");
});

test("leave changes nothing, and a link is never touched", async (t) => {
  const path = makeMaildir(temporary(t));
  deliver(path, "mail");
  symlinkSync(join(path, "new", "mail"), join(path, "new", "100000000.link"));
  assert.equal(await touch(join(path, "new", "mail"), { action: "leave" }, now), "kept");
  assert.equal(await touch(join(path, "new", "100000000.link"), week, now), "refused");
  assert.equal(await touch(join(path, "new", "100000000.link"), seen, now), "refused");
  assert.equal(readdirSync(join(path, "new")).length, 2);
});

test("a sweep touches what was committed before a crash, and only that", async (t) => {
  const path = makeMaildir(temporary(t));
  const folder = { id: path, path, subs: ["new", "cur"] } as const;
  for (let at = 0; at < 1500; at++) deliver(path, `mail${at}`);
  const asked: number[] = [];
  const options = {
    after: seen,
    now: () => now,
    mayTouch: async (_folder: string, names: string[]) => {
      asked.push(names.length);
      return names.map((name) => name !== "mail42");
    },
  };
  assert.equal(await sweep(folder, options), 1499);
  assert.ok(asked.every((count) => count <= 1000));
  assert.deepEqual(readdirSync(join(path, "new")), ["mail42"]);
  assert.equal(await sweep(folder, options), 0);
  assert.equal(await sweep(folder, { ...options, after: { action: "leave" } }), 0);
  assert.equal(await sweep(folder, { ...options, after: week }), 0, "they are young by their mtime");
  assert.ok(existsSync(join(path, "cur", "mail7:2,S")));
});
