// What is known to be missing, what is known to be covered, and what is compared with the venues' own sums.
import { z } from 'zod';
import { coverageSchema, gapSchema, gapStateSchema } from '../market/gap.ts';
import { marketSchema, venueSchema } from '../market/instrument.ts';
import { streamVerdictSchema } from '../market/listing.ts';
import { event, request } from './define.ts';

const streamFilter = {
  venue: venueSchema.optional(),
  market: marketSchema.optional(),
  symbol: z.string().optional(),
};

const jobStates = ['running', 'done', 'cancelled'] as const;

/** A repair that was asked for, or (jobId `automatic`) what the recorder repairs by itself. */
export const repairJobSchema = z.object({
  jobId: z.string(),
  title: z.string(),
  /** Gaps and windows of it, and how many of them have ended in whatever way. */
  total: z.number().int(),
  done: z.number().int(),
  repaired: z.number().int(),
  partial: z.number().int(),
  unrecoverable: z.number().int(),
  venueHole: z.number().int(),
  state: z.enum(jobStates),
  /** Gaps and windows ended per second lately, and how long the rest takes at that pace; null: not known yet. */
  perSecond: z.number(),
  etaMs: z.number().nullable(),
  startedUs: z.number().int(),
});
export type RepairJob = z.infer<typeof repairJobSchema>;

/** A comparison with the venues' candles that was asked for. Minutes count in their end state. */
export const reconcileJobSchema = z.object({
  jobId: z.string(),
  title: z.string(),
  /** Streams. */
  total: z.number().int(),
  done: z.number().int(),
  compared: z.number().int(),
  equal: z.number().int(),
  differing: z.number().int(),
  notComparable: z.number().int(),
  /** Streams whose candles could not be had, and why the first of them could not. */
  failed: z.number().int(),
  note: z.string(),
  state: z.enum(jobStates),
  etaMs: z.number().nullable(),
  startedUs: z.number().int(),
});
export type ReconcileJob = z.infer<typeof reconcileJobSchema>;

/** The standing figure of a stream: its closed minutes against the venue's 1-minute candles. */
export const reconciledSchema = z.object({
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  channel: z.string(),
  compared: z.number().int(),
  equal: z.number().int(),
  differing: z.number().int(),
  /** Minutes inside an unrepaired gap, or that no line covered whole. */
  notComparable: z.number().int(),
  /** End of the last minute that was looked at; null: none yet. */
  lastUs: z.number().int().nullable(),
  /** The last thing that differed, or what keeps the comparison from going on. */
  note: z.string(),
});
export type Reconciled = z.infer<typeof reconciledSchema>;

export const gaps = {
  /** In the order of deadlines: the nearest first, those without one last, then the oldest. */
  'gaps.list': request(
    'store',
    z.object({
      ...streamFilter,
      /** Only gaps of these streams; a window of a coin has few, while all gaps of its time may be more than any limit. */
      streams: z
        .array(z.object({ venue: venueSchema, market: marketSchema, symbol: z.string() }))
        .min(1)
        .max(1000)
        .optional(),
      states: z.array(gapStateSchema).optional(),
      /** Only these; one that is named is found however many come before it in the list. */
      ids: z.array(z.string()).min(1).max(1000).optional(),
      fromUs: z.number().int().optional(),
      toUs: z.number().int().optional(),
      /** id: an order in which a gap keeps its place while it changes, for those who read all of them in pages. */
      order: z.enum(['deadline', 'id']).default('deadline'),
      /** Only gaps that stand behind this one in the order of the list: the last one of the page before. */
      after: gapSchema.pick({ id: true, deadlineUs: true, fromUs: true }).optional(),
      limit: z.number().int().max(100_000).default(10_000),
    }),
    z.object({ gaps: z.array(gapSchema) }),
  ),
  'gaps.coverage': request(
    'store',
    z.object({ ...streamFilter, fromUs: z.number().int(), toUs: z.number().int() }),
    z.object({ coverage: z.array(coverageSchema) }),
  ),
  /**
   * Asks the venue at once: for these gaps; or for all unrepaired ones of a venue, market, stream and window; or, with nothing named, for
   * every open one. A stream with both ends of a window is asked for even where no gap is known, and what is new is stored.
   */
  'gaps.repair': request(
    'store',
    z.object({
      ids: z.array(z.string()).max(100_000).optional(),
      ...streamFilter,
      fromUs: z.number().int().optional(),
      toUs: z.number().int().optional(),
    }),
    z.object({ jobId: z.string(), queued: z.number().int() }),
  ),
  /** What has not been asked for yet is left to the automatic repair; what is being asked for ends first. */
  'gaps.repair-cancel': request('store', z.object({ jobId: z.string() }), z.object({})),
  'gaps.repair-status': request('store', z.object({ jobId: z.string() }), repairJobSchema),
  /** Repairs that run or ended lately, newest first. */
  'gaps.repairs': event('store', z.object({ jobs: z.array(repairJobSchema) })),
  /** Compares the minutes of a window with the venues' candles, all streams that pass the filter; answers at once. */
  'gaps.reconcile': request(
    'store',
    z.object({ ...streamFilter, fromUs: z.number().int(), toUs: z.number().int() }),
    z.object({ jobId: z.string(), queued: z.number().int() }),
  ),
  'gaps.reconcile-cancel': request('store', z.object({ jobId: z.string() }), z.object({})),
  'gaps.reconcile-status': request('store', z.object({ jobId: z.string() }), reconcileJobSchema),
  /** Comparisons that run or ended lately, newest first. */
  'gaps.reconciles': event('store', z.object({ jobs: z.array(reconcileJobSchema) })),
  'gaps.reconciled': request('store', z.object(streamFilter), z.object({ streams: z.array(reconciledSchema) })),
  /** What can be said of these streams in a window; see `listings.verdict` for those of a coin. */
  'gaps.verdict': request(
    'store',
    z.object({ ...streamFilter, fromUs: z.number().int(), toUs: z.number().int() }),
    z.object({ streams: z.array(streamVerdictSchema) }),
    { timeoutMs: 120_000 },
  ),
};
