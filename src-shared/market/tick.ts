// A tick: one trade as the venue printed it. Prices and quantities are the venue's decimal text, never floats.
import { z } from 'zod';
import { marketSchema, venueSchema } from './instrument.ts';

export const tickSchema = z.object({
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  channel: z.string(),
  /** The venue's trade id as text. */
  id: z.string(),
  price: z.string(),
  /** In the venue's unit (coins or contracts). */
  qty: z.string(),
  /** In base coins; null where it cannot be known exactly. */
  baseQty: z.string().nullable(),
  /** The taker's side. */
  side: z.enum(['buy', 'sell', 'unknown']),
  /** The venue's trade time, µs UTC. */
  eventUs: z.number().int(),
  /** Our clock when the frame left the socket, µs UTC. */
  recvUs: z.number().int(),
  origin: z.enum(['live', 'backfill']),
  /** Which lines of this market saw it: indexes, 0 is the first line; a back-filled tick that no line saw has none. */
  lines: z.array(z.number().int()),
});
export type Tick = z.infer<typeof tickSchema>;

/** Codes as stored. */
export const Side = { unknown: 0, buy: 1, sell: 2 } as const;
export type Side = (typeof Side)[keyof typeof Side];
export const sideNames = ['unknown', 'buy', 'sell'] as const;
