import { fits } from "../shared/batch/entry.ts";
import { entryOf } from "../shared/batch/entry.ts";
import { pause, type Clock } from "../shared/clock.ts";
import { errno, messageOf } from "../shared/failure.ts";
import type { FileResult } from "../shared/extract/pool.ts";
import type { Log } from "../shared/log.ts";
import type { Metrics } from "../shared/metrics.ts";
import type { Ledger, Reading } from "./ledger/ledger.ts";
import type { After } from "./maildir/after.ts";
import { MailFinder, type MaildirStatus } from "./maildir/finder.ts";
import { foldersOf, type Maildir, type MailEntry } from "./maildir/folders.ts";
import { sweep, touch } from "./maildir/touch.ts";

/**
 * The whole agent on one screen: mails are found, read, gathered to a batch, committed, announced, touched.
 *
 * The order is L4's: what is announced is durable, what is touched was announced. Between being found and being
 * committed a mail is `pending` and the finder is told that it is known; nothing of that survives a crash, nor must
 * it, for the maildir is the queue. While the ledger cannot take a batch nothing more is read.
 */
export interface PipelineOptions {
  readonly maildirs: readonly Maildir[];
  readonly after: After;
  /** A batch is closed when nothing came for this long, ms. */
  readonly lingerMs?: number;
}
export interface PipelineParts {
  readonly ledger: Ledger;
  readonly reader: { read(files: { path: string; baseName: string }[], signal?: AbortSignal): Promise<FileResult[]> };
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The head moved: tell the hubs. */
  readonly announce: () => void;
}

export interface PipelineStatus {
  readonly maildirs: readonly MaildirStatus[];
  /** Mails found and not yet in the ledger. */
  readonly backlog: number;
  /** Since the start. */
  readonly observations: number;
  readonly unparsed: number;
  readonly defects: number;
  readonly redactions: number;
  /** By reason, since the start: what lies in a maildir and is no regular file, or may not be read. */
  readonly refused: Readonly<Record<string, number>>;
  readonly lastError?: string;
  /** The same without a path, a name or a word of anyone's: what a hub may be told. */
  readonly lastTrouble?: string;
}

const sweepEvery = 3_600_000;
const retryAfter = 1000;
/** What is refused is remembered, so that it is counted once; the memory for it is bounded. */
const refusedKept = 100_000;

const keyOf = (mail: { folder: string; baseName: string }): string => `${mail.folder}\0${mail.baseName}`;

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #parts: PipelineParts;
  readonly #finder: MailFinder;
  readonly #pending = new Set<string>();
  readonly #refusedKeys = new Set<string>();
  #held: { reading: Reading; path: string }[] = [];
  #heldBytes = 0;
  #heldItems = 0;
  #heldSince = 0;
  #linger: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #signal: AbortSignal = new AbortController().signal;
  readonly #counts = { observations: 0, unparsed: 0, defects: 0, redactions: 0, refused: {} as Record<string, number> };
  readonly #counters;
  #lastError: string | undefined;
  #lastTrouble: string | undefined;

  constructor(options: PipelineOptions, parts: PipelineParts) {
    this.#options = options;
    this.#parts = parts;
    this.#finder = new MailFinder(options.maildirs, {
      registry: { known: (folder, baseNames) => this.#known(folder, baseNames) },
      log: parts.log,
      clock: parts.clock,
      onMails: (mails) => this.#onMails(mails),
    });
    this.#counters = countersOf(parts.metrics);
    parts.metrics.gauge("tip_agent_backlog_mails", "Mails found and not yet in the ledger", () => this.#pending.size);
    parts.metrics.gauge("tip_agent_ledger_head", "Newest version in the ledger", () => parts.ledger.head.version);
  }

  get status(): PipelineStatus {
    return {
      maildirs: this.#finder.status(),
      backlog: this.#pending.size,
      ...this.#counts,
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
      ...(this.#lastTrouble !== undefined && { lastTrouble: this.#lastTrouble }),
    };
  }

  /** Runs until aborted; what was read by then is committed. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    const sweeping = this.#sweepRepeatedly(signal);
    await this.#finder.run(signal);
    clearTimeout(this.#linger);
    await this.#flush();
    await sweeping;
  }

  async #known(folder: string, baseNames: string[]) {
    const registered = await this.#parts.ledger.known(folder, baseNames);
    return registered.map((record, i) => {
      const key = keyOf({ folder, baseName: baseNames[i] ?? "" });
      return record ?? (this.#pending.has(key) || this.#refusedKeys.has(key));
    });
  }

  async #onMails(found: MailEntry[]): Promise<void> {
    const mails = found.filter((mail) => !this.#pending.has(keyOf(mail)));
    for (const mail of mails) this.#pending.add(keyOf(mail));
    const results = await this.#read(mails);
    for (const [i, mail] of mails.entries()) {
      const result = results[i];
      if (result?.kind === "observation") await this.#hold(mail, result);
      else {
        this.#pending.delete(keyOf(mail));
        if (result?.kind === "refused") this.#refuse(mail, result.reason);
        // A mail that moved while it was read is under another name now, or in cur/: the next look finds it.
        else this.#finder.lookAgain(mail.folder);
      }
    }
    this.#lingerOn();
  }

  /** A reader that fails as a whole must not end the agent: its mails are looked at again, a moment later. */
  async #read(mails: readonly MailEntry[]): Promise<readonly FileResult[]> {
    try {
      return await this.#parts.reader.read([...mails], this.#signal);
    } catch (error) {
      if (!this.#signal.aborted) this.#fail(error, "could not read mails; trying again");
      await pause(retryAfter, this.#signal);
      return [];
    }
  }

  #refuse(mail: MailEntry, reason: string): void {
    const { log } = this.#parts;
    if (this.#refusedKeys.size >= refusedKept) this.#refusedKeys.clear();
    this.#refusedKeys.add(keyOf(mail));
    this.#counts.refused[reason] = (this.#counts.refused[reason] ?? 0) + 1;
    this.#counters.refused.inc({ reason });
    log.warn({ path: mail.path, reason }, "refused: not read");
  }

  async #hold(mail: MailEntry, { observation, parsed, size, mtimeMs }: Extract<FileResult, { kind: "observation" }>) {
    const entry = entryOf(observation);
    const held = { entries: this.#held.length, bytes: this.#heldBytes, items: this.#heldItems };
    if (!fits(held, entry)) await this.#flush();
    if (this.#held.length === 0) this.#heldSince = this.#parts.clock.monotonic();
    const { folder, baseName } = mail;
    this.#held.push({ reading: { entry, mail: { folder, baseName, size, mtimeMs, parsed } }, path: mail.path });
    this.#heldBytes += entry.bytes;
    this.#heldItems += entry.items;
    this.#counts.defects += observation.defects?.length ? 1 : 0;
    this.#counts.redactions += observation.redactions ?? 0;
    if (!parsed) this.#counts.unparsed++;
    this.#counters.redactions.inc(observation.redactions ?? 0);
  }

  /** Closes the batch a moment after the last mail, and at most ten seconds after its first. */
  #lingerOn(): void {
    clearTimeout(this.#linger);
    if (this.#held.length === 0) return;
    const age = this.#parts.clock.monotonic() - this.#heldSince;
    const wait = Math.max(0, Math.min(this.#options.lingerMs ?? 500, 10_000 - age));
    this.#linger = setTimeout(() => void this.#flush(), wait);
  }

  #flush(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    this.#heldItems = 0;
    if (held.length > 0) this.#flushing = this.#flushing.then(() => this.#commit(held));
    return this.#flushing;
  }

  /** Tries until the ledger took it, or the agent ends: then the maildir still has the mails. */
  async #commit(held: readonly { reading: Reading; path: string }[]): Promise<void> {
    const { ledger, log, announce } = this.#parts;
    for (;;) {
      try {
        await ledger.commit(held.map(({ reading }) => reading));
        break;
      } catch (error) {
        this.#fail(error, "could not commit; trying again");
        if (this.#signal.aborted) return;
        await pause(retryAfter, this.#signal);
      }
    }
    for (const { reading } of held) this.#pending.delete(keyOf(reading.mail));
    this.#counts.observations += held.length;
    this.#counters.observations.inc(held.length);
    announce();
    log.debug({ observations: held.length, version: ledger.head.version }, "committed");
    if (this.#options.after.action === "seen")
      for (const { reading, path } of held) if (reading.mail.parsed) await this.#touch(path);
  }

  async #touch(path: string): Promise<void> {
    try {
      await touch(path, this.#options.after, this.#parts.clock.now());
    } catch (error) {
      this.#fail(error, "could not touch a mail");
    }
  }

  /** At the start what a crash left between commit and touch, then each hour what has become old enough. */
  async #sweepRepeatedly(signal: AbortSignal): Promise<void> {
    const { after, maildirs } = this.#options;
    if (after.action === "leave") return;
    const { ledger, clock } = this.#parts;
    const mayTouch = async (folder: string, baseNames: string[]): Promise<boolean[]> =>
      (await ledger.known(folder, baseNames)).map((record) => record?.parsed === true);
    while (!signal.aborted) {
      for (const maildir of maildirs)
        try {
          const folders = (await foldersOf(maildir))?.folders ?? [];
          for (const folder of folders) await sweep(folder, { after, mayTouch, now: () => clock.now(), signal });
        } catch (error) {
          this.#fail(error, "could not sweep a maildir");
        }
      await pause(sweepEvery, signal);
    }
  }

  #fail(error: unknown, text: string): void {
    this.#lastError = messageOf(error);
    this.#lastTrouble = `${text} (${errno(error) ?? "no system error"})`;
    this.#parts.log.error({ reason: this.#lastError }, text);
  }
}

const countersOf = (metrics: Metrics) => ({
  observations: metrics.counter("tip_agent_observations_total", "Mails committed to the ledger"),
  redactions: metrics.counter("tip_agent_redactions_total", "Traces of a trap taken out of what leaves"),
  refused: metrics.counter("tip_agent_refused_total", "Directory entries that were not read, by reason", ["reason"]),
});
