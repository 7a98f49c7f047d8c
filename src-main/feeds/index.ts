// The list of feeds. A venue is its folder and one line here.
import type { Market, Venue } from '../../src-shared/market/instrument.ts';
import { binancePerp, binanceSpot } from './binance/binance.ts';
import { bybitPerp, bybitSpot } from './bybit/bybit.ts';
import type { Feed, NoticeFeed } from './feed.ts';
import { gatePerp, gateSpot } from './gate/gate.ts';
import { kucoinPerp, kucoinSpot } from './kucoin/kucoin.ts';
import { okxPerp, okxSpot } from './okx/okx.ts';
import { phemexPerp, phemexSpot } from './phemex/phemex.ts';
import { upbitNotices } from './upbit/notices.ts';
import { upbitSpot } from './upbit/upbit.ts';

export const feeds: readonly Feed[] = [
  binanceSpot,
  binancePerp,
  bybitSpot,
  bybitPerp,
  kucoinSpot,
  kucoinPerp,
  okxSpot,
  okxPerp,
  gateSpot,
  gatePerp,
  phemexSpot,
  phemexPerp,
  upbitSpot,
];

export const noticeFeeds: readonly NoticeFeed[] = [upbitNotices];

/** The feed of a venue's market; undefined when there is none yet. */
export function feedOf(venue: Venue, market: Market): Feed | undefined {
  return feeds.find((feed) => feed.venue === venue && feed.market === market);
}

/**
 * Neither counting ids nor candles: only the venue's newest page of trades tells that a trade reached no line, so pages are compared with
 * what is stored.
 */
export function isComparedByPages({ history, candles, idRule }: Feed): boolean {
  return history?.reachTrades !== undefined && candles === null && idRule !== 'contiguous';
}

export function noticeFeedOf(venue: Venue): NoticeFeed | undefined {
  return noticeFeeds.find((feed) => feed.venue === venue);
}
