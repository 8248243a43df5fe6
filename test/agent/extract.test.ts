import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { extractCommand } from "../../agent/extract.ts";

// If these fail, an admin cannot see beforehand what an agent would tell of a mail.
const dir = mkdtempSync(join(tmpdir(), "tip-extract-command-"));
after(() => rmSync(dir, { recursive: true }));

async function run(
  files: string[],
  stdin = "",
): Promise<{ status: number; lines: Record<string, unknown>[]; err: string }> {
  const out = new PassThrough();
  const err = new PassThrough();
  const [said, complained] = [text(out), text(err)];
  const secret = Buffer.alloc(32, 3);
  const command = {
    files,
    trusted: [],
    traps: ["@trap.example"],
    secret,
    stdin: Readable.from([Buffer.from(stdin)]),
    out,
    err,
  };
  const status = await extractCommand(command);
  out.end();
  err.end();
  const lines = (await said).split("\n").filter(Boolean);
  return { status, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), err: await complained };
}
const mail = (subject: string): string => `From: a@example.com\r\nSubject: ${subject}\r\n\r\nhello\r\n`;
function put(name: string, bytes: string): string {
  writeFileSync(join(dir, name), bytes);
  return join(dir, name);
}

test("one observation a line, in the order given, the file first", async () => {
  const files = [put("b", mail("second")), put("a", mail("first")), "-"];
  const { status, lines, err } = await run(files, mail("piped"));
  assert.equal(status, 0);
  assert.equal(err, "");
  assert.deepEqual(
    lines.map((line) => [Object.keys(line)[0], line["file"], line["subject"]]),
    [
      ["file", files[0], "second"],
      ["file", files[1], "first"],
      ["file", "-", "piped"],
    ],
  );
});

test("what cannot be read is named on standard error, exits 1, and the rest goes on", async () => {
  const { status, lines, err } = await run([join(dir, "missing\u001b[2J"), dir, put("c", mail("still"))]);
  assert.equal(status, 1);
  assert.deepEqual(
    lines.map((line) => line["subject"]),
    ["still"],
  );
  assert.match(err, /missing\\u001b\[2J: there is no such file\n/);
  assert.match(err, /a directory, and only regular files are read\n/);
});

test("the same mail gives the same id, under another name another", async () => {
  const first = await run([
    put("1700000000.a.host:2,S", mail("x")),
    put("1700000000.a.host", mail("x")),
    put("other", mail("x")),
  ]);
  const ids = first.lines.map((line) => line["id"]);
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
  assert.equal(first.lines[0]?.["receivedAt"], "2023-11-14T22:13:20.000Z");
});

test("a file of gigabytes costs the others nothing", async () => {
  const huge = put("huge", mail("huge"));
  truncateSync(huge, 3 * 2 ** 30);
  const { status, lines } = await run([put("d", mail("first")), huge, put("e", mail("last"))]);
  assert.equal(status, 0);
  assert.deepEqual(
    lines.map((line) => line["subject"]),
    ["first", "huge", "last"],
  );
});
