/**
 * Charikar's simhash over pairs of neighbouring words, 64 bits: two texts that differ in few words have keys that
 * differ in few bits. Only ones are counted, a bit each, four counters of eight bits to an integer: 16 additions a
 * word instead of 64.
 */
export class Simhash {
  readonly #ones = new Int32Array(64);
  readonly #packed = new Int32Array(16);
  #pending = 0;
  #words = 0;
  #before = 0;

  get words(): number {
    return this.#words;
  }
  /** `word` is any 32-bit hash of it. */
  add(word: number): void {
    this.#words++;
    if (this.#words > mostWords) return;
    const low = mix(word ^ Math.imul(this.#before, 0x9e3779b1));
    const high = mix(low ^ 0x9e3779b9);
    this.#before = word;
    const packed = this.#packed;
    for (let byte = 0; byte < 4; byte++) {
      const l = ((low >>> (byte * 8)) & 0xff) * 2;
      const h = ((high >>> (byte * 8)) & 0xff) * 2;
      packed[byte * 2]! += spread[l]!;
      packed[byte * 2 + 1]! += spread[l + 1]!;
      packed[8 + byte * 2]! += spread[h]!;
      packed[9 + byte * 2]! += spread[h + 1]!;
    }
    if (++this.#pending === 255) this.#flush();
  }
  #flush(): void {
    for (let bit = 0; bit < 64; bit++) this.#ones[bit]! += (this.#packed[bit >> 2]! >>> ((bit & 3) * 8)) & 0xff;
    this.#packed.fill(0);
    this.#pending = 0;
  }
  hex(): string {
    this.#flush();
    let text = "";
    for (let bit = 60; bit >= 0; bit -= 4) {
      let digit = 0;
      for (let i = 0; i < 4; i++) if (this.#ones[bit + i]! * 2 > Math.min(this.#words, mostWords)) digit |= 1 << i;
      text += digit.toString(16);
    }
    return text;
  }
}

/** Beyond these a text is well enough known. */
const mostWords = 500;

/** A byte's bits, each in a byte of its own: two integers for each of 256. */
const spread = Int32Array.from({ length: 512 }, (_, i) => {
  const half = (i >> 1) >> ((i & 1) * 4);
  return (half & 1) | ((half & 2) << 7) | ((half & 4) << 14) | ((half & 8) << 21);
});

/** The finaliser of MurmurHash3 (Appleby, public domain). */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
