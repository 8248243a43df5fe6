/** Numbers that look random and are the same for the same seed (mulberry32): samples can be told again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** 0 ≤ x < 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }
  chance(share: number): boolean {
    return this.next() < share;
  }
  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.next() * choices.length)] ?? choices[0];
  }
  /** `length` letters of an alphabet: ids, tokens, host labels. */
  word(length: number, alphabet = "abcdefghijkmnpqrstuvwxyz23456789"): string {
    return Array.from({ length }, () => alphabet[this.whole(0, alphabet.length - 1)]).join("");
  }
  /** One of `of` words: a campaign uses its hosts for many mails. */
  reused(of: number, length: number): string {
    return new Random(length * 7919 + this.whole(1, of)).word(length);
  }
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.whole(0, 255)));
  }
  /** Fills a template as spammers do: of each `{this|that}` one is taken, from the inside out. */
  spin(template: string): string {
    const filled = template.replace(/\{([^{}]*)\}/g, (_, inner: string) => {
      const [first = "", ...more] = inner.split("|");
      return this.pick([first, ...more]);
    });
    return filled === template ? filled : this.spin(filled);
  }
}
