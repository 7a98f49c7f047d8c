// How each venue is drawn: a colour and a dash of its own, so that lines stay apart in grey too.
import type { Market, Venue } from '../../src-shared/market/instrument.ts';

export interface LineStyle {
  readonly color: string;
  readonly dash: readonly number[];
  readonly width: number;
}

const venueLines: Record<Venue, { readonly color: string; readonly dash: readonly number[] }> = {
  binance: { color: '#e8a33d', dash: [] },
  bybit: { color: '#5fb4ee', dash: [8, 4] },
  okx: { color: '#2fc79b', dash: [2, 3] },
  kucoin: { color: '#e9e06a', dash: [9, 3, 2, 3] },
  gate: { color: '#7d97f4', dash: [14, 4] },
  phemex: { color: '#f0805a', dash: [5, 5] },
  upbit: { color: '#e08cc6', dash: [10, 3, 2, 3, 2, 3] },
};

/** Names as the venues write themselves. */
export const venueNames: Record<Venue, string> = {
  binance: 'Binance',
  bybit: 'Bybit',
  okx: 'OKX',
  kucoin: 'KuCoin',
  gate: 'Gate',
  phemex: 'Phemex',
  upbit: 'Upbit',
};

/** Colour and dash say the venue, the width says the market: perpetuals are drawn thicker than spot. */
export function lineStyle(venue: Venue, market: Market = 'spot'): LineStyle {
  return { ...venueLines[venue], width: market === 'perp' ? 2.25 : 1.25 };
}
