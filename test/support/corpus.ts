import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The corpus's real spam, unpacked into a folder of its own; or in words why it is not to be had. */
export function unpackSpam(root: string): { folder: string; remove: () => void } | { missing: string } {
  const archive = resolve(root, "mail", "spamassassin-public.tar.xz");
  if (!existsSync(archive)) return { missing: `${archive} is not there; TIP_CORPUS names the corpus` };
  const folder = mkdtempSync(join(tmpdir(), "tip-corpus-"));
  const { status, stderr } = spawnSync("tar", ["-xJf", archive, "-C", folder, "--wildcards", "*spam/*"], {
    encoding: "utf8",
  });
  if (status === 0) return { folder: join(folder, "spam"), remove: () => rmSync(folder, { recursive: true }) };
  rmSync(folder, { recursive: true });
  return { missing: `${archive} does not unpack: ${stderr.trim()}` };
}
