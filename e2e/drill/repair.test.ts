// The short repair drill, on every simulated venue. The long one is `npm run drill -- repair`.
import { describe, expect, it } from 'vitest';
import { marketKeys } from '../../src-main/rehearsal/registry.ts';
import { repairDrill } from './repair.ts';

describe('what was missed', () => {
  it('an outage of every venue, killed half-way: filled where history reaches, in order, no limit broken, nothing twice', async () => {
    const report = await repairDrill({
      gaps: 78,
      outageSeconds: 8,
      calmSeconds: 20,
      markets: marketKeys,
      ticksPerSecond: 80,
      timeoutSeconds: 90,
    });
    expect(report.audit.examples).toEqual([]);
    expect(report.audit).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0, notCarried: 0 });
    expect(report.job).toMatchObject({ state: 'done', done: report.job.total });
    expect(Object.keys(report.markets)).toHaveLength(marketKeys.length);
    for (const [market, figures] of Object.entries(report.markets)) {
      expect(figures, market).toMatchObject({ unsettled: 0, venueHole: 0 });
      expect(
        Object.keys(figures.enforced).filter((what) => what.startsWith('request refused')),
        market,
      ).toEqual([]);
      expect(figures.outOfOrder ?? 0, market).toBe(0);
      expect(figures.repaired, market).toBeGreaterThan(0);
      // Their history reaches back by days; that of the others is a page.
      if (/^(binance|okx|gate|upbit):/.test(market)) expect(figures.repaired, market).toBe(figures.gaps);
    }
  });
});
