// The SQL drill: whatever a statement tries to exhaust, it ends, and the recording does not notice.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { top } from './processes.ts';
import { attacks, sqlDrill } from './sql.ts';

it('SQL that exhausts memory and processor is stopped, and no trade is lost meanwhile', async () => {
  const report = await sqlDrill({ recipe: join(top, 'resources/recipes/power.json') });
  expect(report.attacks.map(({ outcome }) => outcome)).toEqual(
    attacks.map(() => expect.stringMatching(/^analysis\.(ended|out-of-memory|time-limit)$/)),
  );
  expect(report).toMatchObject({ lostFrames: 0, reconnects: 0, restarts: 0, gaps: 0 });
  expect(report.audit.examples).toEqual([]);
  expect(report.audit).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0, explained: 0 });
  expect(report.audit.printed).toBeGreaterThan(5000);
});
