// The short reconcile drill, on every simulated venue. The long one is `npm run drill -- reconcile`.
import { describe, expect, it } from 'vitest';
import { marketKeys } from '../../src-main/rehearsal/registry.ts';
import { reconcileDrill } from './reconcile.ts';

describe('what is missing in the store', () => {
  it('a trade taken out of every stream is found by one comparison with the candles, and comes back where history reaches', async () => {
    const report = await reconcileDrill({ streams: 1, markets: marketKeys });
    expect(report.audit.examples).toEqual([]);
    // Phemex spot is compared by pages.
    expect(Object.keys(report.markets).sort()).toEqual(marketKeys.filter((key) => key !== 'phemex:spot').sort());
    const taken = Object.values(report.markets).reduce((sum, one) => sum + one.taken, 0);
    // The balance sheet counts a row that was taken and came back as stored twice; on disk nothing is there twice.
    expect(report.audit).toMatchObject({ duplicates: taken, unexplained: 0, foreign: 0 });
    for (const [market, { doubles }] of Object.entries(report.audit.markets)) expect(doubles, market).toBe(0);
    expect(report.after.differing).toBe(
      Object.values(report.markets).reduce((sum, one) => sum + one.found - one.mended, 0),
    );
    for (const [market, figures] of Object.entries(report.markets)) {
      expect(figures, market).toMatchObject({ differingBefore: 0, taken: 1 });
      expect(figures.found + figures.back, market).toBe(1);
      // Its one page of a busy stream ended long after the minute: told, not mended.
      if (!market.startsWith('phemex')) expect(figures.mended, market).toBe(figures.found);
      // Asked for by ids, the repair of the stop brings nothing else.
      if (market.startsWith('binance') || market.startsWith('phemex')) expect(figures.found, market).toBe(1);
    }
  });
});
