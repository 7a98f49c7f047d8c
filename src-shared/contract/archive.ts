// What is held: the balance sheet, the disk, and the ticks themselves in pages.
import { z } from 'zod';
import { instrumentSchema, marketSchema, venueSchema } from '../market/instrument.ts';
import { tickSchema } from '../market/tick.ts';
import { event, request } from './define.ts';
import { settingsSchema } from './settings.ts';

/** Over the life of the data folder, as of the store's last commit: frames = control + data + other + rejected, ticks = stored + duplicates. */
export const totalsSchema = z.object({
  frames: z.number().int(),
  control: z.number().int(),
  data: z.number().int(),
  other: z.number().int(),
  rejected: z.number().int(),
  ticks: z.number().int(),
  stored: z.number().int(),
  duplicates: z.number().int(),
  /** Rows inside readable frames that were refused one by one; a frame that lost all its rows counts as rejected, else as data. */
  rejectedRows: z.number().int(),
});
export type Totals = z.infer<typeof totalsSchema>;

export const diskStates = ['ok', 'warn', 'pruning', 'halted', 'failed'] as const;

export const storeMeterSchema = z.object({
  atUs: z.number().int(),
  /** Last journal frame whose ticks are committed. */
  frame: z.number().int(),
  /** Durable frames not yet committed, and how old the oldest of them is. */
  lagFrames: z.number().int(),
  lagMs: z.number(),
  /** Receive to queryable, of the commits of the last seconds. */
  queryableDelayMs: z.object({ p50: z.number(), p99: z.number() }),
  /** Durable to queryable of the same commits, true to one sync of the journal. */
  storingDelayMs: z.object({ p50: z.number(), p99: z.number() }),
  totals: totalsSchema,
  /** Trades that were new, each once, per second. */
  tradesPerSecond: z.number(),
  /** As received: every copy of a trade that a line or the venue's history brought. */
  ticksPerSecond: z.number(),
  venues: z.array(
    z.object({
      venue: venueSchema,
      tradesPerSecond: z.number(),
      /** Trades stored in all, each once; ticks: with their copies. */
      trades: z.number().int(),
      ticksPerSecond: z.number(),
      ticks: z.number().int(),
      /** The venue's stamp to our receipt, of the last seconds' trades, of its later market; the difference of both clocks is in it. null: none came. */
      arrivalMs: z.object({ p50: z.number(), p99: z.number() }).nullable(),
    }),
  ),
  gaps: z.object({
    open: z.number().int(),
    repairing: z.number().int(),
    repaired: z.number().int(),
    partial: z.number().int(),
    unrecoverable: z.number().int(),
    venueHole: z.number().int(),
  }),
  disk: z.object({
    freeBytes: z.number().int(),
    usedBytes: z.number().int(),
    fullInHours: z.number().nullable(),
    state: z.enum(diskStates),
    note: z.string().nullable(),
  }),
  quarantined: z.number().int(),
  /** How far this computer's clock is ahead of the venues', by their trades: the middle of all markets, ms, with the way of a message in it; null: no trade yet. */
  clockOffsetMs: z.number().nullable().optional(),
  rssBytes: z.number().int(),
  /** Things an operator should know: a database set aside, a damaged record, a sink behind. */
  notes: z.array(z.string()),
});
export type StoreMeter = z.infer<typeof storeMeterSchema>;

/** An instrument with what its venue's lists told over time. */
export const seenInstrumentSchema = instrumentSchema.extend({
  firstSeenUs: z.number().int(),
  /** The newest whole list in which it did not trade yet: nothing was printed before. null: it traded in the first list that was read. */
  absentUs: z.number().int().nullable(),
  /** When a list first said that it is over, or no longer held it; null: it is not. */
  endedUs: z.number().int().nullable(),
});
export type SeenInstrument = z.infer<typeof seenInstrumentSchema>;

export const archive = {
  'store.meter': event('store', storeMeterSchema),
  /** Ticks of a window ordered by eventUs, then id; next is the cursor of the following page, null at the end. */
  'archive.ticks': request(
    'store',
    z.object({
      fromUs: z.number().int(),
      toUs: z.number().int(),
      venue: venueSchema.optional(),
      market: marketSchema.optional(),
      symbol: z.string().optional(),
      cursor: z.string().optional(),
      limit: z.number().int().min(1).max(50_000).default(20_000),
    }),
    z.object({ ticks: z.array(tickSchema), next: z.string().nullable() }),
    { timeoutMs: 120_000 },
  ),
  /** Other settings while it runs: retention, disk marks, extraction and which venues are meant to be recorded take effect with the next look. */
  'archive.apply': request('store', z.object({ settings: settingsSchema }), z.object({})),
  'archive.instruments': request(
    'store',
    z.object({ venue: venueSchema.optional(), market: marketSchema.optional(), coin: z.string().optional() }),
    z.object({ instruments: z.array(seenInstrumentSchema) }),
  ),
  /** What instruments were, first sight and every change since, oldest first; `ended`: a whole list no longer held it. */
  'instruments.history': request(
    'store',
    z.object({
      venue: venueSchema.optional(),
      market: marketSchema.optional(),
      symbol: z.string().optional(),
      coin: z.string().optional(),
      limit: z.number().int().min(1).max(100_000).default(10_000),
    }),
    z.object({ changes: z.array(instrumentSchema.extend({ seenUs: z.number().int() })) }),
  ),
  /** Seals every hour that has closed before this time; for tests, drills and a stop of the machine. */
  'archive.seal': request(
    'store',
    z.object({ beforeUs: z.number().int() }),
    z.object({ hours: z.number().int(), rows: z.number().int() }),
    {
      timeoutMs: 600_000,
    },
  ),
};
