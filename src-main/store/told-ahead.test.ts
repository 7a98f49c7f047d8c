// A start knows what the catalog was told of by batches that were never committed: what heals when they are read again must not stay open there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { openJournal } from '../journal/writer.ts';
import { openStore, tradeFrame } from './store.fixture.ts';

const T = 1_763_600_400_000_000;
let dataDir = '';

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-ahead-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('a gap that a lost batch had told is closed when its ids come within the grace of the second reading', async () => {
  const opened = await openJournal(join(dataDir, 'journal'), {});
  if (!opened.ok) throw new Error(opened.failure.message);
  const journal = opened.value;
  const line = journal.line({ venue: 'binance', market: 'spot', line: 0, role: 'live', slot: 0 });
  const trade = (id: number, ms: number): void => {
    const us = T + ms * 1000;
    journal.append(line, RecordKind.data, Origin.live, us, us, tradeFrame('BTCUSDT', id, us));
  };
  trade(5, 0);
  await journal.flush();
  await (await openStore(dataDir)).close();
  // The batch with the jump is told of and never committed; then the missing id comes.
  const store = await openStore(dataDir);
  await store.caughtUp();
  const [stream] = store.warehouse.catalog.streams.all();
  if (!stream) throw new Error('the stream is not there');
  const ids = { fromId: '5', toId: '7', fromUs: T, toUs: T + 100_000 };
  const told = {
    id: `${stream.no}-5`,
    stream: stream.no,
    key: stream,
    state: 'open',
    cause: 'sequence',
    ...ids,
  } as const;
  const frame = (store.committer.last.position?.frame ?? 0) + 1;
  const rest = { deadlineUs: null, evidence: null, openedUs: T + 100_000, closedUs: null, frame };
  store.warehouse.catalog.gaps.apply([{ ...told, ...rest }]);
  await store.close();
  trade(7, 100);
  trade(6, 200);
  trade(8, 300);
  await journal.close();
  const again = await openStore(dataDir);
  await again.caughtUp();
  expect(again.warehouse.catalog.gaps.get(told.id)).toMatchObject({
    state: 'repaired',
    evidence: ['all 1 missing ids came'],
  });
  await again.close();
});
