// How long records took from arrival to durable, over the last seconds. One entry a sync, spread evenly between its
// oldest and its newest record, so the hot path pays nothing for it.
const KEEP_MS = 5000;
const STEPS = 8;

interface Sync {
  readonly atMs: number;
  readonly longestMs: number;
  readonly shortestMs: number;
  readonly records: number;
}

export class DelayWindow {
  #syncs: Sync[] = [];
  #first = 0;

  add(nowMs: number, oldestMs: number, newestMs: number, records: number): void {
    if (records === 0) return;
    this.#syncs.push({ atMs: nowMs, longestMs: nowMs - oldestMs, shortestMs: Math.max(0, nowMs - newestMs), records });
    while ((this.#syncs[this.#first]?.atMs ?? nowMs) < nowMs - KEEP_MS) this.#first += 1;
    if (this.#first > 1024) {
      this.#syncs = this.#syncs.slice(this.#first);
      this.#first = 0;
    }
  }

  summary(nowMs: number): { p50: number; p99: number; max: number } {
    const samples: { ms: number; weight: number }[] = [];
    let total = 0;
    let max = 0;
    for (let i = this.#first; i < this.#syncs.length; i += 1) {
      const sync = this.#syncs[i];
      if (!sync || sync.atMs < nowMs - KEEP_MS) continue;
      max = Math.max(max, sync.longestMs);
      total += sync.records;
      const weight = sync.records / STEPS;
      for (let step = 0; step < STEPS; step += 1) {
        const share = (step + 0.5) / STEPS;
        samples.push({ ms: sync.shortestMs + (sync.longestMs - sync.shortestMs) * share, weight });
      }
    }
    samples.sort((a, b) => a.ms - b.ms);
    const at = (share: number): number => {
      let seen = 0;
      for (const sample of samples) {
        seen += sample.weight;
        if (seen >= total * share) return sample.ms;
      }
      return samples.at(-1)?.ms ?? 0;
    };
    return { p50: at(0.5), p99: at(0.99), max };
  }
}
