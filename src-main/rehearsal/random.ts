// Seeded randomness: the same seed gives the same numbers on every machine. Never for secrets.

/** A small fast generator (sfc32). Each stream has its own, so that one stream's draws never depend on another's. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Equal seed and name give an equal sequence. */
  constructor(seed: number, name: string) {
    const hash = fnv1a(`${seed}/${name}`);
    this.#a = hash | 0;
    this.#b = (seed ^ 0x9e3779b9) | 0;
    this.#c = (hash ^ 0x243f6a88) | 0;
    this.#d = 1;
    for (let i = 0; i < 12; i += 1) this.bits();
  }

  /** 32 random bits, signed. */
  bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return sum;
  }

  /** 0 <= x < 1. */
  unit(): number {
    return (this.bits() >>> 0) / 4294967296;
  }

  /** Whole number, 0 <= x < below. */
  whole(below: number): number {
    return Math.floor(this.unit() * below);
  }

  /** Waiting time of a Poisson process with one event per unit of time. */
  exponential(): number {
    return -Math.log(1 - this.unit());
  }

  /** Mean 0, variance 1; the sum of twelve, which is near enough to a bell for prices. */
  bell(): number {
    let sum = -6;
    for (let i = 0; i < 12; i += 1) sum += this.unit();
    return sum;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.whole(list.length)] ?? list[0];
  }
}

/** 32-bit FNV-1a of a text's UTF-16 units. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
