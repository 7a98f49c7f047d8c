// What changed lately, in memory, so that rows which were read before a change are not judged by what was said after it.

/** Marks count on over all journals of a process, and begin beyond those of any earlier one. */
let newest = Date.now() * 1024;

/** Now, as a place in the order of changes. */
export function mark(): number {
  return newest;
}

const KEPT_MS = 900_000;
/** Some 150 bytes each; 5,000 streams that are compared with candles change as many minutes a minute. */
const KEPT = 100_000;

export class Recent<T> {
  /** Marks up to this one are too old to say what followed them. */
  #before = newest;
  #changes: { readonly mark: number; readonly atMs: number; readonly what: T }[] = [];

  add(what: T): void {
    newest += 1;
    const nowMs = performance.now();
    this.#changes.push({ mark: newest, atMs: nowMs, what });
    const [oldest] = this.#changes;
    if (this.#changes.length <= KEPT && oldest && oldest.atMs >= nowMs - 2 * KEPT_MS) return;
    const kept = this.#changes.slice(-KEPT / 2).filter(({ atMs }) => atMs >= nowMs - KEPT_MS);
    this.#before = (kept[0]?.mark ?? newest + 1) - 1;
    this.#changes = kept;
  }

  /** What changed after a mark; null when that is longer ago than is remembered, or was in an earlier process. */
  since(then: number): T[] | null {
    if (then < this.#before) return null;
    const found: T[] = [];
    for (let at = this.#changes.length - 1; at >= 0; at -= 1) {
      const change = this.#changes[at];
      if (!change || change.mark <= then) break;
      found.push(change.what);
    }
    return found;
  }
}
