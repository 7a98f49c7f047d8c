// What the drills judge by, without a drill: figures that must be 0, faults that hit nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { faultsOf } from './faults.ts';
import { wrongFigures } from './numbers.ts';

it('names every figure of a report that must be 0 and is not', () => {
  const markets = { 'okx:spot': { doubles: 3, foreign: 0 }, 'gate:perp': { doubles: 0, unexplained: 1 } };
  expect(wrongFigures({ wrong: ['a', 'b'], audit: { duplicates: 4, unexplained: 1, markets }, calm: [] })).toEqual([
    'wrong: 2',
    'audit.unexplained: 1',
    'audit.markets.okx:spot.doubles: 3',
    'audit.markets.gate:perp.unexplained: 1',
  ]);
  expect(wrongFigures({ wrong: [], audit: { unexplained: 0, foreign: 0, examples: ['x'] }, phases: null })).toEqual([]);
  // Nothing was counted.
  expect(wrongFigures({ unexplained: Number.NaN })).toEqual(['unexplained: NaN']);
});

it('tells the faults that hit no frame or no connection, of the lines that there are', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-judges-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const ledger = join(dir, 'ledger.jsonl');
  const remark = (phase: string, recipe: { kind: string }, connections: number[], hits: number): string =>
    JSON.stringify({ fault: recipe.kind, phase, recipe, atMs: 1, connections, hits, atUs: 1000 });
  const hit = { atSeconds: 1, kind: 'drop', count: 3 };
  const missed = { atSeconds: 2, kind: 'drop', count: 3, forSeconds: 1, line: 0 };
  const endless = { atSeconds: 3, kind: 'reorder', count: 9 };
  const second = { atSeconds: 4, kind: 'repeat', count: 9, line: 1 };
  const cut = { atSeconds: 5, kind: 'cut' };
  const nobody = { atSeconds: 6, kind: 'stall', forSeconds: 2, line: 0 };
  const refuse = { atSeconds: 7, kind: 'refuse', forSeconds: 1 };
  const lines = [
    remark('begin', hit, [1], 0),
    remark('end', hit, [1], 3),
    remark('begin', missed, [1], 0),
    remark('end', missed, [1], 0),
    remark('begin', endless, [1], 0),
    remark('begin', second, [], 0),
    remark('end', second, [], 0),
    remark('begin', cut, [1], 0),
    remark('end', cut, [1], 0),
    remark('begin', nobody, [], 0),
    remark('end', nobody, [], 0),
    remark('begin', refuse, [], 0),
    remark('end', refuse, [], 0),
  ];
  writeFileSync(ledger, `${lines.join('\n')}\n`);
  const idleOf = async (count: 1 | 2): Promise<unknown[]> =>
    (await faultsOf(ledger, ['okx:spot'], count)).idle.map((text) => JSON.parse(text));
  expect(await idleOf(1)).toEqual([missed, endless, nobody]);
  expect(await idleOf(2)).toEqual([missed, endless, second, nobody]);
});
