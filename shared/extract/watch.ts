/** Aborts when the index of the mail being read has not moved for `ms`. Starting the thread is not counted. */
export class Watch {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #index = -1;
  #since = 0;

  constructor(at: Int32Array, ms: number) {
    this.#timer = setInterval(
      () => {
        const index = Atomics.load(at, 0);
        const now = performance.now();
        if (index !== this.#index) {
          this.#index = index;
          this.#since = now;
        } else if (index >= 0 && now - this.#since >= ms) this.#abort.abort();
      },
      Math.max(1, ms / 10),
    );
  }
  get signal(): AbortSignal {
    return this.#abort.signal;
  }
  stop(): void {
    clearInterval(this.#timer);
  }
}
