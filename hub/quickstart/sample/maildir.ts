import { mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errno } from "../../../shared/failure.ts";
import { sampleMails } from "./mails.ts";

const sampleCount = 264;
const sampleSeed = 847;

/**
 * Makes a maildir with sample spam of the last 48 hours, all at once: it is written beside its place and renamed.
 * Tells how many mails it wrote: none when something is there already.
 */
export async function writeSampleMaildir(path: string, now: number): Promise<number> {
  if (await isThere(path)) return 0;
  await mkdir(dirname(path), { recursive: true });
  const making = await mkdtemp(join(dirname(path), `.${basename(path)}-`));
  try {
    for (const sub of ["tmp", "new", "cur"]) await mkdir(join(making, sub), { mode: 0o700 });
    const mails = sampleMails(sampleCount, sampleSeed, now);
    for (const { name, raw } of mails) {
      const file = join(making, "new", name);
      await writeFile(file, raw, { mode: 0o600 });
      const seconds = Number(name.slice(0, name.indexOf(".")));
      await utimes(file, seconds, seconds);
    }
    await rename(making, path);
    return mails.length;
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errno(error) === "ENOENT") return false;
    throw error;
  }
}
