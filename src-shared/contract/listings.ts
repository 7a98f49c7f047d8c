// Listings and the window around them: the list, the extract job, the picture.
import { z } from 'zod';
import { verdictSchema } from '../market/gap.ts';
import { venueSchema } from '../market/instrument.ts';
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
  /** Starts the job and answers at once; follow `listings.extracts`. */
  'listings.extract': request('store', extractInputSchema, z.object({ jobId: z.string() })),
  /** Answers when the job has ended. */
  'listings.extract-wait': request('store', z.object({ jobId: z.string() }), extractJobSchema, {
    timeoutMs: 7_200_000,
  }),
  'listings.extract-cancel': request('store', z.object({ jobId: z.string() }), z.object({})),
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
