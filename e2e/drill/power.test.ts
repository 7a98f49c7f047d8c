// The power drill, short: 200 cuts are `npm run drill -- power`.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { powerDrill } from './power.ts';
import { top } from './processes.ts';

const recipe = join(top, 'resources/recipes/power.json');

it('power cut: what was synced is there once, the rest is reported', async () => {
  const report = await powerDrill({ cuts: 4, seed: 7, recipe, cutsPerSession: 4 });
  expect(report.examples).toEqual([]);
  expect(report.audits).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0, doubles: 0 });
  expect(report.audits.printed).toBeGreaterThan(1000);
});
