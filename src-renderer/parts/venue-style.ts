// How each venue is drawn: a colour and a dash of its own, so that lines stay apart in grey too. Colours are CSS: they follow the theme.
import type { Market, Venue } from '../../src-shared/market/instrument.ts';

export interface LineStyle {
  /** Any CSS colour, mostly `var(--token)`: SVG and Plot take it as it is, a canvas of your own wants resolveColor. */
  readonly color: string;
  readonly dash: readonly number[];
  readonly width: number;
}

const dashes: Record<Venue, readonly number[]> = {
  binance: [],
  bybit: [8, 4],
  okx: [2, 3],
  kucoin: [9, 3, 2, 3],
  gate: [14, 4],
  phemex: [5, 5],
  upbit: [10, 3, 2, 3, 2, 3],
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

/** How much of the theme's strongest tone is mixed in for the second, third ... line of one venue and market. */
const MIXED = [0, 45, 75] as const;

/** Colour and dash say the venue, the width says the market (perpetuals are thicker), lightness tells several quotes apart. */
export function lineStyle(venue: Venue, market: Market = 'spot', nth = 0): LineStyle {
  const mixed = MIXED[Math.min(Math.max(nth, 0), MIXED.length - 1)] ?? 0;
  const color = `var(--venue-${venue})`;
  return {
    color: mixed === 0 ? color : `color-mix(in srgb, var(--chart-mix) ${mixed}%, ${color})`,
    dash: dashes[venue],
    width: market === 'perp' ? 2.25 : 1.25,
  };
}
