// Small numbers: a seeded generator, so that a drill can be repeated, percentiles of a list, and what in a report must be 0.

/** mulberry32: uniform in [0, 1), the same for the same seed on every machine. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function percentile(values: readonly number[]): { p50: number; p95: number; p99: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** What no report of any drill may hold: a number above 0, or a list with something in it. */
const NEVER = ['unexplained', 'foreign', 'doubles', 'wrong'];

/** The figures of a report that must be 0 and are not, each with its place in it, e.g. "audit.markets.okx:spot.doubles: 3". */
export function wrongFigures(report: unknown, place = ''): string[] {
  if (typeof report !== 'object' || report === null) return [];
  return Object.entries(report).flatMap(([name, value]: [string, unknown]) => {
    const here = place === '' ? name : `${place}.${name}`;
    if (!NEVER.includes(name)) return wrongFigures(value, here);
    const count = Array.isArray(value) ? value.length : value;
    return count === 0 ? [] : [`${here}: ${String(count)}`];
  });
}
