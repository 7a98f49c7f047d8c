// The list of simulated venue markets. A further one is its own file(s) and one line here.
import { binancePerp, binanceSpot } from './binance.ts';
import { bybitPerp, bybitSpot } from './bybit.ts';
import { gatePerp, gateSpot } from './gate.ts';
import { kucoinPerp, kucoinSpot } from './kucoin.ts';
import { okxPerp, okxSpot } from './okx.ts';
import { phemexPerp, phemexSpot } from './phemex.ts';
import { upbitSpot } from './upbit.ts';
import type { MarketKey, VenueMarket } from './venue.ts';

export const venueMarkets: readonly VenueMarket[] = [
  binanceSpot,
  binancePerp,
  bybitSpot,
  bybitPerp,
  gateSpot,
  gatePerp,
  okxSpot,
  okxPerp,
  phemexSpot,
  phemexPerp,
  kucoinSpot,
  kucoinPerp,
  upbitSpot,
];

/** The markets that a recipe may name. */
export const marketKeys: readonly MarketKey[] = venueMarkets.map((market) => market.key);

/** The markets of a recipe that names none: those of the first version, so that what it measures stays comparable. */
export const usualMarkets: readonly MarketKey[] = ['binance:spot', 'binance:perp', 'upbit:spot'];

export function venueMarket(key: MarketKey): VenueMarket {
  const found = venueMarkets.find((market) => market.key === key);
  if (!found) throw new Error(`no simulated market ${key}`);
  return found;
}
