import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "node:test";
import { build } from "vite";
import { temporary } from "./maildir.ts";

const source = fileURLToPath(new URL("../../hub/web/", import.meta.url));
const built = fileURLToPath(new URL("../../dist/hub/web/", import.meta.url));

/** The page as vite builds it: from dist when that is newer than every source, else built into a temporary directory. */
export async function builtPage(t: Pick<TestContext, "after">): Promise<string> {
  const index = join(built, "index.html");
  if (existsSync(index) && statSync(index).mtimeMs > newest(source)) return built;
  const outDir = temporary(t, "tip-web-");
  await build({ configFile: join(source, "vite.config.ts"), logLevel: "error", build: { outDir, emptyOutDir: true } });
  return outDir;
}

function newest(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
