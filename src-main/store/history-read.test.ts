// What the store could not read of a page is known to whoever asked for it: else a damaged page would prove that nothing is missing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { openJournal } from '../journal/writer.ts';
import type { HistoryRead } from './pipeline/gap-book.ts';
import { openStore } from './store.fixture.ts';

const T = 1_763_600_400_000_000;
let dataDir = '';

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-history-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const good = `[${T * 1000},"Buy",24025000000,10576000]`;
const page = (rows: string): string =>
  `{"error":null,"id":0,"result":{"sequence":1,"symbol":"sBTCUSDT","trades":[${rows}],"type":"snapshot"}}`;

test.each([
  ['whole', page(`${good},[${T * 1000 + 1000},"Buy",24025000000,10576000]`), { rows: 2, refused: 0 }],
  ['with a damaged row', page(`${good},[${T * 1000 + 1000},"Buy","x",10576000]`), { rows: 1, refused: 1 }],
  ['that is no page', 'gateway timeout', { rows: 0, refused: 1 }],
])('a page %s is told as it was read, when its trades can be queried', async (_, body, read) => {
  const opened = await openJournal(join(dataDir, 'journal'), {});
  if (!opened.ok) throw new Error(opened.failure.message);
  const journal = opened.value;
  const rest = journal.line({ venue: 'phemex', market: 'spot', line: 0, role: 'rest', slot: 0 });
  const hole = { fromId: null, toId: null, fromUs: T, toUs: T + 1 };
  const head = { gapId: 'page-1', symbol: 'sBTCUSDT', channel: 'trade', path: '/md/trade', status: 200 };
  journal.control(rest, { type: 'history', ...head }, T);
  journal.append(rest, RecordKind.data, Origin.backfill, T, T, Buffer.from(body));
  journal.control(rest, { type: 'history-end', gapId: 'page-1', reached: true, note: '', asked: hole }, T);
  await journal.close();
  const store = await openStore(dataDir);
  const told: { read: HistoryRead; committed: number }[] = [];
  store.warehouse.on('history', (one) => told.push({ read: one, committed: store.committer.last.totals.ticks }));
  await store.caughtUp();
  await store.close();
  // Told before the store says that it has come so far.
  expect(told).toEqual([{ read: { name: 'page-1', ...read }, committed: 0 }]);
});
