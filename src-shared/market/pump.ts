// What a coin did around its announcement, per stream and between streams: the figures of an extract. Every definition stands here and in docs/extracts.md.
// They are computed once, by the store, from all stored trades of the window; screens and reports only show them.
import { z } from 'zod';

/** A stream has moved when a trade is this many percent away from its first price in the window. */
export const MOVE_PERCENT = 1;
/** The past that volume is compared with: so many seconds before the window. */
export const PAST_SECONDS = 300;
/** With less of a past than this nothing is compared; with less than SHORT_PAST_SECONDS a reader is told. */
export const LEAST_PAST_SECONDS = 5;
export const SHORT_PAST_SECONDS = 60;

const us = z.number().int();

/** A price that was traded: the venue's own digits, and the first time it was reached. */
const reachedSchema = z.object({
  price: z.string(),
  us,
  /** Away from the base price. */
  percent: z.number(),
  /** From t0 until then, µs. */
  afterUs: us,
});

export const pumpFiguresSchema = z.object({
  /** What moves are measured from: the last trade before t0 (before), up to a minute before the window; else the first one from t0 on (after). null: no trade. */
  base: z.object({ price: z.string(), us, from: z.enum(['before', 'after']) }).nullable(),
  /** The first price in the window, and how far the base price is from it: what ran before t0. */
  firstPrice: z.string().nullable(),
  runUpPercent: z.number().nullable(),
  /** Highest and lowest price from t0 to the window's end. null: no trade there. */
  peak: reachedSchema.nullable(),
  low: reachedSchema.nullable(),
  /** The last price of the window. */
  last: z.object({ price: z.string(), us, percent: z.number() }).nullable(),
  /** Trades from t0 to the window's end. */
  trades: z.number().int(),
  /** Base coins of these trades, exact decimal text; null where a quantity in coins cannot be known exactly. */
  volume: z.string().nullable(),
  /** Their worth in the quote currency; a float. null with volume. */
  turnover: z.number().nullable(),
  /** Share of that volume whose taker bought, 0 to 1, of the trades whose side the venue tells. null: none does. */
  buyShare: z.number().min(0).max(1).nullable(),
  /** What volume is compared with: seconds before the window that a line covered or a repair filled, with their trades and volume. */
  past: z.object({ seconds: z.number(), trades: z.number().int(), volume: z.number() }),
  /** Volume and trades per second from t0 on, divided by those of the past. null: too little of a past, or nothing traded in it. */
  volumeMultiple: z.number().nullable(),
  tradeMultiple: z.number().nullable(),
  /** First trade at least MOVE_PERCENT away from the first price of the window. recvUs: our clock; null: it came by back-fill. */
  moved: z.object({ us, recvUs: us.nullable() }).nullable(),
  /** Our clock at the first abnormal tick; null: there is none, or it came by back-fill. */
  abnormalRecvUs: us.nullable(),
});
export type PumpFigures = z.infer<typeof pumpFiguresSchema>;

export const leadMeasures = ['abnormal', 'move'] as const;
export type LeadMeasure = (typeof leadMeasures)[number];

/** Who moved first. abnormal: by the first tick that the stream's own past does not explain. move: by the first trade MOVE_PERCENT away from the window's first price. */
export const leadSchema = z.object({
  by: z.enum(leadMeasures),
  /** Streams that moved, first to last by the venues' clocks. */
  order: z.array(
    z.object({
      instrument: z.string(),
      channel: z.string().optional(),
      us,
      /** After the first of them, by the venues' clocks. */
      lagUs: us,
      /** The same by our clock at the socket: after the first that reached us; null: back-filled. */
      recvLagUs: us.nullable(),
    }),
  ),
});
export type Lead = z.infer<typeof leadSchema>;
