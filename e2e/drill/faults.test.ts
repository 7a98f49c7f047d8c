// The short fault drill: every fault on one line, then on all, on every venue; with two lines and with one, side by side.
// The long one, in which frames that no line got are found by candles, is `npm run drill -- faults`: its timetable is checked here.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRecipe } from '../../src-main/rehearsal/recipe.ts';
import { marketKeys } from '../../src-main/rehearsal/registry.ts';
import { type FaultReport, faultDrill, faultName } from './faults.ts';
import { top } from './processes.ts';

const recipe = join(top, 'resources/recipes/seven-faults-short.json');
const SECONDS = 64;

/** Every fault of the short timetable begins once within the time. */
function planned(lines: 1 | 2): Record<string, number> {
  const found = readRecipe(recipe);
  if (!found.ok) throw new Error(found.failure.message);
  const counts: Record<string, number> = {};
  for (const fault of found.value.faults) {
    expect(fault.atSeconds).toBeLessThan(SECONDS);
    expect(fault.everySeconds).toBeUndefined();
    counts[faultName(fault, lines)] = (counts[faultName(fault, lines)] ?? 0) + 1;
  }
  return counts;
}

/** What holds however many lines there are. */
function expectNothingUntold(report: FaultReport): void {
  expect(report.faults).toEqual(planned(report.lines));
  expect(report.idle).toEqual([]);
  expect(report.audit.examples).toEqual([]);
  expect(report.audit).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0 });
  expect(report.unsettled).toEqual([]);
  expect(Object.keys(report.audit.markets).sort()).toEqual([...marketKeys].sort());
  for (const [market, figures] of Object.entries(report.audit.markets)) {
    expect(figures, market).toMatchObject({ unexplained: 0, doubles: 0, foreign: 0, lostWithoutCause: 0 });
    expect(figures.printed, market).toBeGreaterThan(500);
  }
}

describe.concurrent('faults of the venues against the ledger', () => {
  it('two lines: nothing unexplained, nothing twice, and no fault of one line costs a trade on any venue', async () => {
    expectNothingUntold(await faultDrill({ recipe, lines: 2, seconds: SECONDS }));
  });

  it('one line: what is lost is told, and was lost to a fault of this line', async () => {
    expectNothingUntold(await faultDrill({ recipe, lines: 1, seconds: SECONDS }));
  });
});

describe('the timetable of the long drill', () => {
  const found = readRecipe(join(top, 'resources/recipes/seven-faults.json'));
  if (!found.ok) throw new Error(found.failure.message);
  const { faults, instruments, durationSeconds = 0 } = found.value;
  /** Who is hit within the time, of faults on every venue. */
  const hit = (kind: string): Set<number | undefined> =>
    new Set(
      faults
        .filter((fault) => fault.kind === kind && fault.venue === undefined && fault.market === undefined)
        .filter((fault) => fault.atSeconds + (fault.forSeconds ?? 0) + 60 < durationSeconds)
        .map((fault) => fault.line),
    );

  it('is half an hour on every venue market', () => {
    expect(durationSeconds).toBe(1800);
    for (const { venues } of instruments) expect([...venues].sort()).toEqual([...marketKeys].sort());
  });

  it.each(['drop', 'cut', 'half-open', 'stall', 'repeat', 'reorder', 'malformed', 'ending'])(
    '%s: on the first line, on the second and on all',
    (kind) => {
      expect([...hit(kind)].toSorted()).toEqual([0, 1, undefined]);
    },
  );

  it('drops no frame in the minute in which recording begins: no candle tells of a minute that was recorded in part', () => {
    for (const { kind, atSeconds } of faults) if (kind === 'drop') expect(atSeconds).toBeGreaterThan(65);
  });

  it.each(['refuse', 'skew', 'rest-429'])('%s: of a whole venue, for it has no lines', (kind) => {
    expect([...hit(kind)]).toEqual([undefined]);
  });
});
