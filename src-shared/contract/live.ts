// What Live asks for beside the meters: the streams that move most, and what happened lately.
import { z } from 'zod';
import { marketSchema, venueSchema } from '../market/instrument.ts';
import { request } from './define.ts';

export const moverSchema = z.object({
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  channel: z.string(),
  /** Ticks per second as received (both lines count), over the last five seconds, and over the last minutes before (weighted, about three). */
  nowPerSecond: z.number(),
  /** As now, until half a minute is known. */
  usualPerSecond: z.number(),
  /** Rows received since the store started counting. */
  ticks: z.number().int(),
});
export type Mover = z.infer<typeof moverSchema>;

export const happeningKinds = ['line', 'gap', 'listing', 'extract', 'disk', 'process', 'note'] as const;
export const happenings = [
  'line-lost',
  'line-back',
  'line-renewed',
  'line-stopped',
  'line-started',
  'line-behind',
  'line-refused',
  'frames-lost',
  'gap-opened',
  'gap-repaired',
  'gap-partial',
  'gap-unrecoverable',
  'gap-venue-hole',
  'listing-seen',
  'extract-done',
  'extract-failed',
  'extract-cancelled',
  'disk',
  'recorder-started',
  'recorder-stopped',
  'recorder-halted',
  'recorder-resumed',
  'computer-slept',
  'computer-woke',
  'store-started',
  'note',
] as const;

export const happeningSchema = z.object({
  /** The same however often it is asked for. */
  id: z.string(),
  atUs: z.number().int(),
  kind: z.enum(happeningKinds),
  what: z.enum(happenings),
  /** A line, a stream or a market, a coin; '' where it concerns the whole. */
  subject: z.string(),
  /** Gaps of one market and cause that opened or closed in the same second are one entry. */
  count: z.number().int(),
  /** The recorder's own words. */
  note: z.string(),
  /** line-back: how long it was away, ms. */
  awayMs: z.number().nullable(),
  /** What to open for its evidence: a line's, gap's or listing's id; null: nothing. */
  ref: z.string().nullable(),
});
export type Happening = z.infer<typeof happeningSchema>;

export const live = {
  /** The busiest streams now, or those whose rate rose most against their own last minutes. all: streams that are counted. */
  'live.movers': request(
    'store',
    z.object({
      by: z.enum(['rise', 'rate']).default('rise'),
      limit: z.number().int().min(1).max(500).default(12),
    }),
    z.object({ streams: z.array(moverSchema), all: z.number().int(), moving: z.number().int() }),
  ),
  /** Newest first, out of what is on disk, so that a reload or a restart loses none of it. */
  'live.happened': request(
    'store',
    z.object({
      kinds: z.array(z.enum(happeningKinds)).optional(),
      limit: z.number().int().min(1).max(500).default(200),
    }),
    z.object({ entries: z.array(happeningSchema) }),
  ),
};
