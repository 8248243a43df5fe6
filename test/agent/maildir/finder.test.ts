import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdirSync, renameSync, rmSync, unlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { MailFinder, type FinderOptions } from "../../../agent/maildir/finder.ts";
import type { MailEntry } from "../../../agent/maildir/folders.ts";
import { createLog } from "../../../shared/log.ts";
import { deliver, makeMaildir, takeUp, temporary } from "../../support/maildir.ts";

/** A finder at work, with a registry that takes in what it is given, and waits for what is expected. */
class Trap {
  readonly registered = new Set<string>();
  readonly reports = new Map<string, number>();
  readonly finder: MailFinder;
  asked = 0;
  onMails: (mails: MailEntry[]) => Promise<void>;
  readonly #events = new EventEmitter();
  readonly #end = new AbortController();
  readonly #ran: Promise<void>;

  constructor(t: Pick<TestContext, "after">, paths: string[], options: FinderOptions = {}) {
    this.onMails = async (mails) => this.register(mails);
    this.finder = new MailFinder(
      paths.map((path) => ({ path })),
      {
        log: createLog("test", "silent"),
        registry: {
          known: async (folder, names) => {
            this.asked += names.length;
            return names.map((name) => this.registered.has(`${folder}/${name}`));
          },
        },
        onMails: async (mails) => {
          for (const { folder, baseName } of mails) {
            const key = `${folder}/${baseName}`;
            this.reports.set(key, (this.reports.get(key) ?? 0) + 1);
          }
          await this.onMails(mails);
          this.#events.emit("mails");
        },
      },
      options,
    );
    this.#ran = this.finder.run(this.#end.signal);
    t.after(() => this.stop());
  }
  register(mails: readonly MailEntry[]): void {
    for (const { folder, baseName } of mails) this.registered.add(`${folder}/${baseName}`);
  }
  async until(holds: () => boolean, ms = 15_000): Promise<void> {
    const signal = AbortSignal.timeout(ms);
    while (!holds()) await once(this.#events, "mails", { signal });
  }
  async stop(): Promise<void> {
    this.#end.abort();
    await this.#ran;
  }
}

/** A poll so late that only hints can be what finds a mail. */
const byHint = { pollMs: 3_600_000, pauseMs: 20 };

test("what lay there before the start is found, subfolders too", async (t) => {
  const path = makeMaildir(temporary(t));
  deliver(path, "1.a");
  takeUp(path, "1.a", "S");
  deliver(path, "2.b");
  deliver(makeMaildir(join(path, ".Junk")), "3.c");
  const trap = new Trap(t, [path], byHint);
  await trap.until(() => trap.registered.size === 3);
  assert.deepEqual([...trap.registered].toSorted(), [`${path}/.Junk/3.c`, `${path}/1.a`, `${path}/2.b`]);
  assert.deepEqual(trap.finder.status(), [{ path, folders: 2 }]);
});

test("a lone mail is found by its hint, without listing all the others again", async (t) => {
  const path = makeMaildir(temporary(t));
  for (let at = 0; at < 300; at++) deliver(path, `old${at}`);
  const trap = new Trap(t, [path], byHint);
  await trap.until(() => trap.registered.size === 300);
  const before = trap.asked;
  for (let at = 0; at < 5; at++) {
    const begun = performance.now();
    deliver(path, `lone${at}`);
    await trap.until(() => trap.registered.size === 301 + at);
    assert.ok(performance.now() - begun < 2000);
  }
  assert.ok(trap.asked - before < 600, `${trap.asked - before} names asked for`);
});

test("a burst of 5,000, delivered and taken up by a mail server meanwhile, is found whole, each mail once", async (t) => {
  const path = makeMaildir(temporary(t));
  const trap = new Trap(t, [path], byHint);
  for (let at = 0; at < 5000; at++) {
    deliver(path, `${1_700_000_000 + at}.M${at}.mx`);
    if (at % 3 === 0) takeUp(path, `${1_700_000_000 + at}.M${at}.mx`, "S");
    if (at % 100 === 0) await new Promise(setImmediate);
  }
  await trap.until(() => trap.registered.size === 5000, 30_000);
  assert.ok([...trap.reports.values()].every((count) => count === 1));
});

test("a directory that stands still is not listed again at each poll, until it moves or is asked for", async (t) => {
  const path = makeMaildir(temporary(t));
  deliver(path, "settled");
  const old = new Date(Date.now() - 3_600_000);
  for (const sub of ["new", "cur"]) utimesSync(join(path, sub), old, old);
  const trap = new Trap(t, [path], { pollMs: 20, pauseMs: 1 });
  const polls = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 25));
  await trap.until(() => trap.registered.size === 1);
  await polls(5);
  const asked = trap.asked;
  assert.ok(asked >= 2, "it was listed until all was known");
  await polls(10);
  assert.equal(trap.asked, asked);
  trap.registered.clear();
  trap.finder.lookAgain(path);
  await trap.until(() => trap.registered.size === 1);
  deliver(path, "moved");
  await trap.until(() => trap.registered.size === 2);
});

test("while the reader is busy nothing more is listed, and a mail comes again until it is registered", async (t) => {
  const path = makeMaildir(temporary(t));
  for (let at = 0; at < 50; at++) deliver(path, `mail${at}`);
  const held = new EventEmitter();
  let open = false;
  const trap = new Trap(t, [path], { ...byHint, pollMs: 50, chunk: 10 });
  trap.onMails = async (mails) => {
    if (!open) await once(held, "go");
    // The reader lost one: it moved before it could be read.
    trap.register(mails.filter((mail) => mail.baseName !== "mail7" || (trap.reports.get(`${path}/mail7`) ?? 0) > 1));
  };
  await new Promise(setImmediate);
  for (let at = 0; at < 20; at++) await new Promise(setImmediate);
  assert.ok(trap.asked <= 10, "one chunk is out, the next is not asked for");
  open = true;
  held.emit("go");
  await trap.until(() => trap.registered.size === 50);
  assert.equal(trap.reports.get(`${path}/mail7`), 2);
});

test("a subfolder made with mails already in it is found by its hint", async (t) => {
  const root = temporary(t);
  const path = makeMaildir(join(root, "box"));
  deliver(path, "first");
  const trap = new Trap(t, [path], byHint);
  await trap.until(() => trap.registered.size === 1);
  const ready = makeMaildir(join(root, "made"));
  deliver(ready, "second");
  renameSync(ready, join(path, ".Ready"));
  await trap.until(() => trap.registered.has(`${path}/.Ready/second`));
  // Step by step, as a mail server makes it: at the first event there is no new/ yet.
  mkdirSync(join(path, ".Slow"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  makeMaildir(join(path, ".Slow"));
  deliver(join(path, ".Slow"), "third");
  await trap.until(() => trap.registered.has(`${path}/.Slow/third`));
  deliver(join(path, ".Slow"), "fourth");
  await trap.until(() => trap.registered.has(`${path}/.Slow/fourth`));
});

test("a folder that was removed and made again, and a whole maildir that comes back, are followed", async (t) => {
  const path = makeMaildir(join(temporary(t), "box"));
  const sub = makeMaildir(join(path, ".Sub"));
  deliver(sub, "one");
  const trap = new Trap(t, [path], { pollMs: 100, pauseMs: 20 });
  await trap.until(() => trap.registered.size === 1);
  rmSync(sub, { recursive: true });
  makeMaildir(sub);
  deliver(sub, "two");
  await trap.until(() => trap.registered.has(`${sub}/two`));
  renameSync(path, `${path}-away`);
  makeMaildir(path);
  deliver(path, "three");
  await trap.until(() => trap.registered.has(`${path}/three`));
  deliver(path, "four");
  await trap.until(() => trap.registered.has(`${path}/four`));
});

test("a maildir that is gone is told of and the others go on", async (t) => {
  const root = temporary(t);
  const [here, gone] = [makeMaildir(join(root, "here")), makeMaildir(join(root, "gone"))];
  deliver(gone, "one");
  const trap = new Trap(t, [here, gone], { pollMs: 100, pauseMs: 20 });
  await trap.until(() => trap.registered.size === 1);
  rmSync(gone, { recursive: true });
  deliver(here, "two");
  await trap.until(() => trap.registered.has(`${here}/two`));
  while (!trap.finder.status()[1]?.trouble) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(trap.finder.status()[1], { path: gone, folders: 0, trouble: "the maildir is not there" });
  deliver(makeMaildir(gone), "three");
  await trap.until(() => trap.registered.has(`${gone}/three`));
  assert.equal(trap.finder.status()[1]?.trouble, undefined);
});

test("what the reader throws ends the finder, it is not swallowed", async (t) => {
  const path = makeMaildir(temporary(t));
  deliver(path, "mail");
  const finder = new MailFinder([{ path }], {
    log: createLog("test", "silent"),
    registry: { known: async (_folder, names) => names.map(() => undefined) },
    onMails: () => Promise.reject(new Error("the disk is full")),
  });
  await assert.rejects(finder.run(new AbortController().signal), /the disk is full/);
});

test("whatever is delivered, taken up, removed or made again, no mail that stays is missed", async (t) => {
  const root = temporary(t);
  let run = 0;
  const step = fc.record({
    what: fc.constantFrom("deliver", "deliver", "deliver", "takeUp", "remove", "remake", "breathe"),
    folder: fc.constantFrom("", ".A", ".B"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const path = makeMaildir(join(root, `run${run++}`));
      const inNew = new Map<string, string[]>();
      const expected = new Set<string>();
      const trap = new Trap({ after: () => {} }, [path], { pollMs: 150, pauseMs: 5 });
      for (const [at, { what, folder }] of steps.entries()) {
        const box = makeMaildir(join(path, folder));
        const names = inNew.get(box) ?? [];
        inNew.set(box, names);
        if (what === "deliver") {
          deliver(box, `mail${at}`);
          names.push(`mail${at}`);
          expected.add(`${box}/mail${at}`);
        } else if (what === "takeUp" && names.length > 0) takeUp(box, names.shift() ?? "", "S");
        else if (what === "remove" && names.length > 0) {
          const name = names.pop() ?? "";
          unlinkSync(join(box, "new", name));
          expected.delete(`${box}/${name}`);
        } else if (what === "remake" && folder) {
          rmSync(box, { recursive: true });
          makeMaildir(box);
          inNew.delete(box);
          for (const key of expected) if (key.startsWith(`${box}/`)) expected.delete(key);
        } else await new Promise(setImmediate);
      }
      await trap.until(() => [...expected].every((key) => trap.registered.has(key)));
      await trap.stop();
    }),
    { numRuns: 12 },
  );
});
