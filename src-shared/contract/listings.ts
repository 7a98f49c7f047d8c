// Listings and the window around them: the list, the extract job, the picture.
import { z } from 'zod';
import { verdictSchema } from '../market/gap.ts';
import { marketSchema, venueSchema } from '../market/instrument.ts';
import { abnormalSchema, listingSchema, manifestSchema } from '../market/listing.ts';
import { event, request } from './define.ts';

export const extractJobSchema = z.object({
  jobId: z.string(),
  coin: z.string(),
  atUs: z.number().int(),
  listingId: z.string().nullable(),
  /** waiting: the window has not passed yet. repairing: open gaps inside it are being asked for. */
  state: z.enum(['waiting', 'repairing', 'writing', 'done', 'failed', 'cancelled']),
  progress: z.number().min(0).max(1),
  note: z.string(),
  folder: z.string().nullable(),
  manifest: manifestSchema.nullable(),
  /** asked: by a person. automatic: of a fresh listing. repair: written anew because a gap was filled after the version before. proof: because its verdict became better by itself. */
  cause: z.enum(['asked', 'automatic', 'repair', 'proof']).optional(),
});
export type ExtractJob = z.infer<typeof extractJobSchema>;

export const extractInputSchema = z.object({
  coin: z.string().min(1).max(40),
  atUs: z.number().int(),
  beforeUs: z.number().int().min(0).max(3_600_000_000).default(20_000_000),
  afterUs: z.number().int().min(0).max(3_600_000_000).default(20_000_000),
  format: z.enum(['parquet', 'csv', 'jsonl']).default('parquet'),
  /** Folder that receives <coin>-<time>/; the data folder's exports when absent. */
  outDir: z.string().optional(),
  listingId: z.string().optional(),
  /** The language that report.html opens in; it holds both. */
  language: z.enum(['en', 'ko']).optional(),
});

/** What the picture of a window shows, thinned for the eye; the export holds every row. */
export const windowPictureSchema = z.object({
  coin: z.string(),
  window: z.object({ fromUs: z.number().int(), toUs: z.number().int() }),
  atUs: z.number().int(),
  streams: z.array(
    z.object({
      instrument: z.string(),
      venue: venueSchema,
      market: marketSchema,
      symbol: z.string(),
      /** Which trade channel; absent for an instrument that was never recorded. */
      channel: z.string().optional(),
      quote: z.string(),
      rows: z.number().int(),
      verdict: verdictSchema,
      reasons: z.array(z.string()),
      /** First trade at or after atUs, and the first tick that the minutes before do not explain; null: none. */
      firstTradeUs: z.number().int().nullable().optional(),
      firstAbnormal: abnormalSchema.nullable().optional(),
      /** Price in the instrument's own quote, floats for drawing only; per bucket the first, highest, lowest and last price and the volume. */
      buckets: z.array(
        z.object({
          us: z.number().int(),
          open: z.number(),
          high: z.number(),
          low: z.number(),
          close: z.number(),
          volume: z.number(),
          ticks: z.number().int(),
        }),
      ),
    }),
  ),
});
export type WindowPicture = z.infer<typeof windowPictureSchema>;

/**
 * What the clocks of a window are counted from. published: what the extract was asked around. detected: when this recorder first saw the
 * listing. first-trade: each stream's own first trade at or after that; streams without one are left out.
 */
export const alignments = ['published', 'detected', 'first-trade'] as const;
export type Alignment = (typeof alignments)[number];

const streamNameShape = { instrument: z.string(), channel: z.string().optional() };

/** Ticks of a written extract for drawing. Prices are floats here; exact text comes from `listings.series-at` and stands in the files. */
export const seriesSchema = z.object({
  /** file: read from the extract itself. archive: its file is gone, so this is what the archive holds today. */
  source: z.enum(['file', 'archive']),
  /** Ticks of all streams in the range. */
  ticks: z.number().int(),
  streams: z.array(
    z.object({
      ...streamNameShape,
      /** What this stream's times are counted from; null: it has no such clock, and nothing is given. */
      originUs: z.number().int().nullable(),
      ticks: z.number().int(),
      /** true: each tick is a point. false: of every step of the range the first, highest, lowest and last tick are. */
      every: z.boolean(),
      /** µs from originUs, ascending, and prices; first the last tick before the range, for its price holds when the range begins. */
      at: z.array(z.number().int()),
      price: z.array(z.number()),
      /** What was traded per bar: begin (µs from originUs), volume in base coins (floats), how much of it takers bought, trades. Empty bars are left out. */
      bars: z.object({
        at: z.array(z.number().int()),
        volume: z.array(z.number()),
        bought: z.array(z.number()),
        trades: z.array(z.number().int()),
      }),
    }),
  ),
  /** Width of a bar, µs. */
  barUs: z.number().int(),
});
export type Series = z.infer<typeof seriesSchema>;

/** One version of the extract of a window, newest first in lists. */
export const extractVersionSchema = z.object({
  jobId: z.string(),
  version: z.number().int(),
  cause: z.enum(['asked', 'automatic', 'repair', 'proof']),
  createdUs: z.number().int(),
  window: z.object({ fromUs: z.number().int(), toUs: z.number().int() }),
  format: z.string(),
  rows: z.number().int(),
  verdict: verdictSchema,
  folder: z.string(),
  /** Its folder is still where it was written. */
  present: z.boolean(),
  /** The version it is compared with: the newest earlier one of the same window; null: it is the first. */
  since: z.number().int().nullable(),
  /** What is different from that one; streams that are alike are left out. */
  changes: z.array(
    z.object({
      ...streamNameShape,
      /** null: the other version does not have this stream. */
      rowsBefore: z.number().int().nullable(),
      rowsAfter: z.number().int().nullable(),
      verdictBefore: verdictSchema.nullable(),
      verdictAfter: verdictSchema.nullable(),
      /** Gaps that were filled between the two. */
      filled: z.array(z.string()),
    }),
  ),
});
export type ExtractVersion = z.infer<typeof extractVersionSchema>;

export const listings = {
  'listings.list': request(
    'store',
    z.object({ limit: z.number().int().max(10_000).default(500) }),
    z.object({ listings: z.array(listingSchema.extend({ extract: extractJobSchema.nullable() })) }),
  ),
  /** Latest listing and running number of changes: subscribers ask for the list again. */
  'listings.changed': event('store', z.object({ count: z.number().int(), latest: listingSchema.nullable() })),
  'listings.add': request(
    'store',
    z.object({ coin: z.string().min(1).max(40), atUs: z.number().int(), title: z.string().max(500).default('') }),
    z.object({ listing: listingSchema }),
  ),
  /** Whether any venue's list holds or held this coin, or any trade of it was recorded; null: no list was read yet, so nobody knows. Names near to it that are there. */
  'listings.coin': request(
    'store',
    z.object({ coin: z.string().min(1).max(40) }),
    z.object({ listed: z.boolean().nullable(), near: z.array(z.string()) }),
  ),
  /** Starts the job and answers at once; follow `listings.extracts`. */
  'listings.extract': request('store', extractInputSchema, z.object({ jobId: z.string() })),
  /** Answers when the job has ended. */
  'listings.extract-wait': request('store', z.object({ jobId: z.string() }), extractJobSchema, {
    timeoutMs: 7_200_000,
  }),
  'listings.extract-cancel': request('store', z.object({ jobId: z.string() }), z.object({})),
  /** One job by its id, also one that ended long ago. */
  'listings.extract-status': request('store', z.object({ jobId: z.string() }), extractJobSchema),
  /** Every version that was written around a moment of a coin, newest first, with what changed. */
  'listings.versions': request(
    'store',
    z.object({ coin: z.string().min(1), atUs: z.number().int() }),
    z.object({ versions: z.array(extractVersionSchema) }),
  ),
  /** The ticks of a done extract in a range (µs from the chosen clock), thinned so that no extreme is lost: points are steps of the range. */
  'listings.series': request(
    'store',
    z.object({
      jobId: z.string(),
      align: z.enum(alignments),
      fromUs: z.number().int(),
      toUs: z.number().int(),
      points: z.number().int().min(20).max(2000).default(600),
      bars: z.number().int().min(5).max(500).default(160),
    }),
    seriesSchema,
    { timeoutMs: 60_000 },
  ),
  /** The last tick of every stream at or before a moment (µs from the chosen clock), exact. */
  'listings.series-at': request(
    'store',
    z.object({ jobId: z.string(), align: z.enum(alignments), atUs: z.number().int() }),
    z.object({
      streams: z.array(
        z.object({
          ...streamNameShape,
          tick: z
            .object({
              id: z.string(),
              price: z.string(),
              qty: z.string(),
              side: z.string(),
              eventUs: z.number().int(),
              recvUs: z.number().int(),
            })
            .nullable(),
        }),
      ),
    }),
    { timeoutMs: 60_000 },
  ),
  /** Jobs that run or ended lately. */
  'listings.extracts': event('store', z.object({ jobs: z.array(extractJobSchema) })),
  /** Rows and verdict per stream of a coin in a window, without writing anything. */
  'listings.verdict': request(
    'store',
    z.object({
      coin: z.string().min(1),
      fromUs: z.number().int(),
      toUs: z.number().int(),
      /** From when on the first trade is looked for; the window's begin when absent. */
      atUs: z.number().int().optional(),
    }),
    z.object({ streams: manifestSchema.shape.streams }),
  ),
  'listings.window': request(
    'store',
    z.object({
      coin: z.string().min(1),
      atUs: z.number().int(),
      beforeUs: z.number().int().default(20_000_000),
      afterUs: z.number().int().default(20_000_000),
      buckets: z.number().int().min(10).max(2000).default(400),
    }),
    windowPictureSchema,
  ),
};
