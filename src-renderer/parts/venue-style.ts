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

/** How much of white is mixed in for the second, third ... line of one venue and market. */
const LIGHTER = [0, 0.45, 0.75] as const;

/** Colour and dash say the venue, the width says the market (perpetuals are thicker), lightness tells several quotes apart. */
export function lineStyle(venue: Venue, market: Market = 'spot', nth = 0): LineStyle {
  const { color, dash } = venueLines[venue];
  const white = LIGHTER[Math.min(Math.max(nth, 0), LIGHTER.length - 1)] ?? 0;
  return { color: white === 0 ? color : mixWhite(color, white), dash, width: market === 'perp' ? 2.25 : 1.25 };
}

function mixWhite(color: string, share: number): string {
  const channel = (at: number): string => {
    const value = Number.parseInt(color.slice(at, at + 2), 16);
    return Math.round(value + (255 - value) * share)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
