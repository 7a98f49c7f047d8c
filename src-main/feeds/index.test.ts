// The list of feeds and what the settings admit must say the same.
import { expect, it } from 'vitest';
import { recordedMarkets } from '../../src-shared/market/instrument.ts';
import { feeds } from './index.ts';

it('settings admit exactly the markets that have a feed', () => {
  const admitted = Object.entries(recordedMarkets).flatMap(([venue, markets]) =>
    markets.map((market) => `${venue} ${market}`),
  );
  expect(feeds.map((feed) => `${feed.venue} ${feed.market}`).sort()).toEqual(admitted.sort());
});
