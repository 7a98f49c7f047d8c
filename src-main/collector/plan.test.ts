// The plan follows settings and symbol lists, and what is recorded stays where it is when more comes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import type { Instrument } from '../../src-shared/market/instrument.ts';
import { feedOf } from '../feeds/index.ts';
import { chooseSymbols } from './choice.ts';
import { fillSlots, planMarkets, selectSymbols, spareConnections, untouched } from './plan.ts';

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

describe('the limits of a venue', () => {
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `S${i}`);

  test('a slot holds no more characters than the venue takes', () => {
    const argumentChars = { most: 50, of: (symbol: string) => `trade.${symbol}`.length + 3 };
    const slots = fillSlots([], names(400), { streamsPerConnection: 100, argumentChars });
    expect(slots.flat().sort()).toEqual(names(400).sort());
    for (const slot of slots) {
      expect(slot.reduce((sum, symbol) => sum + argumentChars.of(symbol), 0)).toBeLessThanOrEqual(50);
      expect(slot.length).toBeGreaterThan(2);
    }
    const more = fillSlots(slots, [...names(400), 'X'], { streamsPerConnection: 100, argumentChars });
    expect(more.slice(0, -1).filter((slot, index) => slot !== slots[index]).length).toBeLessThanOrEqual(1);
  });

  test('no more connections than there may be: what does not fit is left out, what leaves makes room', () => {
    const limits = { streamsPerConnection: 20, connections: 2 };
    const slots = fillSlots([], names(100), limits);
    expect(slots).toEqual([names(20), names(40).slice(20)]);
    const next = fillSlots(slots, ['NEW', ...names(40).filter((name) => name !== 'S25')], limits);
    expect(next[0]).toBe(slots[0]);
    expect(next[1]).toEqual([
      ...names(40)
        .slice(20)
        .filter((name) => name !== 'S25'),
      'NEW',
    ]);
  });

  test('five thousand symbols are planned in a moment, again with a few more', () => {
    const limits = {
      streamsPerConnection: 250,
      argumentChars: { most: 21_000, of: (symbol: string) => symbol.length },
    };
    const began = performance.now();
    const slots = fillSlots([], names(5000), limits);
    const first = performance.now() - began;
    const again = fillSlots(slots, names(5010), limits);
    const second = performance.now() - began - first;
    console.info(`5000 symbols planned in ${first.toFixed(1)} ms, ten more in ${second.toFixed(1)} ms`);
    expect(slots.length).toBe(20);
    expect(again.slice(0, 20)).toEqual(slots);
    expect(first + second).toBeLessThan(100);
  });

  const limited = (market: 'spot' | 'perp') => {
    const feed = feedOf('binance', market);
    if (!feed) throw new Error(`no feed for binance ${market}`);
    return { ...feed, limits: { ...feed.limits, streamsPerConnection: 20, connectionsPerAddress: 5 } };
  };
  const planned = (venue: object) => {
    const settings = settingsSchema.parse({ version: 1, venues: { binance: { markets: ['spot', 'perp'], ...venue } } });
    const { markets } = planMarkets(settings, (_venue, market) => (market === 'stock' ? undefined : limited(market)));
    return { connections: markets.map(({ connections }) => connections), spare: [...spareConnections(markets)] };
  };

  test('connections of one address are shared by markets and lines, and one stays free for renewals', () => {
    expect(planned({ lines: 2 })).toEqual({ connections: [1, 1], spare: [['binance ', 1]] });
    expect(planned({ lines: 1 })).toEqual({ connections: [2, 2], spare: [['binance ', 1]] });
    expect(planned({ lines: 2, markets: ['perp'] })).toEqual({ connections: [2], spare: [['binance ', 1]] });
    expect(planned({ lines: 1, markets: ['perp'] })).toEqual({ connections: [4], spare: [['binance ', 1]] });
    expect(planned({ lines: 1, symbols: ['A', 'B'] })).toEqual({ connections: [1, 1], spare: [['binance ', 3]] });
    expect(planned({ lines: 2, addresses: ['10.0.0.1', '10.0.0.2'] })).toEqual({
      connections: [2, 2],
      spare: [
        ['binance 10.0.0.1', 1],
        ['binance 10.0.0.2', 1],
      ],
    });
  });

  test('addresses are checked', () => {
    const parse = (addresses: unknown) =>
      settingsSchema.safeParse({ version: 1, venues: { binance: { markets: ['spot'], addresses } } }).success;
    expect(parse(['10.0.0.1', '2001:db8::1'])).toBe(true);
    expect(parse(['10.0.0.1', '10.0.0.1'])).toBe(false);
    expect(parse(['10.0.0.300'])).toBe(false);
    expect(parse(['10.0.0.1', '10.0.0.2', '10.0.0.3'])).toBe(false);
  });
});

describe('the choice where not all can be carried', () => {
  const turnover = new Map(Object.entries({ A: 100, B: 90, C: 80, D: 70, E: 1 }));
  const wanted = ['E', 'D', 'C', 'B', 'A'];
  const base = { wanted, first: [], turnover, carried: [], room: 3 };

  test('all when they fit; else the busiest; without turnover in the order of the list', () => {
    expect(chooseSymbols({ ...base, room: 5 })).toBe(wanted);
    expect(chooseSymbols(base)).toEqual(['A', 'B', 'C']);
    expect(chooseSymbols({ ...base, turnover: new Map() })).toEqual(['E', 'D', 'C']);
  });

  test('what is carried stays until it is clearly overtaken', () => {
    expect([...chooseSymbols({ ...base, carried: ['D', 'C', 'B'] })].sort()).toEqual(['B', 'C', 'D']);
    const rising = new Map([...turnover, ['A', 106]]);
    expect([...chooseSymbols({ ...base, turnover: rising, carried: ['D', 'C', 'B'] })].sort()).toEqual(['A', 'B', 'C']);
    expect([...chooseSymbols({ ...base, carried: ['E', 'D', 'C'] })].sort()).toEqual(['A', 'C', 'D']);
    expect([...chooseSymbols({ ...base, wanted: ['E', 'D', 'A', 'B'], carried: ['E', 'D', 'C'] })].sort()).toEqual([
      'A',
      'B',
      'D',
    ]);
  });

  test('what comes first by name or by being new goes before the busiest', () => {
    expect([...chooseSymbols({ ...base, first: ['E'], carried: ['A', 'B', 'C'] })].sort()).toEqual(['A', 'B', 'E']);
    expect(chooseSymbols({ ...base, first: wanted })).toEqual(['E', 'D', 'C']);
  });
});

describe('other settings while it runs', () => {
  const plansOf = (venues: object) => planMarkets(settingsSchema.parse({ version: 1, venues }), feedOf).markets;
  const names = (venues: object, next: object): string[] =>
    untouched(plansOf(venues), plansOf(next)).map(({ venue, market }) => `${venue}:${market}`);
  const both = { markets: ['spot', 'perp'], symbols: { quote: ['USDT'] } };

  test('leave alone what they do not change', () => {
    expect(
      names({ binance: both, upbit: { markets: ['spot'] } }, { binance: both, upbit: { markets: ['spot'], lines: 2 } }),
    ).toEqual(['binance:spot', 'binance:perp']);
    expect(names({ binance: both }, { binance: { ...both, markets: ['perp'] }, okx: both })).toEqual(['binance:perp']);
    expect(names({ binance: both }, { binance: { ...both, symbols: 'all' } })).toEqual([]);
    expect(names({ binance: both }, {})).toEqual([]);
  });

  test('change the markets of a venue together where they share what an address is allowed', () => {
    expect(names({ phemex: both }, { phemex: both })).toEqual(['phemex:spot', 'phemex:perp']);
    expect(names({ phemex: both }, { phemex: { ...both, markets: ['spot'] } })).toEqual([]);
  });
});
