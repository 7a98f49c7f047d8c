// A recipe shortens a venue's limits without inventing rules that the venue does not have.
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { limitsFrom } from './limits.ts';
import { limitsOver, parseRecipe } from './recipe.ts';
import { venueMarket } from './registry.ts';

describe('limits', () => {
  it('are the true ones where the recipe says nothing', () => {
    expect(venueMarket('binance:perp').limits({})).toMatchObject({
      ageMs: 86_400_000,
      pingMs: 180_000,
      pongMs: 600_000,
      messages: [{ count: 10, perMs: 1000 }],
      streams: 200,
      connects: { count: 300, perMs: 300_000 },
      rest: { weight: 2400, perMs: 60_000 },
    });
    expect(venueMarket('upbit:spot').limits({ messagesPerSecond: 10, ageSeconds: 5 })).toMatchObject({
      ageMs: 5000,
      pingMs: 0,
      idleMs: 120_000,
      messages: [
        { count: 10, perMs: 1000 },
        { count: 200, perMs: 60_000 },
      ],
      rest: { weight: 10, perMs: 1000 },
    });
  });

  it('count in the venue own windows', () => {
    const known = { connects: { count: 5, perMs: 1000 }, rest: { weight: 600, perMs: 5000 } };
    expect(limitsFrom({ restPerSecond: 10 }, known).rest).toEqual({ weight: 50, perMs: 5000 });
    expect(limitsFrom({ pingSeconds: 1, idleSeconds: 1 }, known)).toMatchObject({ pingMs: 0, idleMs: 0 });
  });

  it('hold for all venues, and otherwise for one', () => {
    const recipe = unwrap(
      parseRecipe({
        version: 1,
        instruments: [{ base: 'BTC', price: 1, ratePerSecond: 1 }],
        limits: { connects: 7, venues: { upbit: { connects: 9, idleSeconds: 3 } } },
      }),
    );
    expect(limitsOver(recipe, 'binance')).toEqual({ connects: 7 });
    expect(limitsOver(recipe, 'upbit')).toEqual({ connects: 9, idleSeconds: 3 });
  });
});
