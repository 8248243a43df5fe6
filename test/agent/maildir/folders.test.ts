import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseAfter } from "../../../agent/maildir/after.ts";
import { foldersOf, openMaildir } from "../../../agent/maildir/folders.ts";
import { makeMaildir, temporary } from "../../support/maildir.ts";

const leave = { action: "leave" } as const;
const nobody = 65_534;
const asRoot = process.getuid?.() === 0;

/** Root may do all; so a test of permissions gives the directories away. */
function giveAway(...paths: string[]): void {
  if (asRoot) for (const path of paths) chownSync(path, nobody, nobody);
}

/** What opening says, asked by a user who may not do all. */
function openedBySomeone(maildir: string, after: object): string {
  const module = new URL("../../../agent/maildir/folders.ts", import.meta.url).href;
  const script = `const { openMaildir } = await import(${JSON.stringify(module)});
    await openMaildir(process.argv[1], JSON.parse(process.argv[2])).then(() => console.log("opened"), (error) => console.log(error.code, error.message));`;
  const asked = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", script, maildir, JSON.stringify(after)],
    { encoding: "utf8", ...(asRoot && { uid: nobody, gid: nobody }) },
  );
  return asked.stdout || asked.stderr;
}

const refused = (message: RegExp) => ({ code: "config", message });

test("a maildir that does not exist, is a file or is an empty directory is refused in one line", async (t) => {
  const root = temporary(t);
  writeFileSync(join(root, "file"), "");
  mkdirSync(join(root, "empty"));
  await assert.rejects(
    openMaildir(join(root, "nowhere"), leave),
    refused(/does not exist; make it, or mend --maildir$/),
  );
  await assert.rejects(openMaildir(join(root, "file/under"), leave), refused(/does not exist/));
  await assert.rejects(openMaildir(join(root, "file"), leave), refused(/is a file/));
  await assert.rejects(openMaildir(join(root, "empty"), leave), refused(/neither new\/ nor cur\//));
});

test("the policy decides whether a maildir must be writable", async (t) => {
  const maildir = makeMaildir(temporary(t));
  giveAway(maildir, join(maildir, "new"), join(maildir, "cur"));
  chmodSync(join(maildir, "new"), 0o500);
  const opened = openedBySomeone(maildir, leave);
  // A checkout in a closed directory cannot be read by the other user at all.
  if (asRoot && /EACCES|ERR_MODULE_NOT_FOUND/.test(opened)) return t.skip("the checkout is closed to other users");
  assert.match(opened, /^opened/);
  assert.match(openedBySomeone(maildir, { action: "seen" }), /^config may not change .*use --after leave/);
  chmodSync(join(maildir, "new"), 0o300);
  assert.match(openedBySomeone(maildir, leave), /^config may not read/);
});

test("a subfolder that may not be entered does not hide the others", async (t) => {
  const maildir = makeMaildir(temporary(t));
  const shut = makeMaildir(join(maildir, ".Shut"));
  giveAway(maildir, shut);
  chmodSync(shut, 0o000);
  if (asRoot) process.seteuid?.(nobody);
  const found = await foldersOf({ path: maildir });
  if (asRoot) process.seteuid?.(0);
  chmodSync(shut, 0o700);
  assert.deepEqual(
    found?.folders.map((folder) => folder.id),
    [maildir],
  );
  assert.deepEqual(found?.closed, [shut]);
});

test("seen needs a cur/ to move mails to", async (t) => {
  const root = temporary(t);
  mkdirSync(join(root, "new"));
  await assert.rejects(openMaildir(root, { action: "seen" }), refused(/has no cur\//));
  assert.deepEqual(await openMaildir(`${root}/.`, leave), { path: root });
});

test("a maildir's folders are itself and the Maildir++ subfolders that hold mail, links never", async (t) => {
  const root = temporary(t);
  const path = makeMaildir(join(root, "box"));
  makeMaildir(join(path, ".Junk"));
  mkdirSync(join(path, ".Archive.2026/cur"), { recursive: true });
  mkdirSync(join(path, ".empty"));
  makeMaildir(join(path, "plain"));
  symlinkSync(makeMaildir(join(root, "elsewhere")), join(path, ".Link"));
  const found = await foldersOf({ path });
  assert.deepEqual(found?.closed, []);
  assert.deepEqual(
    found?.folders.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    [
      { id: path, path, subs: ["new", "cur"] },
      { id: join(path, ".Archive.2026"), path: join(path, ".Archive.2026"), subs: ["cur"] },
      { id: join(path, ".Junk"), path: join(path, ".Junk"), subs: ["new", "cur"] },
    ],
  );
  assert.equal(await foldersOf({ path: join(root, "gone") }), undefined);
});

test("--after takes leave, seen and delete with whole days, and nothing else", () => {
  assert.deepEqual(parseAfter("leave"), { action: "leave" });
  assert.deepEqual(parseAfter("seen"), { action: "seen" });
  assert.deepEqual(parseAfter("delete=14"), { action: "delete", days: 14 });
  for (const bad of [
    "delete",
    "delete=",
    "delete=0",
    "delete=-1",
    "delete=1.5",
    "delete=1e3",
    "delete=99999",
    "",
    "Seen",
    "seen ",
  ])
    assert.throws(() => parseAfter(bad), { code: "usage" }, bad);
});
