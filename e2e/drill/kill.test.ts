// The kill drill, short: 200 kills are `npm run drill -- kill`.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { killDrill } from './kill.ts';
import { top } from './processes.ts';

const recipe = join(top, 'resources/recipes/power.json');

it('kill -9 of collector, store and host: each durable frame once, nothing unexplained', async () => {
  const report = await killDrill({ kills: 8, seed: 7, recipe, calmMs: [200, 1500] });
  expect(report.audit.examples).toEqual([]);
  expect(report.audit).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0 });
  for (const [market, { doubles }] of Object.entries(report.audit.markets)) expect(doubles, market).toBe(0);
  expect(report.audit.printed).toBeGreaterThan(5000);
  expect(report.audit.stored).toBeGreaterThan(report.audit.printed * 0.9);
});
