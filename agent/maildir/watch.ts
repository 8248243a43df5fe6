import { watch as watchDirectory, type FSWatcher } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { watch as watchTree, type FSWatcher as TreeWatcher } from "chokidar";
import { errno, messageOf } from "../../shared/failure.ts";
import type { Log } from "../../shared/log.ts";
import type { Folder, Maildir, Sub } from "./folders.ts";

export interface WatchDependencies {
  readonly log: Log;
  /** Folders may have come or gone. */
  onTree(): void;
  /** Look at this entry of this folder; without a name, at the folder. */
  onChange(folder: string, sub: Sub, name: string | null): void;
}

/**
 * Hints from the kernel, never the truth: it forgets events when its queue is full, knows nothing of NFS, and follows a
 * directory's inode, not its name. chokidar watches the tree of folders; new/ and cur/ have one inotify watch each by
 * fs.watch, because chokidar would read a whole directory again at each change.
 */
export class Watcher {
  readonly #on: WatchDependencies;
  readonly #trees = new Map<string, { inodes: Map<string, bigint>; watcher: TreeWatcher }>();
  readonly #directories = new Map<string, { inode: bigint; watcher: FSWatcher }>();
  #exhausted = false;

  constructor(dependencies: WatchDependencies) {
    this.#on = dependencies;
  }
  /** False once the kernel gave no more watches: then only polling finds what has none. */
  get complete(): boolean {
    return !this.#exhausted;
  }
  /** Makes the watches fit what is there now; one whose directory was replaced is opened anew. */
  async follow(maildirs: readonly Maildir[], folders: readonly Folder[]): Promise<void> {
    const wanted = new Map<string, { folder: Folder; sub: Sub }>();
    for (const folder of folders) for (const sub of folder.subs) wanted.set(join(folder.path, sub), { folder, sub });
    for (const path of this.#directories.keys()) if (!wanted.has(path)) this.#drop(path);
    for (const [path, { folder, sub }] of wanted) await this.#followDirectory(path, folder, sub);
    const roots = new Set(maildirs.map((maildir) => maildir.path));
    for (const path of this.#trees.keys()) if (!roots.has(path)) await this.#dropTree(path);
    for (const path of roots)
      await this.#followTree(
        path,
        folders.filter((folder) => folder.path.startsWith(path)).map((folder) => folder.path),
      );
  }
  async close(): Promise<void> {
    for (const path of this.#directories.keys()) this.#drop(path);
    for (const path of this.#trees.keys()) await this.#dropTree(path);
  }
  async #followDirectory(path: string, folder: Folder, sub: Sub): Promise<void> {
    const inode = await inodeOf(path);
    const held = this.#directories.get(path);
    if (held?.inode === inode) return;
    this.#drop(path);
    if (inode === undefined) return;
    try {
      const watcher = watchDirectory(path, (event, name) => {
        // "change" is a write within a file; a mail appears, moves and goes by "rename".
        if (event === "rename") this.#on.onChange(folder.id, sub, name);
      });
      watcher.on("error", (error) => {
        this.#drop(path);
        this.#failed(path, error);
      });
      this.#directories.set(path, { inode, watcher });
    } catch (error) {
      this.#failed(path, error);
    }
  }
  #drop(path: string): void {
    this.#directories.get(path)?.watcher.close();
    this.#directories.delete(path);
  }
  async #followTree(path: string, folders: readonly string[]): Promise<void> {
    const inodes = new Map<string, bigint>();
    for (const each of [path, ...folders]) {
      const inode = await inodeOf(each);
      if (inode !== undefined) inodes.set(each, inode);
    }
    const held = this.#trees.get(path);
    const same = held && [...held.inodes].every(([each, inode]) => (inodes.get(each) ?? inode) === inode);
    if (same) {
      held.inodes = inodes;
      return;
    }
    await this.#dropTree(path);
    if (!inodes.has(path)) return;
    const root = await realpath(path).catch(() => undefined);
    if (root === undefined) return;
    this.#trees.set(path, { inodes, watcher: this.#openTree(root) });
  }
  #openTree(root: string): TreeWatcher {
    // Depth 1: the maildir and its subfolders. Below lie new/ and cur/, which have watches of their own.
    const watcher = watchTree(root, {
      depth: 1,
      ignoreInitial: true,
      followSymlinks: false,
      ignorePermissionErrors: true,
      ignored: (path, stats) => path !== root && (!basename(path).startsWith(".") || stats?.isDirectory() === false),
    });
    // `raw` and not `addDir`: it also tells of the new/ and cur/ that are ignored above.
    watcher.on("raw", (event, name) => {
      if (event === "rename" && (name === "new" || name === "cur" || name.startsWith(".") || name === basename(root)))
        this.#on.onTree();
    });
    // A folder made while the watch was being set up raised no event.
    watcher.on("ready", () => this.#on.onTree());
    watcher.on("error", (error) => this.#failed(root, error));
    return watcher;
  }
  async #dropTree(path: string): Promise<void> {
    const held = this.#trees.get(path);
    this.#trees.delete(path);
    await held?.watcher.close();
  }
  #failed(path: string, error: unknown): void {
    const code = errno(error);
    if (code === "ENOENT" || code === "ENOTDIR") return this.#on.onTree();
    if (code !== "ENOSPC" && code !== "EMFILE" && code !== "ENFILE") {
      this.#on.log.warn({ path, reason: messageOf(error) }, "cannot watch a directory; it is polled");
      return;
    }
    if (this.#exhausted) return;
    this.#exhausted = true;
    this.#on.log.warn(
      { path, code, mend: "raise fs.inotify.max_user_watches and fs.inotify.max_user_instances" },
      "the kernel gives no more file watches; maildirs are polled",
    );
  }
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    // Whatever it is, there is nothing to watch; the scan reports why.
    if (errno(error) !== undefined) return undefined;
    throw error;
  }
}
