// The figures of a pump are what a desk trades on: each definition is held against rows counted by hand.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECOND_US } from '../../../src-shared/base/time.ts';
import type { StreamVerdict } from '../../../src-shared/market/listing.ts';
import type { PumpFigures } from '../../../src-shared/market/pump.ts';
import { type Duck, openDuck, storeDuckSettings } from '../../base/duck.ts';
import type { Abnormal } from './abnormal.ts';
import { leadsOf, pumpSql, readPump } from './pump.ts';

const AT = 1_763_600_400_000_000;
const window = { fromUs: AT - 20 * SECOND_US, toUs: AT + 20 * SECOND_US };
const NAME = 'upbit\nspot\nKRW-ABC\ntrade';
let duck: Duck;

beforeAll(async () => {
  duck = await openDuck(':memory:', storeDuckSettings);
});
afterAll(() => duck.close());

interface Printed {
  readonly second: number;
  readonly price: string;
  readonly qty?: string;
  readonly side?: 'buy' | 'sell' | 'unknown';
  readonly origin?: 'live' | 'backfill';
  readonly base?: string | null;
}

function relationOf(rows: readonly Printed[]): string {
  const values = rows.map(({ second, price, qty = '1', side = 'buy', origin = 'live', base = qty }, index) => {
    const us = AT + Math.round(second * SECOND_US);
    return `('upbit', 'spot', 'KRW-ABC', 'trade', '${100 + index}', '${price}', '${qty}', ${base === null ? 'NULL' : `'${base}'`}, '${side}', ${us}, ${us + 5000}, '${origin}')`;
  });
  return `SELECT * FROM (VALUES ${values.join(', ')}) v(venue, market, symbol, channel, id, price, qty, base_qty, side, event_us, recv_us, origin)`;
}

async function figures(
  rows: readonly Printed[],
  past = { seconds: 300, trades: 30, volume: 60 },
  abnormal = new Map<string, Abnormal>(),
): Promise<PumpFigures | undefined> {
  const read = await duck.with((connection) => connection.rows(pumpSql(relationOf(rows), window, AT, abnormal)));
  return readPump(read, window, AT, new Map([[NAME, past]])).get(NAME);
}

test('base, run-up, peak and volume are those of the trades, digits exact, window half-open', async () => {
  const found = await figures(
    [
      { second: -50, price: '90' },
      { second: -20, price: '100.0' },
      { second: -0.5, price: '110.00' },
      { second: 0, price: '120', qty: '0.1', side: 'buy' },
      { second: 5, price: '165.50', qty: '0.2', side: 'buy' },
      { second: 6, price: '165.5', qty: '1', side: 'sell' },
      { second: 7, price: '99', qty: '0.7', side: 'sell' },
      { second: 20, price: '999' },
    ],
    undefined,
    new Map([[NAME, { us: AT - SECOND_US / 2, why: 'price', reason: '' }]]),
  );
  expect(found?.base).toEqual({ price: '110.00', us: AT - SECOND_US / 2, from: 'before' });
  expect(found?.firstPrice).toBe('100.0');
  expect(found?.runUpPercent).toBeCloseTo(10);
  expect(found?.peak).toMatchObject({ price: '165.50', us: AT + 5 * SECOND_US, afterUs: 5 * SECOND_US });
  expect(found?.peak?.percent).toBeCloseTo(50.4545, 3);
  expect(found?.low).toMatchObject({ price: '99', afterUs: 7 * SECOND_US });
  expect(found?.last).toMatchObject({ price: '99', us: AT + 7 * SECOND_US });
  expect(found).toMatchObject({ trades: 4, volume: '2' });
  expect(found?.turnover).toBeCloseTo(12 + 33.1 + 165.5 + 69.3);
  expect(found?.buyShare).toBeCloseTo(0.15);
  // 2 coins in 20 s against 60 coins in 300 s; 4 trades against 30.
  expect(found?.volumeMultiple).toBeCloseTo(0.5);
  expect(found?.tradeMultiple).toBeCloseTo(2);
  expect(found?.moved).toEqual({ us: AT - SECOND_US / 2, recvUs: AT - SECOND_US / 2 + 5000 });
  expect(found?.abnormalRecvUs).toBe(AT - SECOND_US / 2 + 5000);
});

test('a market that opens with the listing is measured from its first trade, and without a past nothing is compared', async () => {
  const found = await figures(
    [
      { second: 3, price: '10' },
      { second: 4, price: '12', origin: 'backfill', side: 'unknown' },
    ],
    { seconds: 2, trades: 5, volume: 5 },
  );
  expect(found?.base).toEqual({ price: '10', us: AT + 3 * SECOND_US, from: 'after' });
  expect(found).toMatchObject({ runUpPercent: null, volumeMultiple: null, tradeMultiple: null, buyShare: 1 });
  // The first trade that moved came by back-fill: when it would have reached us is not known.
  expect(found?.moved).toEqual({ us: AT + 4 * SECOND_US, recvUs: null });
});

test('a move is counted from the digits: exactly one percent is one, anything less is none', async () => {
  const movedAt = async (first: string, next: string) =>
    (
      await figures([
        { second: -1, price: first },
        { second: 1, price: next },
        { second: 9, price: '99999' },
      ])
    )?.moved?.us;
  for (const [first, next] of [
    ['0.07', '0.0707'],
    ['0.07', '0.0693'],
    ['0.000000000000000100', '0.000000000000000101'],
    ['9999999999999900', '10099999999999899'],
    ['1e-8', '1.02e-8'],
  ] as const)
    expect(await movedAt(first, next), `${first} to ${next}`).toBe(AT + SECOND_US);
  for (const [first, next] of [
    ['0.07', '0.07069999999999999'],
    ['0.07', '0.069300000000000001'],
    ['0', '0'],
  ] as const)
    expect(await movedAt(first, next), `${first} to ${next}`).not.toBe(AT + SECOND_US);
});

test('what cannot be added exactly is not told, and odd prices do no harm', async () => {
  const found = await figures([
    { second: -5, price: '1e-8' },
    { second: 1, price: '0.0000000100', qty: '5', base: null },
    { second: 2, price: 'NaN', qty: '1e400', base: '0.0000000000001' },
  ]);
  expect(found).toMatchObject({ volume: null, turnover: null, trades: 2 });
  expect(found?.peak?.price).toBe('0.0000000100');
  // Its text is what the venue sent; no figure is made of it.
  expect(found?.last).toMatchObject({ price: 'NaN', percent: 0 });
  const { last: _, ...others } = found ?? {};
  expect(JSON.stringify(others)).not.toMatch(/NaN|Infinity|null,"us"/);
});

const stream = (instrument: string, abnormalUs: number | null, movedUs: number | null, recvUs = 0): StreamVerdict => ({
  instrument,
  venue: 'upbit',
  market: 'spot',
  symbol: instrument,
  rows: 1,
  verdict: 'proven',
  reasons: [],
  gaps: [],
  firstAbnormal: abnormalUs === null ? null : { us: abnormalUs, why: 'price', reason: '' },
  figures: {
    base: null,
    firstPrice: null,
    runUpPercent: null,
    peak: null,
    low: null,
    last: null,
    trades: 0,
    volume: '0',
    turnover: null,
    buyShare: null,
    past: { seconds: 0, trades: 0, volume: 0 },
    volumeMultiple: null,
    tradeMultiple: null,
    moved: movedUs === null ? null : { us: movedUs, recvUs: recvUs || null },
    abnormalRecvUs: null,
  },
});

test('the leader is who moved first, each lag is counted from it, by both clocks', () => {
  const leads = leadsOf([stream('b', 300, 500, 900), stream('a', 100, 700, 800), stream('c', null, null)]);
  expect(leads.map(({ by, order }) => [by, order.map((one) => [one.instrument, one.lagUs, one.recvLagUs])])).toEqual([
    [
      'abnormal',
      [
        ['a', 0, null],
        ['b', 200, null],
      ],
    ],
    [
      'move',
      [
        ['b', 0, 100],
        ['a', 200, 0],
      ],
    ],
  ]);
  expect(leadsOf([stream('c', null, null)])).toEqual([]);
});
