import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { makeMaildir, temporary } from "../../support/maildir.ts";

const finder = new URL("../../../agent/maildir/finder.ts", import.meta.url).href;
const log = new URL("../../../shared/log.ts", import.meta.url).href;
const support = new URL("../../support/maildir.ts", import.meta.url).href;

/** A finder over all paths; each gets a mail once the first scans are done, and says so when all are found. */
const script = `
const { MailFinder } = await import("${finder}");
const { createLog } = await import("${log}");
const { deliver } = await import("${support}");
const paths = process.argv.slice(1);
const end = new AbortController();
const known = new Set();
paths.forEach((path) => deliver(path, "first"));
const onMails = async (mails) => {
  mails.forEach((mail) => known.add(mail.folder + "/" + mail.baseName));
  if (known.size === paths.length) paths.forEach((path) => deliver(path, "second"));
  if (known.size === 2 * paths.length) { console.log("all found"); end.abort(); }
};
const registry = { known: async (folder, names) => names.map((name) => known.has(folder + "/" + name)) };
await new MailFinder(paths.map((path) => ({ path })), { registry, onMails, log: createLog("test", "warn") }, { pollMs: 200, pauseMs: 20 }).run(end.signal);
`;

test("when the kernel gives no more watches the finder says so once and polls", (t) => {
  const root = temporary(t);
  const paths = ["a", "b", "c"].map((name) => makeMaildir(join(root, name)));
  // A user namespace has limits of its own.
  const starve = 'echo 3 > /proc/sys/user/max_inotify_watches || exit 99; exec "$@"';
  const node = [process.execPath, "--import", "tsx", "--input-type=module", "--eval", script, ...paths];
  const ran = spawnSync("unshare", ["-Ur", "sh", "-c", starve, "sh", ...node], { encoding: "utf8", timeout: 30_000 });
  if (ran.error || ran.status === 99 || /unshare/.test(ran.stderr)) return t.skip("no user namespaces here");
  assert.equal(ran.stdout, "all found\n", ran.stderr);
  const lines = ran.stderr.trim().split("\n");
  assert.equal(lines.length, 1, ran.stderr);
  assert.match(ran.stderr, /the kernel gives no more file watches; maildirs are polled/);
});
