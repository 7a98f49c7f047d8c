// The short versions of the drills. The long ones, with the figures of docs/benchmarks.md, are `npm run drill`.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { killDrill } from './kill.ts';
import { blockedDrill } from './load.ts';
import { powerDrill } from './power.ts';
import { top } from './processes.ts';

const recipe = join(top, 'resources/recipes/power.json');

describe('drills against the ledger', () => {
  it('kill -9 of collector, store and host: each durable frame once, nothing unexplained', async () => {
    const report = await killDrill({ kills: 8, seed: 7, recipe, calmMs: [200, 1500] });
    expect(report.audit.examples).toEqual([]);
    expect(report.audit).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0 });
    expect(report.audit.printed).toBeGreaterThan(5000);
    expect(report.audit.stored).toBeGreaterThan(report.audit.printed * 0.9);
  });

  it('power cut: what was synced is there once, the rest is reported', async () => {
    const report = await powerDrill({ cuts: 4, seed: 7, recipe, cutsPerSession: 4 });
    expect(report.examples).toEqual([]);
    expect(report.audits).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0 });
    expect(report.audits.printed).toBeGreaterThan(1000);
  });

  it('a store that stands still costs no line and no tick', async () => {
    const report = await blockedDrill({ seconds: 8, recipe });
    expect(report.audit.examples).toEqual([]);
    expect(report.audit).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0 });
    expect(report.reconnects).toBe(0);
  });
});
