import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporary } from "./support/maildir.ts";

const root = join(import.meta.dirname, "..");

function tree(path: string): Map<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((file) => [file.slice(path.length), readFileSync(file, "utf8")]));
}

test("the committed types of the wire are those that proto/ makes today", (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { proto: string } };
  const made = temporary(t);
  const [tool = "", ...args] = scripts.proto.split(" ").map((word) => (word === "shared/wire/gen" ? made : word));
  assert.ok(args.includes(made), "the script names the folder that is checked here");
  const ran = spawnSync(join(root, "node_modules/.bin", tool), args, { cwd: root, encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stderr);
  const [fresh, committed] = [tree(made), tree(join(root, "shared/wire/gen"))];
  assert.deepEqual([...committed.keys()].toSorted(), [...fresh.keys()].toSorted(), "run 'npm run proto'");
  for (const [path, text] of fresh) assert.equal(committed.get(path), text, `${path}: run 'npm run proto'`);
});
