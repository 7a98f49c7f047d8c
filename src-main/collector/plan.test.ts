// The plan follows settings and symbol lists, and what is recorded stays where it is when more comes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import type { Instrument } from '../../src-shared/market/instrument.ts';
import { feedOf } from '../feeds/index.ts';
import { fillSlots, planMarkets, selectSymbols } from './plan.ts';

function instrument(symbol: string, base: string, quote: string, state: Instrument['state'] = 'trading'): Instrument {
  return { venue: 'binance', market: 'spot', symbol, base, quote, contractSize: '1', state, listedUs: null };
}

const list = [
  instrument('BTCUSDT', 'BTC', 'USDT'),
  instrument('BTCEUR', 'BTC', 'EUR'),
  instrument('ETHUSDT', 'ETH', 'USDT', 'halted'),
  instrument('OLDUSDT', 'OLD', 'USDT', 'ended'),
];

describe('symbols', () => {
  test('all, by quote, by coin, by name; what has ended is left out unless named', () => {
    expect(selectSymbols('all', list)).toEqual(['BTCUSDT', 'BTCEUR', 'ETHUSDT']);
    expect(selectSymbols({ quote: ['usdt'] }, list)).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(selectSymbols({ coin: ['BTC'] }, list)).toEqual(['BTCUSDT', 'BTCEUR']);
    expect(selectSymbols(['OLDUSDT', 'OLDUSDT', 'NEW'], null)).toEqual(['OLDUSDT', 'NEW']);
    expect(selectSymbols('all', null)).toEqual([]);
  });

  test('slots: every wanted symbol in exactly one, none over its limit, none moved', () => {
    const names = fc.uniqueArray(
      fc.integer({ min: 0, max: 60 }).map((n) => `S${n}`),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.array(names, { maxLength: 5 }), fc.integer({ min: 1, max: 9 }), (steps, perSlot) => {
        let slots: readonly (readonly string[])[] = [];
        for (const wanted of steps) {
          const before = new Map(slots.flatMap((slot, index) => slot.map((symbol) => [symbol, index] as const)));
          const untouched = slots;
          slots = fillSlots(slots, wanted, { streamsPerConnection: perSlot });
          expect([...slots.flat()].sort()).toEqual([...wanted].sort());
          for (const [index, slot] of slots.entries()) {
            expect(slot.length).toBeLessThanOrEqual(perSlot);
            for (const symbol of slot) expect(before.get(symbol) ?? index).toBe(index);
            const same = untouched[index];
            if (same && same.length === slot.length && same.every((symbol, i) => symbol === slot[i])) {
              expect(slot).toBe(same);
            }
          }
        }
      }),
    );
  });
});

test('markets: defaults, overrides, what is off, and what no feed exists for', () => {
  const settings = settingsSchema.parse({
    version: 1,
    venues: {
      binance: { markets: ['spot', 'perp'], lines: 2, endpoints: { spot: { ws: 'ws://127.0.0.1:1/x' } } },
      upbit: { markets: ['spot'], enabled: false },
      phemex: { markets: ['stock'] },
    },
  });
  const { markets, unknown } = planMarkets(settings, feedOf);
  expect(markets.map(({ venue, market, lines }) => [venue, market, lines])).toEqual([
    ['binance', 'spot', 2],
    ['binance', 'perp', 2],
  ]);
  expect(markets[0]?.endpoints).toEqual({ ws: 'ws://127.0.0.1:1/x', rest: 'https://api.binance.com' });
  expect(unknown).toEqual(['phemex:stock']);
});
