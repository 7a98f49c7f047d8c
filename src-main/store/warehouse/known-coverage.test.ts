// A line that nobody closed, because everything ended at once, is not told as carrying its streams until now.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { openArchive } from './archive.ts';
import { knownCoverage } from './known-coverage.ts';
import { openWarehouse } from './warehouse.ts';

const AT = 1_790_000_000_000_000;

test('an open line ends with its last frame when nobody records, and is open while somebody does', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-coverage-'));
  const warehouse = await openWarehouse(dir, { log: silentLog(), nowUs: () => AT + 1e9 });
  try {
    const key = { venue: 'upbit', market: 'spot', symbol: 'KRW-BTC', channel: 'trade' } as const;
    const fact = (connection: string, line: number, fromUs: number, toUs: number | null) => ({
      key,
      line,
      connection,
      fromUs,
      toUs,
    });
    warehouse.catalog.coverage.apply([
      fact('3.1', 0, AT, AT + 1000),
      fact('3.2', 0, AT + 2000, null),
      fact('4.1', 1, AT + 500, null),
    ]);
    const heard = new Map([[3, AT + 9000]]);
    const archive = openArchive(
      warehouse,
      () => AT + 1e9,
      (lineNo) => heard.get(lineNo) ?? null,
    );
    const told = (fromUs: number, writing: boolean) =>
      knownCoverage(archive, { fromUs, toUs: AT + 1e9 }, writing).map(({ line, toUs }) => [line, toUs]);
    expect(told(AT, true)).toEqual([
      [0, AT + 1000],
      [0, null],
      [1, null],
    ]);
    expect(told(AT, false)).toEqual([
      [0, AT + 1000],
      [0, AT + 9000],
      [1, AT + 500],
    ]);
    expect(told(AT + 5000, false)).toEqual([[0, AT + 9000]]);
    expect(told(AT + 10_000, false)).toEqual([]);
  } finally {
    await warehouse.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
