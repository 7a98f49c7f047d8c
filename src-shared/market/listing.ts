// A listing: a coin that an exchange announces, with clocks that are kept apart.
import { z } from 'zod';
import { verdictSchema } from './gap.ts';
import { marketSchema, venueSchema } from './instrument.ts';

export const listingSchema = z.object({
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
});
export type Listing = z.infer<typeof listingSchema>;

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
});
export type StreamVerdict = z.infer<typeof streamVerdictSchema>;

export const manifestSchema = z.object({
  version: z.number().int(),
  coin: z.string(),
  window: z.object({ fromUs: z.number().int(), toUs: z.number().int() }),
  clocks: z.object({
    publishedUs: z.number().int().nullable(),
    detectedUs: z.number().int().nullable(),
    atUs: z.number().int(),
    /** First trade at or after atUs per instrument. */
    firstTradeUs: z.record(z.string(), z.number().int()),
  }),
  /** Of the whole: the weakest of its streams. */
  verdict: verdictSchema.optional(),
  reasons: z.array(z.string()).optional(),
  streams: z.array(streamVerdictSchema),
  /** Instruments of this coin that nobody asked to record: named, so that nobody takes the extract for more than it is. */
  notRecorded: z.array(z.string()).optional(),
  files: z.array(z.object({ path: z.string(), format: z.string(), rows: z.number().int(), sha256: z.string() })),
  createdUs: z.number().int(),
});
export type Manifest = z.infer<typeof manifestSchema>;
