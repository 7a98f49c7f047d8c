// What is remembered of one child across its deaths: when it started, what it uses, how it ended each time. Bounded.
import { performance } from 'node:perf_hooks';
import type { ProcessLife } from '../../../src-shared/contract/health.ts';

const ENDS_KEPT = 20;
/** The share of a processor is taken over at least this long, ms. */
const OVER_MS = 1000;

export class LifeRecord {
  #startedUs: number | null = null;
  #rssBytes: number | null = null;
  #cpuPercent: number | null = null;
  #cpu: { readonly atMs: number; readonly us: number } | null = null;
  #ends: ProcessLife['ends'] = [];
  #unwanted = 0;

  started(): void {
    this.#startedUs = Date.now() * 1000;
    this.#forget();
  }

  beat(rssBytes: number | undefined, cpuUs: number | undefined): void {
    this.#rssBytes = rssBytes ?? null;
    if (cpuUs === undefined) return;
    const atMs = performance.now();
    if (this.#cpu === null || cpuUs < this.#cpu.us) this.#cpu = { atMs, us: cpuUs };
    const passedMs = atMs - this.#cpu.atMs;
    if (passedMs < OVER_MS) return;
    this.#cpuPercent = Math.round((cpuUs - this.#cpu.us) / passedMs) / 10;
    this.#cpu = { atMs, us: cpuUs };
  }

  /** wanted: it was asked to leave. */
  ended(how: string, words: string, wanted: boolean): void {
    this.#startedUs = null;
    this.#forget();
    if (wanted) return;
    this.#unwanted += 1;
    this.#ends = [{ atUs: Date.now() * 1000, how, words }, ...this.#ends].slice(0, ENDS_KEPT);
  }

  /** Ends that nobody asked for, since the host started. */
  get unwanted(): number {
    return this.#unwanted;
  }

  view(): Pick<ProcessLife, 'startedUs' | 'rssBytes' | 'cpuPercent' | 'ends'> {
    return {
      startedUs: this.#startedUs,
      rssBytes: this.#rssBytes,
      cpuPercent: this.#cpuPercent,
      ends: this.#ends,
    };
  }

  #forget(): void {
    this.#rssBytes = null;
    this.#cpuPercent = null;
    this.#cpu = null;
  }
}
