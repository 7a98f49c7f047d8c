// Figures that stand beside a verdict, out of true tables: hot rows and sealed files, rows that stand for several ids, the clocks of a window.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrap } from '../../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US } from '../../../src-shared/base/time.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { silentLog } from '../../base/log.ts';
import { moreIds } from '../pipeline/guard.ts';
import { type OpenArchive, openArchive } from './archive.ts';
import { abnormalTicks } from './clocks.ts';
import { judgeCoin } from './coin.ts';
import { countWindow, withFacts } from './queries.ts';
import { sealHour } from './seal.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const HOUR = 1_763_600_400_000_000 - (1_763_600_400_000_000 % HOUR_US);
const AT = HOUR + 1800 * SECOND_US;
const window = { fromUs: AT - 20 * SECOND_US, toUs: AT + 20 * SECOND_US };
let dataDir = '';
let warehouse: Warehouse;
let archive: OpenArchive;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-clocks-'));
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => HOUR });
  archive = openArchive(warehouse, () => HOUR);
  warehouse.catalog.streams.put(
    [
      { no: 1, venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'trade' },
      { no: 2, venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' },
      { no: 3, venue: 'binance', market: 'spot', symbol: 'ABCUSDT', channel: 'other' },
    ],
    HOUR,
  );
});

afterEach(async () => {
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Put {
  readonly stream: number;
  readonly id: number;
  readonly us: number;
  readonly price?: number;
  readonly first?: number;
}

async function put(rows: readonly Put[]): Promise<void> {
  const values = rows.map(({ stream, id, us, price = 1000, first = id }) => {
    return `(${stream}, ${id}, NULL, ${price}, 1, NULL, 5, 0, NULL, 1, ${us}, ${us}, 0, 3, ${id}, ${1 | moreIds(first, id)})`;
  });
  await warehouse.lock.run(() => warehouse.writer.run(`INSERT INTO tick VALUES ${values.join(', ')}`));
}

const missing = async (): Promise<number | undefined> => {
  const streams = withFacts(archive, archive.streams().slice(0, 1));
  const counts = unwrap(await countWindow(archive, streams, window, AT));
  return [...counts.values()][0]?.missingIds;
};

test('rows that stand for several ids are counted for all of them, hot and sealed', async () => {
  await put([
    { stream: 1, id: 104, us: window.fromUs - SECOND_US, first: 100 },
    { stream: 1, id: 110, us: AT, first: 105 },
    { stream: 1, id: 111, us: AT },
    { stream: 1, id: 120, us: window.toUs + SECOND_US, first: 112 },
  ]);
  expect(await missing()).toBe(0);
  unwrap(await sealHour(archive.sealing, HOUR));
  expect(await missing()).toBe(0);
  await put([{ stream: 1, id: 130, us: window.toUs + 2 * SECOND_US, first: 125 }]);
  // Between the window and the first row behind it nothing is missing; what is missing later is another window's.
  expect(await missing()).toBe(0);
});

test('ids that no row stands for are missing', async () => {
  await put([
    { stream: 1, id: 104, us: window.fromUs - SECOND_US, first: 100 },
    { stream: 1, id: 110, us: AT, first: 107 },
    { stream: 1, id: 115, us: AT + 1, first: 112 },
  ]);
  expect(await missing()).toBe(3);
});

test('the first abnormal tick is found from hot rows and sealed files, per stream', async () => {
  const steady = (stream: number): Put[] =>
    Array.from({ length: 1600 }, (_, n) => ({
      stream,
      id: n,
      us: AT - 320 * SECOND_US + n * 212_500,
      price: 10_000 + (n % 7),
    }));
  await put([...steady(1), ...steady(2)]);
  unwrap(await sealHour(archive.sealing, HOUR));
  await put([
    { stream: 2, id: 9001, us: AT + 3 * SECOND_US, price: 10_900 },
    { stream: 2, id: 9002, us: AT + 4 * SECOND_US, price: 12_000 },
  ]);
  const streams = withFacts(archive, archive.streams());
  const found = unwrap(await abnormalTicks(archive, streams, window));
  expect([...found].map(([name, one]) => [name.split('\n')[2], one.us - AT, one.why])).toEqual([
    ['KRW-ABC', 3 * SECOND_US, 'price'],
  ]);
});

test('a channel that nobody subscribed is no proof, whatever its ids; the subscribed one is not hurt by it', async () => {
  await put(
    [1, 3].flatMap((stream) => [0, 1, 2].map((n) => ({ stream, id: 100 + n, us: AT + (n - 1) * 30 * SECOND_US }))),
  );
  const settings = settingsSchema.parse({ version: 1 });
  const verdicts = unwrap(await judgeCoin(archive, settings, 'ABC', window, AT, AT + HOUR_US));
  const spot = (list: typeof verdicts) =>
    list.filter((one) => one.venue === 'binance').map((one) => [one.symbol, one.channel, one.verdict]);
  expect(spot(verdicts)).toEqual([
    ['ABCUSDT', 'trade', 'proven'],
    ['ABCUSDT', 'other', 'incomplete'],
  ]);
  // Where it has no trade it is no stream.
  const later = { fromUs: AT + 600 * SECOND_US, toUs: AT + 640 * SECOND_US };
  const then = unwrap(await judgeCoin(archive, settings, 'ABC', later, later.fromUs, AT + HOUR_US));
  expect(spot(then).map(([, channel]) => channel)).toEqual(['trade']);
});

test('a market that opened after a window, or ended before it, does not make it incomplete', async () => {
  const one = {
    base: 'ABC',
    quote: 'USDT',
    contractSize: '1',
    listedUs: null,
    venue: 'binance',
    market: 'spot',
  } as const;
  const old = { ...one, symbol: 'ABCUSDT', state: 'trading' } as const;
  const list = (frame: number, us: number, symbols: readonly string[], beforeUs: number | null): void => {
    warehouse.catalog.instruments.put(
      symbols.map((symbol) => ({ ...old, symbol })),
      us,
      { frame, whole: symbols, beforeUs },
    );
  };
  list(1, HOUR, ['ABCUSDT', 'ABCEUR'], null);
  list(2, HOUR + 60 * SECOND_US, ['ABCUSDT'], HOUR + 30 * SECOND_US);
  list(3, AT + 100 * SECOND_US, ['ABCUSDT', 'ABCTRY'], AT + 60 * SECOND_US);
  await put([0, 1, 2].map((n) => ({ stream: 1, id: 100 + n, us: AT + (n - 1) * 30 * SECOND_US })));
  warehouse.catalog.streams.put([{ no: 4, venue: 'binance', market: 'spot', symbol: 'ABCTRY', channel: 'trade' }], AT);
  const settings = settingsSchema.parse({
    version: 1,
    venues: { binance: { enabled: true, markets: ['spot'], symbols: 'all' } },
  });
  const verdicts = unwrap(await judgeCoin(archive, settings, 'ABC', window, AT, AT + HOUR_US));
  const spot = verdicts.filter((verdict) => verdict.venue === 'binance' && verdict.channel === 'trade');
  expect(
    spot
      .toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
      .map((verdict) => [verdict.symbol, verdict.verdict, verdict.reasons[0]]),
  ).toEqual([
    ['ABCTRY', 'proven', 'the instrument was not traded in this window'],
    ['ABCUSDT', 'proven', expect.stringMatching(/follow each other/)],
  ]);
});

test('a deadline is told again when the pace of its stream has changed, for gaps that are not settled', () => {
  const { gaps } = warehouse.catalog;
  const fact = (id: string, state: 'open' | 'repaired', fromUs: number) => ({
    id,
    stream: 2,
    key: { venue: 'upbit', market: 'spot', symbol: 'KRW-ABC', channel: 'trade' } as const,
    state,
    cause: 'disconnect' as const,
    fromUs,
    toUs: fromUs + 1,
    fromId: null,
    toId: null,
    deadlineUs: fromUs + 100,
    evidence: null,
    openedUs: AT,
    closedUs: null,
    frame: 1,
  });
  gaps.apply([fact('a', 'open', AT), fact('b', 'open', AT + 10), fact('c', 'repaired', AT)]);
  gaps.redate(2, 5000);
  gaps.redate(1, 7);
  expect(['a', 'b', 'c'].map((id) => gaps.get(id)?.deadlineUs)).toEqual([AT + 5000, AT + 5010, AT + 100]);
});
