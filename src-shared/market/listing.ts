// A listing: a coin that an exchange announces, with clocks that are kept apart.
import { z } from 'zod';
import { gapSchema, gapStateSchema, verdictSchema } from './gap.ts';
import { instrumentSchema, marketSchema, venueSchema } from './instrument.ts';
import { leadSchema, pumpFiguresSchema } from './pump.ts';

/** One place where a listing is known from, with its own clocks. */
export const listingSourceSchema = z.object({
  id: z.string(),
  /** listing: it says that the coin is listed. changed, cancelled: a later notice that says so of a listing that is known. */
  kind: z.enum(['listing', 'changed', 'cancelled']),
  source: z.enum(['notice', 'instrument', 'operator']),
  venue: venueSchema.nullable(),
  /** Of an instrument: which market appeared. */
  market: marketSchema.nullable(),
  title: z.string(),
  url: z.string().nullable(),
  publishedUs: z.number().int(),
  detectedUs: z.number().int(),
  quotes: z.array(z.string()),
});
export type ListingSource = z.infer<typeof listingSourceSchema>;

/** One event: a coin is listed, wherever it is known from. Title, venue and times are those of its first notice, else of its earliest source. */
export const listingSchema = z.object({
  /** That of the source which came first; it stays when others join. */
  id: z.string(),
  coin: z.string(),
  source: z.enum(['notice', 'instrument', 'operator']),
  venue: venueSchema.nullable(),
  title: z.string(),
  url: z.string().nullable(),
  /** The venue's own time of publication. */
  publishedUs: z.number().int(),
  /** When we first saw it. */
  detectedUs: z.number().int(),
  /** Markets of the announcement, e.g. ["KRW","BTC"]. */
  quotes: z.array(z.string()),
  /** Of a source on its way into the catalog: what it says (absent: that the coin is listed), and which market appeared. */
  kind: z.enum(['listing', 'changed', 'cancelled']).optional(),
  market: marketSchema.nullable().optional(),
  /** Everything that is known of the event, oldest first; absent until it is in the catalog. */
  sources: z.array(listingSourceSchema).optional(),
});
export type Listing = z.infer<typeof listingSchema>;

/** The first tick of a window that the stream's own minutes before do not explain: by its price, or by how many trades came with it. */
export const abnormalSchema = z.object({
  us: z.number().int(),
  why: z.enum(['price', 'rate']),
  reason: z.string(),
});

export const streamVerdictSchema = z.object({
  instrument: z.string(),
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  /** Which trade channel; absent for an instrument that was never recorded. */
  channel: z.string().optional(),
  rows: z.number().int(),
  verdict: verdictSchema,
  reasons: z.array(z.string()),
  gaps: z.array(z.string()),
  /** First trade at or after the announcement; null: none in the window. Absent where it was not asked. */
  firstTradeUs: z.number().int().nullable().optional(),
  /** null: none in the window, or too few trades before it to say. */
  firstAbnormal: abnormalSchema.nullable().optional(),
  /** What it did around t0; absent where no trade was read, and in extracts of earlier versions. */
  figures: pumpFiguresSchema.optional(),
});
export type StreamVerdict = z.infer<typeof streamVerdictSchema>;

export const manifestSchema = z.object({
  version: z.number().int(),
  /** Name and version of the program that wrote it; absent in extracts of earlier ones. */
  writer: z.string().optional(),
  coin: z.string(),
  window: z.object({ fromUs: z.number().int(), toUs: z.number().int() }),
  clocks: z.object({
    publishedUs: z.number().int().nullable(),
    detectedUs: z.number().int().nullable(),
    atUs: z.number().int(),
    /** First trade at or after atUs per instrument. */
    firstTradeUs: z.record(z.string(), z.number().int()),
    /** First abnormal tick of the window per instrument; see abnormalSchema. */
    firstAbnormalUs: z.record(z.string(), z.number().int()).optional(),
  }),
  /** Who moved first, by each measure that at least one stream answers. */
  leads: z.array(leadSchema).optional(),
  /** Of the whole: the weakest of its streams. */
  verdict: verdictSchema.optional(),
  reasons: z.array(z.string()).optional(),
  streams: z.array(streamVerdictSchema),
  /** What each gap that a stream names was when the rows were read; absent in extracts of earlier versions. */
  gapStates: z.record(z.string(), gapStateSchema).optional(),
  /** Where these gaps lie, for whoever reckons without what is missing; absent in extracts of earlier versions. */
  gaps: z
    .array(
      gapSchema.pick({
        id: true,
        venue: true,
        market: true,
        symbol: true,
        channel: true,
        state: true,
        cause: true,
        fromUs: true,
        toUs: true,
        fromId: true,
        toId: true,
      }),
    )
    .optional(),
  /** Not all that was received of the window was stored yet: a later version holds it. */
  unread: z.boolean().optional(),
  /** Ids after the window, or signs of life of a line, were still to come: it is judged again, and a later version holds a better verdict. */
  provisional: z.boolean().optional(),
  /** Every instrument of this coin that the venues list, recorded or not: what its quantities and quotes mean. */
  instruments: z.array(instrumentSchema).optional(),
  /** The listing that the window belongs to, with all that is known of it. */
  listing: z.object({ id: z.string(), sources: z.array(listingSourceSchema) }).optional(),
  /** Instruments of this coin that nobody asked to record: named, so that nobody takes the extract for more than it is. */
  notRecorded: z.array(z.string()).optional(),
  files: z.array(
    z.object({
      path: z.string(),
      format: z.string(),
      rows: z.number().int(),
      sha256: z.string(),
      bytes: z.number().int().optional(),
    }),
  ),
  createdUs: z.number().int(),
});
export type Manifest = z.infer<typeof manifestSchema>;
