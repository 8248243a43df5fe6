import { spawn } from "node:child_process";
import { readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errno, Failure } from "../../shared/failure.ts";

const sources = ["shared", "agent", "hub", "proto", "package.json", "tsconfig.json"];

/** Builds dist/ when it is missing or older than any source; tells whether it did. Throws Failure with npm's output. */
export async function buildIfNeeded(root: string, beforeBuild: () => void): Promise<boolean> {
  const stamp = join(root, "dist", ".built");
  const built = await timeOf(stamp);
  const changed = await Promise.all(sources.map((source) => newest(join(root, source))));
  if (built !== undefined && Math.max(...changed) < built) return false;
  beforeBuild();
  const begun = new Date();
  await build(root);
  // The stamp bears the time of the beginning: what is saved during a build is built next time.
  await writeFile(stamp, "");
  await utimes(stamp, begun, begun);
  return true;
}

async function build(root: string): Promise<void> {
  const npm = spawn("npm", ["run", "--silent", "build"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [npm.stdout, npm.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    npm.once("error", reject);
    npm.once("close", resolve);
  });
  if (status !== 0) throw new Failure("config", `'npm run build' failed; mend what it says:\n${output.trim()}`);
}

/** The newest modification in a file or tree, ms; a directory's own time tells of files that were removed. */
async function newest(path: string): Promise<number> {
  const own = (await timeOf(path)) ?? 0;
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true, recursive: true });
  } catch (error) {
    if (errno(error) === "ENOTDIR" || errno(error) === "ENOENT") return own;
    throw error;
  }
  const times = await Promise.all(entries.map((entry) => timeOf(join(entry.parentPath, entry.name))));
  return Math.max(own, ...times.map((time) => time ?? 0));
}

async function timeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}
