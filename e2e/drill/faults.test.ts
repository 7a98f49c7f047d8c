// The short fault drill: every fault once on one line, then on all, on every venue. The long one is `npm run drill -- faults`.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { marketKeys } from '../../src-main/rehearsal/registry.ts';
import { faultDrill } from './faults.ts';
import { top } from './processes.ts';

const recipe = join(top, 'resources/recipes/seven-faults-short.json');

describe('faults of the venues against the ledger', () => {
  it('two lines: nothing unexplained, nothing twice, and no fault of one line costs a trade on any venue', async () => {
    const report = await faultDrill({ recipe, lines: 2, seconds: 80 });
    expect(report.audit.examples).toEqual([]);
    expect(report.audit).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0 });
    expect(Object.keys(report.audit.markets).sort()).toEqual([...marketKeys].sort());
    for (const [market, figures] of Object.entries(report.audit.markets)) {
      expect(figures, market).toMatchObject({ unexplained: 0, doubles: 0, foreign: 0, lostWithoutCause: 0 });
      expect(figures.printed, market).toBeGreaterThan(500);
    }
  });

  it('one line: what is lost is told', async () => {
    const report = await faultDrill({ recipe, lines: 1, seconds: 45 });
    expect(report.audit.examples).toEqual([]);
    expect(report.audit).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0 });
    for (const [market, figures] of Object.entries(report.audit.markets))
      expect(figures, market).toMatchObject({ unexplained: 0, doubles: 0, foreign: 0 });
  });
});
