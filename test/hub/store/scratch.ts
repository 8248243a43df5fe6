import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Store } from "../../../hub/store/contract.ts";
import { openStore } from "../../../hub/store/store.ts";

/** Directories and stores of a test file, gone when it ends. */
export class Scratch {
  readonly #directories: string[] = [];
  readonly #stores: Store[] = [];

  constructor() {
    after(() => this.#end());
  }
  directory(): string {
    const made = mkdtempSync(join(tmpdir(), "tip-store-"));
    this.#directories.push(made);
    return made;
  }
  async store(directory = this.directory(), mode: "serve" | "cli" = "serve"): Promise<Store> {
    const store = await openStore({ directory, mode });
    this.#stores.push(store);
    return store;
  }
  async #end(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
    for (const directory of this.#directories) rmSync(directory, { recursive: true });
  }
}
