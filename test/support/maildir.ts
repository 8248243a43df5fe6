import { linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A real directory for one test, gone with it. */
export function temporary(t: Pick<TestContext, "after">, name = "tip-test-"): string {
  const path = mkdtempSync(join(tmpdir(), name));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function makeMaildir(path: string): string {
  for (const sub of ["tmp", "new", "cur"]) mkdirSync(join(path, sub), { recursive: true });
  return path;
}

/** Delivers as Postfix does: written in tmp/, linked into new/, unlinked from tmp/. */
export function deliver(maildir: string, name: string, content: string | Buffer = `Subject: ${name}\n\nbody\n`): void {
  const written = join(maildir, "tmp", name);
  writeFileSync(written, content);
  linkSync(written, join(maildir, "new", name));
  unlinkSync(written);
}

/** Takes up a mail as an IMAP server does when a client looks: new/x becomes cur/x:2,FLAGS. */
export function takeUp(maildir: string, name: string, flags = ""): void {
  renameSync(join(maildir, "new", name), join(maildir, "cur", `${name}:2,${flags}`));
}
