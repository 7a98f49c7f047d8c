// The drill of a store that stands still, short: a minute of it is `npm run drill -- blocked`.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blockedDrill } from './load.ts';
import { top } from './processes.ts';

const recipe = join(top, 'resources/recipes/power.json');

it('a store that stands still costs no line and no tick', async () => {
  const report = await blockedDrill({ seconds: 8, recipe });
  expect(report.audit.examples).toEqual([]);
  expect(report.audit).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0, explained: 0 });
  expect(report.audit.printed).toBeGreaterThan(5000);
  expect(report.reconnects).toBe(0);
});
