// Whose turn it is to ask a venue over REST: what keeps lines alive first, then symbol lists, then repair; pages and candles to compare with
// come last, and never with more than two fifths and a fifth of the budget. Within a rank first come, first served. Promises: the venue's budget is never exceeded, whoever asks.
import { Backoff, type BudgetMemory, memoryOf, type Rate, RateBudget } from '../base/net.ts';

export const turns = ['dial', 'list', 'repair', 'pages', 'candles'] as const;
export type Turn = (typeof turns)[number];

/** The shares of the budget that comparisons may take. */
const SHARES: ReadonlyMap<Turn, number> = new Map([
  ['pages', 0.4],
  ['candles', 0.2],
]);
/** After a failure of the network or the server nobody but a dialling line asks for this long, doubling: an outage is not met with a storm. */
const TROUBLE_MS = 250;
const LONGEST_TROUBLE_MS = 15_000;
/** A venue that refuses the question after a refusal too is left alone this long at least, doubling: who goes on asking as often as it allows is banned. */
const AGAIN_MS = 2000;
/** Whether a venue answers that nobody has asked for so long is not known. */
const UNKNOWN_MS = 30_000;
const LONGEST_AGAIN_MS = 15_000;

interface Waiting {
  readonly weight: number;
  readonly turn: Turn;
  readonly settle: (answered: (() => void) | null) => void;
  /** What it costs of the share of its turn is taken. */
  paid: boolean;
}

/** That a venue wants to be left alone, or cannot answer. */
export interface Refusing {
  /** For how long it has not answered, ms. */
  readonly sinceMs: number;
  /** For how long nobody asks, ms; 0: what waits is asked as soon as the answer that is under way is there. */
  readonly forMs: number;
  /** What the venue said, or what failed on the way to it; null: it said so to the process before this one. */
  readonly note: string | null;
}

export class Turns {
  readonly #budget: RateBudget;
  readonly #shares: ReadonlyMap<Turn, RateBudget>;
  readonly #waiting = new Map<Turn, Waiting[]>(turns.map((turn) => [turn, []]));
  readonly #trouble = new Backoff(TROUBLE_MS, LONGEST_TROUBLE_MS);
  #quietUntilMs = 0;
  /** A server in trouble named this time: nobody but a dialling line asks before. */
  #awayUntilMs = 0;
  /** Refusals one after another. */
  #refusals = 0;
  /** What it said when it last refused or could not. */
  #said: string | null = null;
  /** Since when it has not answered, and when it last said so. */
  #failing: { readonly sinceMs: number; readonly lastMs: number } | null = null;
  /** Questions that are asked but not answered, those of dialling lines apart. */
  #underWay = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(rate: Rate, memory: BudgetMemory | null = null) {
    this.#budget = new RateBudget(rate, memory);
    // The process before this one was refused.
    if (this.#budget.closedMs > 0) {
      this.#refusals = 1;
      this.#fails();
    }
    const { weight, perMs } = rate;
    this.#shares = new Map(
      [...SHARES].map(([turn, part]) => [
        turn,
        new RateBudget({ weight: Math.max(1, Math.floor(weight * part)), perMs }),
      ]),
    );
  }

  /** For how long the venue wants to be left alone, ms. */
  get closedMs(): number {
    return this.#budget.closedMs;
  }

  /** null: it answers, or nobody asks it. */
  get refusing(): Refusing | null {
    const forMs = Math.max(this.closedMs, Math.max(this.#awayUntilMs, this.#quietUntilMs) - performance.now());
    const waits = this.#underWay > 0 || [...this.#waiting.values()].some((line) => line.length > 0);
    const now = performance.now();
    const { sinceMs, lastMs } = this.#failing ?? { sinceMs: now, lastMs: Number.NEGATIVE_INFINITY };
    if (forMs <= 0 && !(this.#failing && (waits || now < lastMs + UNKNOWN_MS))) return null;
    return { sinceMs: now - sinceMs, forMs: Math.max(0, forMs), note: this.#said };
  }

  /** Waits for its turn and for the budget: what to call when the answer is there, or null when cancelled. */
  acquire(weight: number, turn: Turn, signal?: AbortSignal): Promise<(() => void) | null> {
    if (signal?.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const line = this.#lineOf(turn);
      const cancel = (): void => {
        const at = line.indexOf(waiting);
        if (at >= 0) line.splice(at, 1);
        resolve(null);
      };
      const settle = (answered: (() => void) | null): void => {
        signal?.removeEventListener('abort', cancel);
        resolve(answered);
      };
      const waiting: Waiting = { weight, turn, settle, paid: !this.#shares.has(turn) };
      signal?.addEventListener('abort', cancel, { once: true });
      line.push(waiting);
      this.#go();
    });
  }

  /** The venue refused, and wants to be left alone. Until it answers again one question at a time finds out whether it does. */
  refused(forMs: number, said: string): void {
    this.#fails(said);
    // Questions that were under way together are one refusal.
    const again = this.#budget.closedMs === 0;
    const leastMs = again && this.#refusals > 0 ? AGAIN_MS * 2 ** (this.#refusals - 1) : 0;
    if (again) this.#refusals += 1;
    this.#budget.close(Math.max(forMs, Math.min(LONGEST_AGAIN_MS, leastMs)));
  }

  /** The venue answered. What was asked before it refused says nothing of what it does now. */
  granted(): void {
    if (this.#budget.closedMs === 0 && performance.now() >= this.#awayUntilMs) this.#failing = null;
    if (this.#refusals === 0 || this.#budget.closedMs > 0) return;
    this.#refusals = 0;
    this.#go();
  }

  /** The venue cannot answer this question, and named a time or is given one: until then nobody asks but a dialling line, whose question may be answered all the same. */
  away(forMs: number, said: string): void {
    this.#fails(said);
    this.#awayUntilMs = Math.max(this.#awayUntilMs, performance.now() + forMs);
  }

  /** The last request was answered, or failed in the network (said: how) or the server. */
  heard(well: boolean, said: string | null = null): void {
    if (!well) this.#fails(said ?? this.#said);
    if (well) {
      this.#trouble.reset();
      this.#quietUntilMs = 0;
      return;
    }
    const now = performance.now();
    // Requests that were under way together are one failure.
    if (now < this.#quietUntilMs) return;
    if (this.#trouble.attempts === 0) this.#trouble.next();
    this.#quietUntilMs = now + this.#trouble.next();
  }

  #fails(said: string | null = null): void {
    const now = performance.now();
    this.#said = said;
    this.#failing = { sinceMs: this.#failing?.sinceMs ?? now, lastMs: now };
  }

  #lineOf(turn: Turn): Waiting[] {
    return this.#waiting.get(turn) ?? [];
  }

  #go(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (;;) {
      const waitMs = this.#next();
      if (waitMs === 0) continue;
      if (Number.isFinite(waitMs)) this.#timer = setTimeout(() => this.#go(), waitMs);
      return;
    }
  }

  /** 0: one was let go. Else for how long nobody can be; Infinity: nobody waits. Who waits for its own share does not hold up those behind it. */
  #next(): number {
    let leastMs = Number.POSITIVE_INFINITY;
    for (const turn of turns) {
      const line = this.#lineOf(turn);
      const [first] = line;
      if (!first) continue;
      const quietMs = turn === 'dial' ? 0 : Math.max(this.#quietUntilMs, this.#awayUntilMs) - performance.now();
      if (quietMs > 0) return Math.min(leastMs, Math.ceil(quietMs));
      // The answer to the question that is under way wakes those that wait for it.
      if (turn !== 'dial' && this.#refusals > 0 && this.#underWay > 0) return leastMs;
      if (!first.paid) {
        const shareMs = this.#shares.get(turn)?.take(first.weight) ?? 0;
        leastMs = Math.min(leastMs, shareMs > 0 ? shareMs : leastMs);
        if (shareMs > 0) continue;
        first.paid = true;
      }
      const held = this.#budget.hold(first.weight);
      if (typeof held === 'number') return Math.min(leastMs, held);
      line.shift();
      const counted = turn === 'dial' ? 0 : 1;
      this.#underWay += counted;
      first.settle(() => {
        this.#underWay -= counted;
        held();
        this.#go();
      });
      return 0;
    }
    return leastMs;
  }
}

const shared = new Map<string, Turns>();

/** One queue for everyone in this process who asks the same endpoint from the same address. */
export function sharedTurns(key: string, rate: Rate): Turns {
  let found = shared.get(key);
  if (!found) {
    found = new Turns(rate, memoryOf(key));
    shared.set(key, found);
  }
  return found;
}
