// From lists and notices to listings that people act on: one event, told once, also when the store reads the same journal again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Instrument, Venue } from '../../src-shared/market/instrument.ts';
import type { Listing } from '../../src-shared/market/listing.ts';
import { silentLog } from '../base/log.ts';
import { storeFacts } from './facts.ts';
import type { InstrumentList } from './pipeline/outcome.ts';
import { openWarehouse, type Warehouse } from './warehouse/warehouse.ts';

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
let dataDir = '';
let warehouse: Warehouse;
let told: { id: string; fresh: boolean; moved?: boolean }[] = [];

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-facts-'));
  warehouse = await openWarehouse(dataDir, { log: silentLog(), nowUs: () => T0 });
  told = [];
  warehouse.on('listing', (change) => told.push(change));
});

afterEach(async () => {
  await warehouse.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function one(venue: Venue, symbol: string, more: Partial<Instrument> = {}): Instrument {
  const base = symbol.replace(/-?USDT$|^KRW-/, '');
  return {
    venue,
    market: 'spot',
    symbol,
    base,
    quote: 'USDT',
    contractSize: '1',
    state: 'trading',
    listedUs: null,
    ...more,
  };
}

let frame = 0;
function list(venue: Venue, us: number, instruments: readonly Instrument[], beforeUs: number | null): InstrumentList {
  frame += 1;
  return { venue, market: 'spot', instruments, seenUs: us, frame, whole: instruments.map((i) => i.symbol), beforeUs };
}

const listings = () => warehouse.catalog.listings.list(10).map(({ id, sources }) => [id, sources?.length]);

test('new instruments and notices of several venues are one listing, told once, whatever is read again', () => {
  const notice: Listing = {
    id: 'upbit-notice-1-POD',
    coin: 'POD',
    source: 'notice',
    venue: 'upbit',
    title: 'POD',
    url: null,
    publishedUs: T0 + 100 * S,
    detectedUs: T0 + 101 * S,
    quotes: ['KRW'],
  };
  const outcome = {
    instruments: [
      list('okx', T0, [one('okx', 'BTC-USDT')], null),
      list('upbit', T0, [one('upbit', 'KRW-BTC')], null),
      list('okx', T0 + 60 * S, [one('okx', 'BTC-USDT'), one('okx', 'POD-USDT')], T0),
      list('upbit', T0 + 200 * S, [one('upbit', 'KRW-BTC'), one('upbit', 'KRW-POD', { quote: 'KRW' })], T0),
    ],
    notices: [{ venue: 'upbit' as const, listings: [notice], seenUs: notice.detectedUs }],
  };
  storeFacts(warehouse, outcome);
  expect(listings()).toEqual([['instrument:okx:spot:POD-USDT', 3]]);
  expect(told).toEqual([{ id: 'instrument:okx:spot:POD-USDT', fresh: true, moved: true }]);
  expect(warehouse.catalog.listings.list(1)[0]).toMatchObject({
    source: 'notice',
    publishedUs: T0 + 100 * S,
    detectedUs: T0 + 60 * S,
  });
  storeFacts(warehouse, outcome);
  expect(listings()).toEqual([['instrument:okx:spot:POD-USDT', 3]]);
  expect(told).toHaveLength(1);
});

test('the first list of a market, and what is over or halted when it appears, list nothing', () => {
  storeFacts(warehouse, {
    instruments: [
      list('gate', T0, [one('gate', 'A'), one('gate', 'B')], null),
      list(
        'gate',
        T0 + S,
        [one('gate', 'A'), one('gate', 'C', { state: 'ended' }), one('gate', 'D', { state: 'halted' })],
        T0,
      ),
    ],
    notices: [],
  });
  expect(told).toEqual([]);
  expect(warehouse.catalog.instruments.list({ symbol: 'B' })[0]).toMatchObject({ state: 'ended', endedUs: T0 + S });
});

test('what appears held back is a listing when it is let go, once; what was halted from the first list on is none', () => {
  const states = (us: number, a: Instrument['state'], d: Instrument['state'] | null, before: number | null) =>
    list('gate', us, [one('gate', 'A', { state: a }), ...(d === null ? [] : [one('gate', 'D', { state: d })])], before);
  storeFacts(warehouse, {
    instruments: [
      states(T0, 'halted', null, null),
      states(T0 + S, 'halted', 'halted', T0),
      states(T0 + 2 * S, 'trading', 'trading', T0 + S),
      states(T0 + 3 * S, 'halted', 'halted', T0 + 2 * S),
      states(T0 + 4 * S, 'trading', 'trading', T0 + 3 * S),
    ],
    notices: [],
  });
  expect(told).toMatchObject([{ id: 'instrument:gate:spot:D', fresh: true }]);
  expect(warehouse.catalog.listings.list(1)[0]).toMatchObject({ detectedUs: T0 + 2 * S });
  expect(warehouse.catalog.instruments.list({ symbol: 'D' })[0]).toMatchObject({ absentUs: T0 + S });
});

test('a venue that changes its whole list is told as that, not as hundreds of listings', () => {
  const many = Array.from({ length: 150 }, (_, n) => one('bybit', `N${n}USDT`));
  storeFacts(warehouse, {
    instruments: [list('bybit', T0, [one('bybit', 'AUSDT')], null), list('bybit', T0 + S, many, T0)],
    notices: [],
  });
  expect(told).toEqual([]);
  expect(warehouse.notes.join()).toMatch(/bybit spot: 150 instruments appeared in one list/);
  expect(warehouse.catalog.instruments.list({ venue: 'bybit' })).toHaveLength(151);
});
