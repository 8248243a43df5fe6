import { systemClock, pause, type Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/failure.ts";
import type { Log } from "../../shared/log.ts";
import { foldersOf, type Folder, type Maildir, type MailEntry, type Sub } from "./folders.ts";
import { Listing, type Pace } from "./listing.ts";
import { UnreadableDirectory, type Registry } from "./scan.ts";
import { Watcher } from "./watch.ts";

export interface FinderDependencies {
  readonly registry: Registry;
  readonly log: Log;
  readonly clock?: Clock;
  /**
   * Takes mails that the registry does not know, at most `chunk` at once. While it is not resolved nothing more is
   * listed. A mail comes again until it is registered, and may come twice when it moves; a rejection ends `run`.
   */
  onMails(mails: MailEntry[]): Promise<void>;
}

export interface FinderOptions extends Partial<Pace> {
  /** Everything is looked at, at least this often. ms */
  readonly pollMs?: number;
  /** How many entries a scan holds at once, ≤ 1000. */
  readonly chunk?: number;
}

export interface MaildirStatus {
  readonly path: string;
  readonly folders: number;
  /** Why it cannot be read now; absent while all is well. */
  readonly trouble?: string;
}

/** A maildir that is missing is cheap to ask for; likewise while watches are lacking. ms */
const soon = { missing: 5_000, unwatched: 10_000 };

/** Finds mails in maildirs: at the start all, then what comes, and whatever the hints missed at the next poll. */
export class MailFinder {
  readonly #maildirs: readonly Maildir[];
  readonly #on: FinderDependencies;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #pollMs: number;
  readonly #chunk: number;
  readonly #watcher: Watcher;
  readonly #listings = new Map<string, Listing>();
  readonly #status = new Map<string, MaildirStatus>();
  readonly #warned = new Set<string>();
  #discoverAt = 0;
  #discoverNotBefore = 0;
  #sleep = new AbortController();

  constructor(maildirs: readonly Maildir[], dependencies: FinderDependencies, options: FinderOptions = {}) {
    this.#maildirs = maildirs;
    this.#on = dependencies;
    this.#clock = dependencies.clock ?? systemClock;
    this.#pace = { pauseMs: options.pauseMs ?? 200, rest: options.rest ?? 4, trustMs: options.trustMs ?? 1_800_000 };
    this.#pollMs = options.pollMs ?? 60_000;
    this.#chunk = options.chunk ?? 1000;
    this.#watcher = new Watcher({
      log: dependencies.log,
      onTree: () => this.#discoverSoon(),
      onChange: (folder, sub, name) => this.#hint(folder, sub, name),
    });
  }
  status(): MaildirStatus[] {
    return this.#maildirs.map(({ path }) => this.#status.get(path) ?? { path, folders: 0 });
  }
  /** Looks at all of a folder again, even if nothing changed: a mail of it came to nothing. */
  lookAgain(folder: string): void {
    for (const listing of this.#listings.values()) if (listing.folder.id === folder) listing.want({ anyway: true });
    this.#sleep.abort();
  }
  /** Runs until aborted. Rejects with what `onMails` or the registry threw. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#sleep.abort();
    signal.addEventListener("abort", wake, { once: true });
    try {
      while (!signal.aborted) await this.#turn(signal);
    } finally {
      signal.removeEventListener("abort", wake);
      await this.#watcher.close();
    }
  }
  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#clock.monotonic() >= this.#discoverAt) await this.#discover();
    for (const listing of this.#listings.values())
      if (!signal.aborted && listing.dueAt <= this.#clock.monotonic()) await this.#read(listing, signal);
    const next = Math.min(this.#discoverAt, ...[...this.#listings.values()].map((listing) => listing.dueAt));
    this.#sleep = new AbortController();
    // No await stands between the reckoning above and this wait, so no hint falls in between.
    if (!signal.aborted) await pause(Math.max(0, next - this.#clock.monotonic()), this.#sleep.signal);
  }
  async #discover(): Promise<void> {
    const begun = this.#clock.monotonic();
    this.#discoverAt = Infinity;
    const here: Maildir[] = [];
    const folders: Folder[] = [];
    for (const maildir of this.#maildirs) {
      const found = await this.#foldersOf(maildir);
      if (!found) continue;
      here.push(maildir);
      folders.push(...found);
    }
    // The watch comes before the scan, so that what arrives between them is a hint at least.
    await this.#watcher.follow(here, folders);
    this.#keep(folders);
    const end = this.#clock.monotonic();
    this.#discoverNotBefore = end + Math.max(this.#pace.pauseMs, this.#pace.rest * (end - begun));
    const missing = here.length < this.#maildirs.length;
    const within = Math.min(
      this.#pollMs,
      missing ? soon.missing : Infinity,
      this.#watcher.complete ? Infinity : soon.unwatched,
    );
    this.#discoverAt = Math.min(this.#discoverAt, end + within);
  }
  async #foldersOf(maildir: Maildir): Promise<Folder[] | undefined> {
    const { path } = maildir;
    try {
      const found = await foldersOf(maildir);
      if (!found) return this.#trouble(path, "the maildir is not there");
      for (const closed of found.closed) this.#warnOnce(closed, "may not enter a folder");
      if (this.#status.get(path)?.trouble) this.#on.log.info({ path }, "maildir is back");
      this.#status.set(path, { path, folders: found.folders.length });
      return found.folders;
    } catch (error) {
      return this.#trouble(path, messageOf(error));
    }
  }
  #trouble(path: string, trouble: string): undefined {
    if (!this.#status.get(path)?.trouble) this.#on.log.warn({ path, reason: trouble }, "maildir cannot be read");
    this.#status.set(path, { path, folders: 0, trouble });
  }
  #keep(folders: readonly Folder[]): void {
    const before = new Map(this.#listings);
    this.#listings.clear();
    for (const folder of folders)
      for (const sub of folder.subs) {
        const key = `${folder.id}/${sub}`;
        const listing = before.get(key) ?? new Listing(folder, sub, { clock: this.#clock, pace: this.#pace });
        listing.want();
        this.#listings.set(key, listing);
      }
  }
  async #read(listing: Listing, signal: AbortSignal): Promise<void> {
    const onUnnamable = (directory: string): void => this.#warnOnce(directory, "a file name is no UTF-8; it is left");
    const options = { registry: this.#on.registry, chunk: this.#chunk, signal, onUnnamable };
    try {
      await listing.read(options, (mails) => this.#on.onMails(mails));
    } catch (error) {
      if (!(error instanceof UnreadableDirectory)) throw error;
      if (error.gone) this.#discoverSoon();
      else this.#warnOnce(listing.path, "a directory cannot be listed", error);
    }
  }
  #hint(folder: string, sub: Sub, name: string | null): void {
    const listing = this.#listings.get(`${folder}/${sub}`);
    // Only the first hint since the last look changes when the next one is due.
    const first = listing?.dueAt === Infinity;
    listing?.hint(name);
    if (first) this.#sleep.abort();
  }
  #discoverSoon(): void {
    this.#discoverAt = Math.min(this.#discoverAt, Math.max(this.#clock.monotonic(), this.#discoverNotBefore));
    this.#sleep.abort();
  }
  #warnOnce(path: string, text: string, error?: unknown): void {
    if (this.#warned.has(path)) return;
    this.#warned.add(path);
    this.#on.log.warn({ path, ...(error !== undefined && { reason: messageOf(error) }) }, text);
  }
}
