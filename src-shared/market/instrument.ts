// What can be traded where. An instrument's canonical name is venue:market:BASE-QUOTE, its symbol is the venue's own name.
import { z } from 'zod';

export const venues = ['binance', 'bybit', 'okx', 'kucoin', 'gate', 'phemex', 'upbit'] as const;
export const venueSchema = z.enum(venues);
export type Venue = z.infer<typeof venueSchema>;

export function isVenue(name: string): name is Venue {
  return venueSchema.safeParse(name).success;
}

export const marketSchema = z.enum(['spot', 'perp', 'stock']);
export type Market = z.infer<typeof marketSchema>;

/** What this version can record; settings that ask for more are refused by name. The list of feeds is tested against it. */
export const recordedMarkets: Readonly<Partial<Record<Venue, readonly Market[]>>> = {
  binance: ['spot', 'perp'],
  bybit: ['spot', 'perp'],
  okx: ['spot', 'perp'],
  kucoin: ['spot', 'perp'],
  gate: ['spot', 'perp'],
  phemex: ['spot', 'perp'],
  upbit: ['spot'],
};

export const instrumentSchema = z.object({
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string().min(1).meta({ description: "the venue's own name, case kept" }),
  base: z.string().meta({ description: 'coin, upper case; empty when the venue does not say' }),
  quote: z.string(),
  /** Base coins in one unit of the venue's quantity, decimal text; null where the quantity depends on the price (inverse contracts) or is unknown. */
  contractSize: z.string().nullable(),
  state: z.enum(['trading', 'pre-launch', 'halted', 'ended', 'unknown']),
  /** When the venue lists it, if it says so. */
  listedUs: z.number().int().nullable(),
});
export type Instrument = z.infer<typeof instrumentSchema>;

/** Canonical name, e.g. binance:spot:BTC-USDT; falls back to the symbol when base or quote are unknown. */
export function instrumentName(instrument: Pick<Instrument, 'venue' | 'market' | 'symbol' | 'base' | 'quote'>): string {
  const pair = instrument.base && instrument.quote ? `${instrument.base}-${instrument.quote}` : instrument.symbol;
  return `${instrument.venue}:${instrument.market}:${pair}`;
}
