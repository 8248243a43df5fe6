import { once } from "node:events";
import { basename } from "node:path";
import type { Readable, Writable } from "node:stream";
import { ExtractPool, type FileResult, type MailFile } from "../shared/extract/pool.ts";
import type { ExtractSettings } from "../shared/extract/rules.ts";
import { printable } from "../shared/log.ts";

export interface ExtractCommand extends ExtractSettings {
  /** Paths; `-` is standard input. */
  readonly files: readonly string[];
  readonly stdin: Readable;
  readonly out: Writable;
  readonly err?: Writable;
}

/** Files that are read before their lines are printed: enough for two threads, little enough to see it move. */
const together = 200;

/**
 * Prints one observation a line, as JSON with `file` first, in the order given; keeps nothing.
 * A file that cannot be read is a line on standard error and an exit status of 1; the others are read all the same.
 */
export async function extractCommand(command: ExtractCommand): Promise<number> {
  const { files, trusted, traps, secret, out, err = process.stderr } = command;
  const pool = new ExtractPool({ threads: files.length > together ? 2 : 1, settings: { trusted, traps, secret } });
  let status = 0;
  try {
    for (let at = 0; at < files.length; at += together) {
      const some = files.slice(at, at + together);
      const results = await pool.read(await Promise.all(some.map((file) => mailFile(file, command.stdin))));
      for (const [index, result] of results.entries()) {
        const file = some[index]!;
        if (result.kind === "observation") await say(out, JSON.stringify({ file, ...result.observation }));
        else {
          status = 1;
          await say(err, printable(`tip-agent: ${file}: ${refusal(result)}`));
        }
      }
    }
  } finally {
    await pool.close();
  }
  return status;
}

function refusal(result: Exclude<FileResult, { kind: "observation" }>): string {
  if (result.kind === "gone") return "there is no such file";
  const code = /^unreadable \((\w+)\)$/.exec(result.reason)?.[1];
  if (code) return `it cannot be read (${code}): look at its owner and mode`;
  if (result.reason.startsWith("cannot ")) return `it ${result.reason}: look at the disk that it lies on`;
  return `it is ${result.reason}, and only regular files are read`;
}

async function mailFile(file: string, stdin: Readable): Promise<MailFile> {
  if (file !== "-") return { path: file, baseName: basename(file) };
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return { path: "-", baseName: "-", bytes: Buffer.concat(chunks) };
}

async function say(to: Writable, line: string): Promise<void> {
  if (!to.write(`${line}\n`)) await once(to, "drain");
}
