// Days as they are stored: what each holds, its streams with their verdicts, bars and ticks; and what the analyst asks of the store for that.
import { z } from 'zod';
import { verdictSchema } from '../market/gap.ts';
import { marketSchema, venueSchema } from '../market/instrument.ts';
import { tickSchema } from '../market/tick.ts';
import { event, request } from './define.ts';

// ---------------------------------------------------------------- days

/** Streams of a day by what can be said of them; see `verdictSchema`. */
export const verdictShareSchema = z.object({
  proven: z.number().int(),
  covered: z.number().int(),
  unproved: z.number().int(),
  incomplete: z.number().int(),
});

/** One venue on one day. */
export const calendarCellSchema = z.object({
  /** Begin of the day, µs UTC. */
  dayUs: z.number().int(),
  venue: venueSchema,
  /** Trades that are stored; of a day with `pendingRows` only those that have been counted. */
  ticks: z.number().int(),
  /** Streams with at least one trade. */
  streams: z.number().int(),
  firstUs: z.number().int().nullable(),
  lastUs: z.number().int().nullable(),
  /** Gaps that touch the day, whatever became of them; unresolved: open, repairing, partial or unrecoverable; open: open or repairing. */
  gaps: z.number().int(),
  unresolvedGaps: z.number().int(),
  openGaps: z.number().int(),
  /** null: not judged yet, ask again when `analysis.summary` moved. */
  verdicts: verdictShareSchema.nullable(),
});
export type CalendarCell = z.infer<typeof calendarCellSchema>;

/** A day as a whole; there are days with gaps only. */
export const calendarDaySchema = z.object({
  dayUs: z.number().int(),
  /** Sealed files and their bytes on disk; the hot hours are not counted in bytes. */
  files: z.number().int(),
  bytes: z.number().int(),
  /** Rows of sealed files that have not been counted by venue yet. */
  pendingRows: z.number().int(),
});
export type CalendarDay = z.infer<typeof calendarDaySchema>;

/** One stream on one day. */
export const dayStreamSchema = z.object({
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  channel: z.string(),
  /** Canonical name where base and quote are known, else the symbol. */
  instrument: z.string(),
  base: z.string(),
  quote: z.string(),
  ticks: z.number().int(),
  /** Its share of the sealed files, by rows; hot rows have none. */
  bytes: z.number().int(),
  firstUs: z.number().int().nullable(),
  lastUs: z.number().int().nullable(),
  gaps: z.number().int(),
  unresolvedGaps: z.number().int(),
  openGaps: z.number().int(),
  verdict: verdictSchema,
  reasons: z.array(z.string()),
});
export type DayStream = z.infer<typeof dayStreamSchema>;

// ---------------------------------------------------------------- bars and ticks

export const barIntervals = ['1s', '5s', '15s', '1m', '5m', '15m', '1h', '4h', '1d'] as const;
export const barIntervalSchema = z.enum(barIntervals);
export type BarInterval = z.infer<typeof barIntervalSchema>;

/** Length of a bar, µs. */
export const barIntervalUs: Readonly<Record<BarInterval, number>> = {
  '1s': 1_000_000,
  '5s': 5_000_000,
  '15s': 15_000_000,
  '1m': 60_000_000,
  '5m': 300_000_000,
  '15m': 900_000_000,
  '1h': 3_600_000_000,
  '4h': 14_400_000_000,
  '1d': 86_400_000_000,
};

/** Trades of one interval, made from exact decimals; numbers for a chart. Intervals without a trade have no bar. */
export const barSchema = z.object({
  /** Begin of the interval, µs UTC. */
  us: z.number().int(),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  /** In the venue's own unit (coins or contracts). */
  volume: z.number(),
  /** In base coins and in the quote currency; null where a trade's base quantity is not known. */
  baseVolume: z.number().nullable(),
  quoteVolume: z.number().nullable(),
  /** Part of `volume` whose taker bought. */
  buyVolume: z.number(),
  trades: z.number().int(),
});
export type Bar = z.infer<typeof barSchema>;

/** Up to when an answer that includes the hot hours reaches. */
export const reachSchema = z.object({
  /** Everything that was received until here is in the answer, µs UTC; null: sealed hours only. */
  hotUntilUs: z.number().int().nullable(),
  /** With sealed hours only: hours that begin before it lie in files, apart from rows that came late; null: not known, or the hot hours are in. */
  sealedUntilUs: z.number().int().nullable(),
  /** Why it does not reach further, when it does not; empty when it reaches the store's last commit. */
  note: z.string(),
});
export type Reach = z.infer<typeof reachSchema>;

const instrumentKey = { venue: venueSchema, market: marketSchema, symbol: z.string().min(1) };

export const days = {
  /**
   * What every day of a window holds, by venue. Days begin at UTC midnight minus offsetMinutes (KST: 540). Answers with what is known at once;
   * what is not counted or judged yet is being worked on, and `analysis.summary` tells when it is worth asking again.
   */
  'analysis.calendar': request(
    'analyst',
    z.object({
      fromUs: z.number().int(),
      toUs: z.number().int(),
      offsetMinutes: z.number().int().min(-720).max(840).multipleOf(60).default(0),
    }),
    z.object({ days: z.array(calendarDaySchema), cells: z.array(calendarCellSchema), reach: reachSchema }),
    { timeoutMs: 120_000 },
  ),
  /** The work behind the calendar: sealed files that are counted by stream, of those there are. Changes when something new is known. */
  'analysis.summary': event(
    'analyst',
    z.object({
      files: z.number().int(),
      counted: z.number().int(),
      /** Files that could not be read, and why the last of them could not. */
      failed: z.number().int(),
      note: z.string(),
      /** Venue-days whose verdicts are known, of those there are in the calendar that was asked for last. */
      venueDays: z.number().int(),
      judged: z.number().int(),
      atUs: z.number().int(),
    }),
  ),
  /** The streams of a window (a day), counted and judged. */
  'analysis.day': request(
    'analyst',
    z.object({ fromUs: z.number().int(), toUs: z.number().int(), venue: venueSchema.optional() }),
    z.object({ streams: z.array(dayStreamSchema), reach: reachSchema }),
    { timeoutMs: 120_000 },
  ),
  /** Bars of one instrument out of stored ticks, oldest first; with more than `limit` the newest are given and `earlier` is true. */
  'analysis.bars': request(
    'analyst',
    z.object({
      ...instrumentKey,
      interval: barIntervalSchema,
      fromUs: z.number().int(),
      toUs: z.number().int(),
      limit: z.number().int().min(1).max(20_000).default(5000),
    }),
    z.object({
      bars: z.array(barSchema),
      /** Digits after the point that prices and quantities of the window have at most. */
      priceScale: z.number().int(),
      volumeScale: z.number().int(),
      earlier: z.boolean(),
      reach: reachSchema,
    }),
    { timeoutMs: 120_000 },
  ),
  /**
   * A page of ticks in event-time order (oldest first in the answer, whichever direction was read). Seek by atUs, or go on from a cursor of an
   * earlier page: `before` backward, `after` forward; null where nothing lies further that way.
   */
  'analysis.ticks': request(
    'analyst',
    z.object({
      venue: venueSchema.optional(),
      market: marketSchema.optional(),
      symbol: z.string().min(1).optional(),
      direction: z.enum(['forward', 'backward']).default('forward'),
      /** forward: the first tick at or after it; backward: the last before it. Without it: from the very first or last. */
      atUs: z.number().int().optional(),
      cursor: z.string().optional(),
      limit: z.number().int().min(1).max(5000).default(500),
    }),
    z.object({
      ticks: z.array(tickSchema),
      before: z.string().nullable(),
      after: z.string().nullable(),
      reach: reachSchema,
    }),
    { timeoutMs: 120_000 },
  ),

  /**
   * For the analyst: what there is to read. Exports hot rows that are not in a part yet to Parquet in `analysis/hot`, within a bound of rows and
   * time; sealed files and parts together hold every trade once. Paths are relative to the data folder.
   */
  'archive.snapshot': request(
    'store',
    z.object({
      fromUs: z.number().int().optional(),
      toUs: z.number().int().optional(),
      hot: z.boolean().default(true),
    }),
    z.object({
      sealed: z.array(
        z.object({
          path: z.string(),
          hourUs: z.number().int(),
          rows: z.number().int(),
          bytes: z.number().int(),
          fromUs: z.number().int(),
          toUs: z.number().int(),
        }),
      ),
      hot: z.array(
        z.object({
          path: z.string(),
          hourUs: z.number().int(),
          rows: z.number().int(),
          fromUs: z.number().int(),
          toUs: z.number().int(),
        }),
      ),
      reach: reachSchema,
      /** Place of this snapshot in the order of what the catalog says; goes with counts of its rows to `archive.judge`. */
      mark: z.number().int(),
    }),
    { timeoutMs: 120_000 },
  ),
  /** For the analyst: verdicts of a window out of counts that it made, and how many gaps touch each stream in it. */
  'archive.judge': request(
    'store',
    z.object({
      fromUs: z.number().int(),
      toUs: z.number().int(),
      /** That of the snapshot whose rows were counted. */
      mark: z.number().int(),
      streams: z
        .array(
          z.object({
            venue: venueSchema,
            market: marketSchema,
            symbol: z.string(),
            channel: z.string(),
            rows: z.number().int(),
            firstUs: z.number().int().nullable(),
            lastUs: z.number().int().nullable(),
            /** Rows beside the window: ids known on both sides. */
            before: z.number().int(),
            after: z.number().int(),
            oneLine: z.number().int(),
            twoLines: z.number().int(),
            backfilled: z.number().int(),
            unseen: z.number().int(),
            missingIds: z.number().int(),
            fromFirstId: z.boolean(),
          }),
        )
        .max(1000),
    }),
    z.object({
      streams: z.array(
        z.object({
          verdict: verdictSchema,
          reasons: z.array(z.string()),
          instrument: z.string(),
          base: z.string(),
          quote: z.string(),
        }),
      ),
    }),
    { timeoutMs: 60_000 },
  ),
};
