// What lines share so that they do not get in each other's way: who may renew, how many connections a client address may hold,
// and how far reconnects are spread when many connections are lost together.

/** Lets only one line of a market renew at a time, so that its other line stands while one changes over. */
export class RenewGate {
  /** Connections that are changed over, by line. */
  readonly #renewing = new Map<number, number>();

  /** False: the other line renews. */
  enter(line: number): boolean {
    if ([...this.#renewing.keys()].some((other) => other !== line)) return false;
    this.force(line);
    return true;
  }

  /** A renewal that cannot wait (an end that was announced, a person's word): the other line does not begin while it lasts. */
  force(line: number): void {
    this.#renewing.set(line, (this.#renewing.get(line) ?? 0) + 1);
  }

  leave(line: number): void {
    const left = (this.#renewing.get(line) ?? 0) - 1;
    if (left > 0) this.#renewing.set(line, left);
    else this.#renewing.delete(line);
  }
}

/** Connections beyond one per line that a client address may hold at a time: a renewal needs one until the old connection is gone. */
export class Spares {
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  take(): boolean {
    if (this.#free <= 0) return false;
    this.#free -= 1;
    return true;
  }

  give(): void {
    this.#free += 1;
  }
}

const TOGETHER_MS = 1000;
/** So many losses within a second are each line's own; they are answered at once. */
const FEW = 2;
const SPREAD_EACH_MS = 25;
const SPREAD_MOST_MS = 3000;

/** Over all venues: connections that were lost together do not come back in one instant. */
export class Spread {
  #lostMs: number[] = [];

  /** A connection was lost: how long its line is to wait beyond its own backoff, ms. */
  lost(nowMs = performance.now()): number {
    this.#lostMs = this.#lostMs.filter((atMs) => nowMs - atMs < TOGETHER_MS);
    this.#lostMs.push(nowMs);
    const together = this.#lostMs.length;
    return together <= FEW ? 0 : Math.round(Math.random() * Math.min(SPREAD_MOST_MS, together * SPREAD_EACH_MS));
  }
}
