// The short limits drill: a part of every venue's list on two lines, no limit broken. The long one is `npm run drill -- limits`.
import { describe, expect, it } from 'vitest';
import { limitsDrill } from './limits.ts';
import { listedRecipe } from './recorded-lists.ts';

describe('limits of the venues', () => {
  const listed = listedRecipe(130);
  it.skipIf(listed === undefined)('every market full on both lines, nothing cut and nothing refused', async () => {
    if (!listed) return;
    const report = await limitsDrill({ listed, seconds: 5, timeoutSeconds: 120 });
    expect(Object.keys(report.markets)).toHaveLength(13);
    for (const [market, figures] of Object.entries(report.markets)) {
      expect(figures.enforced, market).toEqual({});
      expect(figures.reconnects, market).toBe(0);
      if (!market.startsWith('phemex'))
        expect(Math.min(...figures.carried), market).toBeGreaterThanOrEqual(figures.listed);
    }
  });
});
