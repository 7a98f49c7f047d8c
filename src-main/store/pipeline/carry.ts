// What must be remembered from one batch to the next beside streams and coverage, and its form on disk.
import { z } from 'zod';
import type { Us } from '../../../src-shared/base/time.ts';
import { assemblyForm } from './listed.ts';
import { clockForm } from './venue-clock.ts';

const expected = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('history'),
    gapId: z.string(),
    symbol: z.string(),
    channel: z.string(),
    status: z.number(),
    recheck: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('instruments'),
    venue: z.string(),
    market: z.string(),
    page: z.number().default(1),
    last: z.boolean().default(true),
  }),
  z.object({ kind: z.literal('notices'), venue: z.string() }),
]);
/** What the next data record of a line is the reply to. */
export type Expected = z.infer<typeof expected>;

const list = z.object({
  /** When the newest whole list was read, or was said to be unchanged. */
  readUs: z.number(),
  /** Pages of the next one, when its last has not come. */
  pages: assemblyForm.optional(),
});
/** How far the reading of a market's symbol list has come. */
export type ListReading = z.infer<typeof list>;

const causes = z.enum(['halt', 'host-asleep']);

/** What the back-fill of a gap brought so far. */
const historyForm = z.object({
  rows: z.number(),
  stored: z.number(),
  /** Rows or whole pages that could not be read. */
  refused: z.number().default(0),
  /** Pages that came, readable or not. */
  pages: z.number().default(0),
});
export type HistoryCount = z.output<typeof historyForm>;

const form = z.object({
  last: z.array(z.tuple([z.number(), z.number()])),
  expected: z.array(z.tuple([z.number(), expected])),
  history: z.array(z.tuple([z.string(), historyForm])),
  damagedFromUs: z.number().nullable(),
  cause: causes.nullable(),
  stopped: z.boolean().default(false),
  ticks: z.array(z.tuple([z.string(), z.number()])),
  clocks: z.array(z.tuple([z.string(), clockForm])).default([]),
  /** In the place of clocks, by an earlier version: the larger lead of both windows. */
  leads: z.array(z.tuple([z.string(), z.number()])).default([]),
  lists: z.array(z.tuple([z.string(), list])).default([]),
  frame: z.number(),
  recvUs: z.number(),
});

/** Back-fills whose end never came are forgotten beyond this many. */
const HISTORY_KEPT = 1000;

export class Carry {
  /** Receive time of the last data record, or other sign of life, by line number. */
  readonly lastRecvUs: (Us | undefined)[] = [];
  readonly expected = new Map<number, Expected>();
  /** By gap. */
  readonly history = new Map<string, HistoryCount>();
  /** Receive time before damage in the journal whose end is not known yet. */
  damagedFromUs: Us | null = null;
  /** Why lines are being closed, when it is not their own doing. */
  cause: z.infer<typeof causes> | null = null;
  /** The recorder ended on purpose and has not begun again. */
  stopped = false;
  readonly ticks = new Map<string, number>();
  /** How far the venue's clock is ahead of ours, by market. */
  readonly clocks = new Map<string, z.output<typeof clockForm>>();
  /** By market. */
  readonly lists = new Map<string, ListReading>();
  frame = 0;
  recvUs: Us = 0;

  historyOf(gapId: string): HistoryCount {
    let count = this.history.get(gapId);
    if (!count) {
      count = { rows: 0, stored: 0, refused: 0, pages: 0 };
      this.history.set(gapId, count);
      if (this.history.size > HISTORY_KEPT) {
        for (const oldest of this.history.keys()) {
          this.history.delete(oldest);
          break;
        }
      }
    }
    return count;
  }

  dump(): string {
    return JSON.stringify({
      last: this.lastRecvUs.flatMap((us, lineNo) => (us === undefined ? [] : [[lineNo, us]])),
      expected: [...this.expected],
      history: [...this.history],
      damagedFromUs: this.damagedFromUs,
      cause: this.cause,
      stopped: this.stopped,
      ticks: [...this.ticks],
      clocks: [...this.clocks],
      lists: [...this.lists],
      frame: this.frame,
      recvUs: this.recvUs,
    } satisfies z.input<typeof form> | { last: number[][] });
  }

  load(text: string): void {
    const found = form.parse(JSON.parse(text));
    for (const [lineNo, us] of found.last) this.lastRecvUs[lineNo] = us;
    for (const [lineNo, what] of found.expected) this.expected.set(lineNo, what);
    for (const [gapId, count] of found.history) this.history.set(gapId, count);
    this.damagedFromUs = found.damagedFromUs;
    this.cause = found.cause;
    this.stopped = found.stopped;
    for (const [name, ticks] of found.ticks) this.ticks.set(name, ticks);
    for (const [name, us] of found.leads) this.clocks.set(name, [null, us, 0]);
    for (const [name, clock] of found.clocks) this.clocks.set(name, clock);
    for (const [name, reading] of found.lists) this.lists.set(name, reading);
    this.frame = found.frame;
    this.recvUs = found.recvUs;
  }
}
