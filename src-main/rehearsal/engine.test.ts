// The printed tape is a pure function of the recipe: drills can be repeated, and what REST gives later is what was printed.
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { Engine, STEP_MS, type StepClock } from './engine.ts';
import { parseRecipe, type RecipeInput } from './recipe.ts';
import { marketKeys } from './registry.ts';
import { settingsFor } from './settings.ts';
import type { TapeRow } from './tape.ts';
import { type MarketKey, venueOf } from './venue.ts';
import { lotsText, priceText } from './wire.ts';
import { World } from './world.ts';

const START = 1_795_000_000_000;

interface Printed {
  readonly key: string;
  readonly market: MarketKey;
  readonly symbol: string;
  readonly id: number;
  readonly counter: number;
  readonly text: string;
  readonly ms: number;
}

function play(input: RecipeInput, seconds: number): { world: World; printed: Printed[] } {
  const world = new World(unwrap(parseRecipe(input)));
  const engine = new Engine(world, { listing: () => undefined, opened: () => undefined });
  const printed: Printed[] = [];
  const clock: { -readonly [K in keyof StepClock]: StepClock[K] } = {
    stepMs: 0,
    spanMs: STEP_MS,
    skewMs: () => 0,
    epoch: () => 0,
  };
  while (engine.virtualMs < seconds * 1000) {
    clock.stepMs = START + engine.virtualMs;
    engine.step(clock, (stream, trade) => {
      printed.push({
        key: `${stream.market} ${stream.symbol}`,
        market: stream.market,
        symbol: stream.symbol,
        id: trade.id,
        counter: stream.market === 'upbit:spot' ? trade.extra : 0,
        text: `${priceText(stream.scales, trade.priceTicks)} ${lotsText(stream.scales, trade.lots)} ${trade.sell}`,
        ms: trade.ms - START,
      });
    });
  }
  expect(engine.printed).toBe(printed.length);
  return { world, printed };
}

const three: RecipeInput = {
  version: 1,
  seed: 42,
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 80 },
    { base: 'PEPE', price: 0.00000934, ratePerSecond: 60 },
    { base: 'POD', price: 1.2345, ratePerSecond: 40, venues: ['binance:spot', 'binance:perp'] },
  ],
};

describe('the simulated matching engines', () => {
  it('print the same for the same seed, and something else for another', () => {
    const once = play(three, 5).printed;
    expect(play(three, 5).printed).toEqual(once);
    expect(play({ ...three, seed: 43 }, 5).printed).not.toEqual(once);
  });

  it("do not change one stream's trades when another stream is added", () => {
    const of = (printed: Printed[]): Printed[] => printed.filter((one) => one.key === 'binance:spot BTCUSDT');
    const more = {
      ...three,
      instruments: [...(three.instruments ?? []), { base: 'ETH', price: 2681, ratePerSecond: 50 }],
    };
    expect(of(play(more, 5).printed)).toEqual(of(play(three, 5).printed));
  });

  it('print at the rate asked for, with several trades in the same ms', () => {
    const { printed } = play({ version: 1, generator: { count: 60, ticksPerSecond: 3000 } }, 20);
    expect(printed.length / 20).toBeGreaterThan(2700);
    expect(printed.length / 20).toBeLessThan(3300);
    const sameMs = printed.filter(
      (one, at) => at > 0 && printed[at - 1]?.key === one.key && printed[at - 1]?.ms === one.ms,
    );
    expect(sameMs.length / printed.length).toBeGreaterThan(0.2);
  });

  it('count ids by one where ids count, and never repeat an Upbit id though they come out of order', () => {
    const { printed } = play(three, 10);
    const last = new Map<string, number>();
    const seen = new Set<string>();
    let back = 0;
    let before = '';
    for (const one of printed) {
      if (one.market !== 'upbit:spot') {
        const previous = last.get(one.key);
        if (previous !== undefined) expect(one.id).toBe(previous + 1);
        last.set(one.key, one.id);
        continue;
      }
      const id = `${one.symbol} ${one.ms} ${String(one.counter).padStart(4, '0')}`;
      expect(seen.has(id)).toBe(false);
      seen.add(id);
      if (id < before) back += 1;
      before = id;
    }
    expect(back).toBeGreaterThan(0);
  });

  it('pump eight times the trades within a second, one venue 300 to 800 ms before the others', () => {
    const { printed } = play(
      {
        version: 1,
        seed: 9,
        instruments: [{ base: 'POD', price: 1.2345, ratePerSecond: 400 }],
        listing: [
          { coin: 'POD', atSeconds: 5, pumpFactor: 8, pumpSeconds: 10, priceMultiple: 1.6, leads: 'binance:perp' },
        ],
      },
      12,
    );
    const rate = (market: MarketKey, from: number, to: number): number =>
      printed.filter((one) => one.market === market && one.ms >= from && one.ms < to).length / ((to - from) / 1000);
    for (const market of ['binance:spot', 'binance:perp', 'upbit:spot'] as const) {
      const ratio = rate(market, 7000, 12_000) / rate(market, 0, 5000);
      expect(ratio).toBeGreaterThan(6);
      expect(ratio).toBeLessThan(10);
    }
    const risen = (market: MarketKey): number => {
      const own = printed.filter((one) => one.market === market);
      const price = (one: Printed): number => Number(one.text.split(' ')[0]);
      const rest = price(own.find((one) => one.ms >= 4000) ?? own[0]!);
      return own.find((one) => one.ms >= 4000 && price(one) > rest * 1.1)?.ms ?? Number.POSITIVE_INFINITY;
    };
    for (const market of ['binance:spot', 'upbit:spot'] as const) {
      expect(risen(market) - risen('binance:perp')).toBeGreaterThan(200);
      expect(risen(market) - risen('binance:perp')).toBeLessThan(950);
    }
  });

  it('open the Upbit market of a listed coin', () => {
    const { printed } = play({ ...three, listing: [{ coin: 'POD', atSeconds: 1, newInstrumentsAfterSeconds: 2 }] }, 6);
    const opened = printed.filter((one) => one.key === 'upbit:spot KRW-POD');
    expect(opened.length).toBeGreaterThan(20);
    expect(opened[0]?.ms).toBeGreaterThanOrEqual(3000);
  });

  it('repeat a listing with other coins', () => {
    const heard: string[] = [];
    const world = new World(
      unwrap(
        parseRecipe({
          ...three,
          listing: [{ coin: 'POD', atSeconds: 1, again: { everySeconds: 2, coins: ['BTC', 'POD'] } }],
        }),
      ),
    );
    const engine = new Engine(world, {
      listing: (listing) => heard.push(`${listing.coin}@${listing.atMs}`),
      opened: () => undefined,
    });
    while (engine.virtualMs < 8000) {
      engine.step(
        { stepMs: START + engine.virtualMs, spanMs: STEP_MS, skewMs: () => 0, epoch: () => 0 },
        () => undefined,
      );
    }
    expect(heard).toEqual(['POD@1000', 'BTC@3000', 'POD@5000', 'BTC@7000']);
  });
});

describe('a listing', () => {
  it('opens the coin on the markets that it names, at the same price in coins, where it is not there yet', () => {
    const opened: string[] = [];
    const listing = { coin: 'POD', atSeconds: 1, newInstrumentsAfterSeconds: 2, opens: [...marketKeys] };
    const world = new World(unwrap(parseRecipe({ ...three, listing: [listing] })));
    const engine = new Engine(world, {
      listing: () => undefined,
      opened: (stream) => opened.push(`${stream.market}@${engine.virtualMs}`),
    });
    while (engine.virtualMs < 4000) {
      engine.step(
        { stepMs: START + engine.virtualMs, spanMs: STEP_MS, skewMs: () => 0, epoch: () => 0 },
        () => undefined,
      );
    }
    const elsewhere = marketKeys.filter((key) => key !== 'binance:spot' && key !== 'binance:perp');
    expect(opened.sort()).toEqual(elsewhere.map((key) => `${key}@3000`).sort());
    for (const key of elsewhere) {
      const stream = world.inMarket(key).find((one) => one.base === 'POD');
      expect(stream?.priceInQuote, key).toBe(1.2345);
      expect(stream?.tape.length, key).toBeGreaterThan(0);
    }
    expect(settingsFor(world, 1, { lines: 2, symbols: 'all' }).venues).toMatchObject(
      Object.fromEntries(marketKeys.map((key) => [venueOf(key), { lines: 2, symbols: 'all' }])),
    );
  });

  it('moves a coin alike however many venues are simulated', () => {
    const listing = { coin: 'BTC', atSeconds: 1 };
    const few = play({ ...three, listing: [listing] }, 4).printed.filter((one) => one.symbol === 'BTCUSDT');
    const more = { base: 'ADA', price: 0.34, ratePerSecond: 20, venues: [...marketKeys] };
    const many = play({ ...three, instruments: [...(three.instruments ?? []), more], listing: [listing] }, 4).printed;
    const usual = many.filter((one) => one.symbol === 'BTCUSDT' && one.market.startsWith('binance'));
    expect(usual).toEqual(few.filter((one) => one.market.startsWith('binance')));
  });
});

describe('the tape', () => {
  it('gives back every trade, those that memory no longer holds too', async () => {
    const { world, printed } = play(
      { version: 1, historyTrades: 10_000, generator: { count: 6, ticksPerSecond: 9000 } },
      10,
    );
    // The moves to the file are under way; reading must be right before and after them.
    for (let round = 0; round < 2; round += 1) {
      for (const stream of world.streams) {
        const own = printed.filter((one) => one.key === `${stream.market} ${stream.symbol}`);
        const rows = stream.tape.rows(0, Number.MAX_SAFE_INTEGER);
        const text = (row: TapeRow): string =>
          `${priceText(stream.scales, row.priceTicks)} ${lotsText(stream.scales, row.lots)} ${row.sell}`;
        expect(rows.map(text)).toEqual(own.map((one) => one.text));
        expect([...stream.tape.backwards()].map((row) => row.index)).toEqual(rows.map((row) => row.index).reverse());
        const middle = rows[Math.floor(rows.length / 2)];
        if (middle) expect(stream.tape.firstAt(middle.ms)).toBe(rows.findIndex((row) => row.ms >= middle.ms));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(world.tapes.trouble).toBeNull();
    world.tapes.close();
  });
});
