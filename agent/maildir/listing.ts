import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../shared/clock.ts";
import type { Folder, MailEntry, Sub } from "./folders.ts";
import { look, scan, UnreadableDirectory, type ScanOptions } from "./scan.ts";

export interface Pace {
  /** The least time between two looks at one directory, so that a burst is taken together. ms */
  readonly pauseMs: number;
  /** A look that cost t is followed by a pause of this many times t. */
  readonly rest: number;
  /** Even a directory that seems unchanged is listed again after this time. ms */
  readonly trustMs: number;
}

/** More names than this between two looks, and the whole directory is listed instead. */
const mostNames = 500;
/** Directory times are as coarse as this on some file systems: a younger one may hide a later change. ms */
const coarseMs = 2000;

interface Mark {
  readonly inode: bigint;
  readonly changedMs: number;
}

/**
 * new/ or cur/ of one folder: what is to be looked at there, and when.
 * Hints name entries and are looked up alone. The full listing is the truth; it is left out only when the last one found
 * everything known and the directory's own time says that nothing was added, renamed or removed since.
 */
export class Listing {
  readonly folder: Folder;
  readonly sub: Sub;
  readonly path: string;
  readonly #clock: Clock;
  readonly #pace: Pace;
  #wanted: Set<string> | "all" | undefined = "all";
  #notBefore = 0;
  #settled: (Mark & { readonly at: number }) | undefined;
  #listedOnce = false;

  constructor(folder: Folder, sub: Sub, { clock, pace }: { clock: Clock; pace: Pace }) {
    this.folder = folder;
    this.sub = sub;
    this.path = join(folder.path, sub);
    this.#clock = clock;
    this.#pace = pace;
  }
  /** Something happened to this entry; without a name, to any. */
  hint(name: string | null): void {
    if (this.#wanted === "all") return;
    const names = this.#wanted ?? new Set<string>();
    this.#wanted = name === null || names.size >= mostNames ? "all" : names.add(name);
  }
  /** Lists all of it at the next turn; when `anyway`, even if nothing seems to have changed. */
  want({ anyway = false } = {}): void {
    this.#wanted = "all";
    if (anyway) this.#settled = undefined;
  }
  /** When it may be looked at, on the monotonic clock; Infinity when nothing is wanted. */
  get dueAt(): number {
    return this.#wanted ? this.#notBefore : Infinity;
  }
  /** Looks, and gives what is unknown to `onMails`, whose time does not count as cost. */
  async read(options: ScanOptions, onMails: (mails: MailEntry[]) => Promise<void>): Promise<void> {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (!wanted) return;
    const begun = this.#clock.monotonic();
    let waited = 0;
    try {
      const count = async (mails: MailEntry[]): Promise<void> => {
        const handed = this.#clock.monotonic();
        await onMails(mails);
        waited += this.#clock.monotonic() - handed;
      };
      if (wanted === "all") await this.#list(options, count);
      else for await (const mails of look(this.folder, this.sub, wanted, options)) await count(mails);
    } finally {
      const end = this.#clock.monotonic();
      this.#notBefore = end + Math.max(this.#pace.pauseMs, this.#pace.rest * (end - begun - waited));
    }
  }
  async #list(options: ScanOptions, onMails: (mails: MailEntry[]) => Promise<void>): Promise<void> {
    const before = await markOf(this.path);
    const at = this.#clock.now();
    if (this.#isSettled(before, at)) return;
    this.#settled = undefined;
    let found = 0;
    for await (const mails of scan(this.folder, this.sub, { ...options, compare: !this.#listedOnce })) {
      found += mails.length;
      await onMails(mails);
    }
    if (options.signal?.aborted) return;
    this.#listedOnce = true;
    if (found === 0 && at - before.changedMs > coarseMs) this.#settled = { ...before, at };
  }
  #isSettled(mark: Mark, now: number): boolean {
    const last = this.#settled;
    if (!last || last.inode !== mark.inode || last.changedMs !== mark.changedMs) return false;
    const age = now - last.at;
    return age >= 0 && age < this.#pace.trustMs;
  }
}

async function markOf(path: string): Promise<Mark> {
  try {
    const { ino, mtimeMs } = await stat(path, { bigint: true });
    return { inode: ino, changedMs: Number(mtimeMs) };
  } catch (error) {
    throw new UnreadableDirectory(path, error);
  }
}
