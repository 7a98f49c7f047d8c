// Equal rows of a venue that gives no ids (IdRule multiset), told apart by counting them per connection: the nth gets `-n` behind its key.
// Promises: the union over connections and history pages is the maximum per row, never the sum; a restart between two equal rows changes nothing.
import { z } from 'zod';
import type { Us } from '../../../src-shared/base/time.ts';
import type { TickCells } from '../../feeds/feed.ts';

/**
 * Equal rows carry the same nanosecond, so the second follows the first within a message or the next few (messages of 20 ms). Counts are
 * kept for this much event time before the newest row of the connection, and for this many rows; rows of the newest time itself are never
 * forgotten for their number, short of RING_MOST.
 */
const RING_US = 2_000_000;
const RING_ROWS = 512;
const RING_MOST = 20_000;
/** Frames in which a repeat of an earlier one is recognised. All of them survive a restart: what a replay gives must not hang on where batches ended. */
const PRINTS = 32;

interface Count {
  readonly key: string;
  n: number;
  readonly us: Us;
  /** The row that came next: a map is slow to find its first entry among many that were deleted. */
  next: Count | null;
}

/** What one connection brought lately. */
interface Ring {
  newestUs: Us;
  readonly counts: Map<string, Count>;
  /** Of the counts, as they came. */
  first: Count | null;
  last: Count | null;
  /** The frame in hand, and its own counts when it repeats what came before. */
  frame: number;
  own: Map<string, number> | null;
  /** Fingerprints of the latest frames, where the venue never sends two alike; newest last. */
  readonly prints: number[];
  /** The first frame of the connection, and its oldest row. */
  readonly born: number;
  readonly reachUs: Us;
  /** The frame in hand tells of the past: the first after the connection opened, or one that repeats. */
  past: boolean;
}

export const copiesForm = z.array(
  z.tuple([
    z.number(),
    z.number(),
    z.array(z.tuple([z.string(), z.number(), z.number()])),
    z.array(z.number()).optional(),
  ]),
);

export class Copies {
  /** By journal line number: connections that overlap have different ones. */
  readonly #rings = new Map<number, Ring>();
  #pageFrame = -1;
  readonly #page = new Map<string, number>();

  /**
   * Completes the id of a row that a connection brought. True when its frame tells of the past: its rows say nothing of clocks.
   * print: the frame's fingerprint where the venue never sends two alike, else 0. snapshot: the venue says that it is one.
   */
  ofLine(cells: TickCells, lineNo: number, frame: number, print = 0, snapshot = false): boolean {
    let ring = this.#rings.get(lineNo);
    if (!ring) {
      ring = {
        newestUs: 0,
        counts: new Map(),
        first: null,
        last: null,
        frame,
        own: null,
        past: true,
        prints: print === 0 ? [] : [print],
        born: frame,
        reachUs: cells.eventUs,
      };
      this.#rings.set(lineNo, ring);
    }
    const { eventUs } = cells;
    if (ring.frame !== frame) {
      ring.frame = frame;
      // A venue that repeats a snapshot on a living connection (asked twice, for it was late to answer) prints nothing new by it: counted on
      // its own, the maximum stands. One that does not say what it is shows itself by rows from before the newest one.
      ring.past = snapshot || eventUs < ring.newestUs || saidBefore(ring, print);
      ring.own = ring.past ? new Map() : null;
    }
    const key = keyOf(cells);
    const known = ring.counts.get(key);
    let n = (known?.n ?? 0) + 1;
    if (ring.own) {
      n = (ring.own.get(key) ?? 0) + 1;
      ring.own.set(key, n);
    }
    if (known) known.n = Math.max(known.n, n);
    else if (eventUs >= ring.newestUs - RING_US) append(ring, key, n, eventUs);
    if (eventUs > ring.newestUs) ring.newestUs = eventUs;
    prune(ring);
    complete(cells, key, n);
    return ring.past;
  }

  /** Completes the id of a row of a history page: a page is counted on its own. */
  ofPage(cells: TickCells, frame: number): void {
    if (this.#pageFrame !== frame) {
      this.#pageFrame = frame;
      this.#page.clear();
    }
    const key = keyOf(cells);
    const n = (this.#page.get(key) ?? 0) + 1;
    this.#page.set(key, n);
    complete(cells, key, n);
  }

  /** How far back a connection's first frame reached, when this is that frame; else null. */
  reachOf(lineNo: number, frame: number): Us | null {
    const ring = this.#rings.get(lineNo);
    return ring?.born === frame ? ring.reachUs : null;
  }

  /** A new connection of this line number: counting begins anew. True when there was something to forget. */
  opened(lineNo: number): boolean {
    return this.#rings.delete(lineNo);
  }

  get isEmpty(): boolean {
    return this.#rings.size === 0;
  }

  dump(): z.input<typeof copiesForm> {
    return [...this.#rings].map(([lineNo, { newestUs, counts, prints }]) => [
      lineNo,
      newestUs,
      [...counts].map(([key, { n, us }]) => [key, n, newestUs - us]),
      [...prints],
    ]);
  }

  load(form: z.output<typeof copiesForm>): void {
    for (const [lineNo, newestUs, rows, prints = []] of form) {
      const ring: Ring = {
        newestUs,
        counts: new Map(),
        first: null,
        last: null,
        frame: -1,
        own: null,
        past: false,
        prints: [...prints],
        born: -1,
        reachUs: newestUs,
      };
      for (const [key, n, ageUs] of rows) append(ring, key, n, newestUs - ageUs);
      this.#rings.set(lineNo, ring);
    }
  }
}

/** Whether this frame came before; it is remembered. */
function saidBefore(ring: Ring, print: number): boolean {
  if (print === 0) return false;
  if (ring.prints.includes(print)) return true;
  ring.prints.push(print);
  if (ring.prints.length > PRINTS) ring.prints.shift();
  return false;
}

function keyOf(cells: TickCells): string {
  return cells.idNumber >= 0 ? String(cells.idNumber) : cells.idText;
}

function complete(cells: TickCells, key: string, n: number): void {
  if (n === 1) return;
  cells.idText = `${key}-${n}`;
  cells.idNumber = -1;
  cells.firstIdNumber = -1;
}

function append(ring: Ring, key: string, n: number, us: Us): void {
  const one: Count = { key, n, us, next: null };
  ring.counts.set(key, one);
  if (ring.last) ring.last.next = one;
  else ring.first = one;
  ring.last = one;
}

/** Oldest first; rows come nearly in order, so the first that stays ends it. */
function prune(ring: Ring): void {
  for (let one = ring.first; one; one = ring.first) {
    const old = one.us < ring.newestUs - RING_US;
    const many = ring.counts.size > RING_ROWS && (one.us < ring.newestUs || ring.counts.size > RING_MOST);
    if (!old && !many) return;
    ring.counts.delete(one.key);
    ring.first = one.next;
    if (!ring.first) ring.last = null;
  }
}
