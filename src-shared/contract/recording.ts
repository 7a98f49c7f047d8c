// What the collector owns: the lines, the journal's head, and fetching what was missed.
import { z } from 'zod';
import { marketSchema, venueSchema } from '../market/instrument.ts';
import { event, request } from './define.ts';
import { settingsSchema } from './settings.ts';

export const lineStates = [
  'waiting',
  'connecting',
  'subscribing',
  'live',
  'renewing',
  'closing',
  'closed',
  'halted',
  'stopped',
] as const;

export const lineStateSchema = z.object({
  /** e.g. "binance:spot:0" or "binance:spot:0/2" for the third connection of line 0. */
  id: z.string(),
  venue: venueSchema,
  market: marketSchema.nullable().meta({ description: 'null for a notice feed' }),
  line: z.number().int(),
  state: z.enum(lineStates),
  wanted: z.number().int(),
  acknowledged: z.number().int(),
  lastFrameAgeMs: z.number().nullable(),
  lastDataAgeMs: z.number().nullable(),
  /** Since when the connection that delivers is open. */
  connectedUs: z.number().int().nullable(),
  /** How long the venue lets a connection live, ms; the line renews itself before. null: no limit is known. */
  maxAgeMs: z.number().nullable(),
  /** Connections that took over from one that still stood, and connections that were lost; since the process started. */
  renewals: z.number().int(),
  reconnects: z.number().int(),
  frames: z.number().int(),
  bytes: z.number().int(),
  url: z.string(),
  /** Source address of this machine; null: the system's choice. */
  address: z.string().nullable(),
  /** Why it is not live, or what ended it last. */
  note: z.string().nullable(),
});
export type LineState = z.infer<typeof lineStateSchema>;

/** A venue that wants to be left alone: it refused a question over REST, or cannot answer. Back-fills, lists and comparisons wait. */
export const refusalSchema = z.object({
  venue: venueSchema,
  market: marketSchema,
  /** Source address of this machine that it refuses; null: the system's choice. */
  address: z.string().nullable(),
  /** Since when it has not answered. */
  sinceUs: z.number().int(),
  /** When it is asked again; what is past: as soon as a question that is under way is answered. */
  untilUs: z.number().int(),
  /** What it said; null: it said so to the process before this one. */
  note: z.string().nullable(),
});
export type Refusal = z.infer<typeof refusalSchema>;

export const collectorMeterSchema = z.object({
  atUs: z.number().int(),
  recording: z.boolean(),
  /** Why not recording, when not. */
  halt: z.string().nullable(),
  headFrame: z.number().int(),
  durableFrame: z.number().int(),
  journalBytes: z.number().int(),
  bufferedBytes: z.number().int(),
  bufferLimitBytes: z.number().int(),
  /** Frames that could not be held, since the process started; each is inside a reported gap. */
  lostFrames: z.number().int(),
  durableDelayMs: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
  loopDelayMs: z.object({ p99: z.number(), max: z.number() }),
  framesPerSecond: z.number(),
  bytesPerSecond: z.number(),
  rssBytes: z.number().int(),
  lines: z.array(lineStateSchema),
  /** Absent from recorders that did not tell it. */
  refusals: z.array(refusalSchema).default([]),
});
export type CollectorMeter = z.infer<typeof collectorMeterSchema>;

/** A hole to fetch. Ids are exclusive bounds where ids count; times always bound it. */
export const backfillInputSchema = z.object({
  gapId: z.string(),
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  channel: z.string(),
  fromId: z.string().nullable(),
  toId: z.string().nullable(),
  fromUs: z.number().int(),
  toUs: z.number().int(),
  /** Look every row up, also those that count as seen: the store may have lost them, or never had them in spite of its ids. */
  recheck: z.boolean().default(false),
  /** Nothing is known to be missing: asked for after every repair, within a share of the venue's budget. */
  compare: z.boolean().default(false),
  /** Further gaps of the same stream that the same pages answer; each ends by itself. */
  also: z
    .array(
      z.object({
        gapId: z.string(),
        fromId: z.string().nullable(),
        toId: z.string().nullable(),
        fromUs: z.number().int(),
        toUs: z.number().int(),
      }),
    )
    .default([]),
});

export const candleSchema = z.object({
  minuteUs: z.number().int(),
  volume: z.string(),
  count: z.number().int().nullable(),
  /** The venue has not closed this minute yet: its sum is not final. */
  open: z.literal(true).optional(),
});

export const recording = {
  'recording.meter': event('collector', collectorMeterSchema),
  /** Other settings while it runs: markets whose plan is the same go on untouched, the others close and open again. Names those that changed. */
  'recording.apply': request(
    'collector',
    z.object({ settings: settingsSchema }),
    z.object({ changed: z.array(z.string()) }),
    { timeoutMs: 30_000 },
  ),
  /** What the venues allow: streams on one connection, connections of one client address (null: more than any plan needs). */
  'recording.limits': request(
    'collector',
    z.object({}),
    z.object({
      markets: z.array(
        z.object({
          venue: venueSchema,
          market: marketSchema,
          streamsPerConnection: z.number().int(),
          connectionsPerAddress: z.number().int().nullable(),
        }),
      ),
    }),
  ),
  /** Fetches the venue's history for a gap into the journal. reached: the whole hole was within the venue's reach. Answers when the last page is durable. */
  'recording.backfill': request(
    'collector',
    backfillInputSchema,
    z.object({
      pages: z.number().int(),
      reached: z.boolean(),
      lastFrame: z.number().int(),
      note: z.string(),
      /** The venue refused the first question for good: asking again is useless. */
      refused: z.boolean().optional(),
      /** The venue could not be asked to the end, which may pass. */
      failed: z.boolean().optional(),
      /** Event time of the oldest trade, of a venue with one page. */
      oldestUs: z.number().int().optional(),
      /** Event time of the newest trade that came, where ids do not count. */
      newestUs: z.number().int().optional(),
      /** Gaps whose beginning came and whose end did not, which the venue may only not have come to: asking again in a moment can help. */
      early: z.array(z.string()).optional(),
    }),
    { timeoutMs: 600_000 },
  ),
  /** The venue's own 1-minute candles of the minutes that begin in [fromUs, toUs), asked for when nothing more urgent is. */
  'recording.candles': request(
    'collector',
    z.object({
      venue: venueSchema,
      market: marketSchema,
      symbol: z.string(),
      fromUs: z.number().int(),
      toUs: z.number().int(),
    }),
    z.object({ candles: z.array(candleSchema) }),
    { timeoutMs: 300_000 },
  ),
  /**
   * Changes a line over to a new connection, the old one staying until the new one delivers. waits: the other line of its market renews
   * just now, and this one begins when that is done. Refused while the line has no connection, or is stopped.
   */
  'recording.renew-line': request('collector', z.object({ id: z.string() }), z.object({ waits: z.boolean() })),
  /**
   * Closes a line until `recording.start-line` or the collector's next start. Refused with `recording.last-line` while no other line carries
   * all that it carries, unless `evenIfLast`: then what is printed until it is started is missing.
   */
  'recording.stop-line': request(
    'collector',
    z.object({ id: z.string(), evenIfLast: z.boolean().default(false) }),
    z.object({}),
  ),
  'recording.start-line': request('collector', z.object({ id: z.string() }), z.object({})),
  /** The computer goes to sleep or wakes: writes a control record; on resume every line reconnects at once. */
  'recording.power': request('collector', z.object({ state: z.enum(['suspend', 'resume']) }), z.object({})),
  /** Disk ladder: halt closes the lines in the open, resume opens them again. by: the store and a person each end only what they began. */
  'recording.halt': request(
    'collector',
    z.object({ reason: z.string(), by: z.literal('store').optional() }),
    z.object({}),
  ),
  'recording.resume': request('collector', z.object({ by: z.literal('store').optional() }), z.object({})),
};
