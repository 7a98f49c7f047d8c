// Bybit over REST: the newest trades, candles, lists by pages, and what refusals mean.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import type { HistoryHole } from '../feed.ts';
import { bybitPerp, bybitSpot } from './bybit.ts';

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const reply = (result: unknown, retCode = 0, retMsg = 'OK'): Buffer =>
  bytes({ retCode, retMsg, result, retExtInfo: {}, time: 1761520855000 });

const TRADE = {
  execId: '2240000000970262766',
  symbol: 'BTCUSDC',
  price: '114505.50',
  size: '0.000036',
  side: 'Buy',
  time: '1761520773879',
  isBlockTrade: false,
  isRPITrade: false,
  seq: '111156078262',
};
const HOLE: HistoryHole = {
  symbol: 'BTCUSDC',
  channel: 'trade',
  fromId: null,
  toId: null,
  fromUs: 1761520773879000,
  toUs: 1761520790000000,
};

describe('history', () => {
  const { history } = bybitSpot;
  if (!history) throw new Error('no history');
  const asked = history.first(HOLE, HOLE.toUs);

  it('asks for all that the venue gives', () => {
    expect(asked.ok && asked.value.path).toBe('/v5/market/recent-trade?category=spot&symbol=BTCUSDC&limit=60');
    const linear = bybitPerp.history?.first({ ...HOLE, symbol: 'BTCUSDT' }, HOLE.toUs);
    expect(linear?.ok && linear.value.path).toBe('/v5/market/recent-trade?category=linear&symbol=BTCUSDT&limit=1000');
    expect([history.reachTrades, bybitPerp.history?.reachTrades]).toEqual([60, 1000]);
    expect(history.first({ ...HOLE, channel: 'book' }, HOLE.toUs)).toMatchObject({ ok: false });
  });

  it('has reached the hole only when a trade is older than its begin', () => {
    if (!asked.ok) throw new Error('not asked');
    const page = (...times: number[]) =>
      reply({ category: 'spot', list: times.map((time) => ({ ...TRADE, time: String(time) })) });
    const reached = (body: Buffer) => {
      const found = history.next(HOLE, asked.value, body);
      return found.ok ? found.value : found.failure.code;
    };
    const newestUs = 1761520780000000;
    expect(reached(page(1761520780000, 1761520773880))).toEqual({ rows: 2, next: null, reached: false, newestUs });
    expect(reached(page(1761520780000, 1761520773879))).toEqual({ rows: 2, next: null, reached: false, newestUs });
    expect(reached(page(1761520773878, 1761520780000))).toEqual({ rows: 2, next: null, reached: true, newestUs });
    expect(reached(page())).toEqual({ rows: 0, next: null, reached: false, newestUs: null });
  });

  it('says whether asking again can help', () => {
    if (!asked.ok) throw new Error('not asked');
    const told = (body: Buffer) => {
      const found = history.next(HOLE, asked.value, body);
      return found.ok ? 'ok' : [found.failure.code, found.failure.retry];
    };
    expect(told(reply({}, 10006, 'Too many visits!'))).toEqual(['history.refused', true]);
    expect(told(reply({}, 10001, 'Not supported symbols'))).toEqual(['history.refused', false]);
    expect(told(bytes('<html>'))).toEqual(['history.reply', true]);
    expect(told(reply({ list: {} }))).toEqual(['history.reply', false]);
  });

  it('gives trades the ids and digits of their live frames', () => {
    const sink = collectingSink();
    const body = reply({
      category: 'spot',
      list: [TRADE, { ...TRADE, symbol: 'ETHUSDC' }, { ...TRADE, price: '0' }, 7],
    });
    expect(history.decode(HOLE, body, sink).kind).toBe('trades');
    expect(sink.rows).toEqual([
      {
        symbol: 'BTCUSDC',
        channel: 'trade',
        id: '2240000000970262766',
        price: '114505.50',
        qty: '0.000036',
        side: 'buy',
        eventUs: 1761520773879000,
        firstIdNumber: -1,
      },
    ]);
    expect(sink.rejected.map((row) => row.index)).toEqual([1, 2, 3]);
    expect(history.decode(HOLE, reply({}, 10006, 'x'), sink).kind).toBe('control');
    expect(history.decode(HOLE, bytes('x'), sink).kind).toBe('quarantine');
  });
});

describe('candles', () => {
  const { candles } = bybitPerp;
  if (!candles) throw new Error('no candles');

  it('asks for whole minutes, end inclusive', () => {
    const minute = 60_000_000;
    expect(candles.request('BTCUSDT', 29_358_680 * minute, 29_358_690 * minute).path).toBe(
      '/v5/market/kline?category=linear&symbol=BTCUSDT&interval=1&start=1761520800000&end=1761521399999&limit=1000',
    );
  });

  it('reads volumes as the venue writes them', () => {
    const entry = (start: unknown, volume: unknown) => [start, '1', '2', '0.5', '1.5', volume, '17'];
    const list = [entry('1761520860000', '268.611'), entry('1761520800000', '0')];
    expect(candles.parse('BTCUSDT', reply({ symbol: 'BTCUSDT', list }))).toEqual({
      ok: true,
      value: [
        { minuteUs: 1761520860000000, volume: '268.611', count: null },
        { minuteUs: 1761520800000000, volume: '0', count: null },
      ],
    });
    for (const damaged of [entry('soon', '1'), entry('1761520860000', 1), entry('1761520860000', '-1'), {}])
      expect(candles.parse('BTCUSDT', reply({ list: [damaged] }))).toMatchObject({ ok: false });
    expect(candles.parse('BTCUSDT', reply({}, 10001, 'x'))).toMatchObject({ ok: false, failure: { retry: false } });
  });
});

describe('instruments', () => {
  const linear = (symbol: string, more: Record<string, unknown> = {}) => ({
    symbol,
    contractType: 'LinearPerpetual',
    status: 'Trading',
    baseCoin: 'BTC',
    quoteCoin: 'USDT',
    launchTime: '1585526400000',
    ...more,
  });
  const page = (list: unknown[], nextPageCursor = '') => reply({ category: 'linear', list, nextPageCursor });

  it('takes perpetuals in USDT and USDC, with state and launch', () => {
    const list = page([
      linear('BTCUSDT'),
      linear('BTCPERP', { quoteCoin: 'USDC' }),
      linear('NEWUSDT', { status: 'PreLaunch', baseCoin: 'NEW', launchTime: '1790000000000' }),
      linear('OLDUSDT', { status: 'Settling' }),
      linear('ODDUSDT', { status: 'Resting', launchTime: '0' }),
      linear('BTCUSDT-26DEC25', { contractType: 'LinearFutures' }),
      linear('BTCEUR', { quoteCoin: 'EUR' }),
    ]);
    const parsed = bybitPerp.instruments.parse(list);
    expect(parsed.ok && parsed.value.map((one) => [one.symbol, one.base, one.quote, one.state, one.listedUs])).toEqual([
      ['BTCUSDT', 'BTC', 'USDT', 'trading', 1585526400000000],
      ['BTCPERP', 'BTC', 'USDC', 'trading', 1585526400000000],
      ['NEWUSDT', 'NEW', 'USDT', 'pre-launch', 1790000000000000],
      ['OLDUSDT', 'BTC', 'USDT', 'halted', 1585526400000000],
      ['ODDUSDT', 'BTC', 'USDT', 'unknown', null],
    ]);
    expect(parsed.ok && parsed.value.every((one) => one.market === 'perp' && one.contractSize === '1')).toBe(true);
  });

  it('reads spot, which says no launch', () => {
    const list = reply({
      category: 'spot',
      list: [{ symbol: 'BTCUSDC', baseCoin: 'BTC', quoteCoin: 'USDC', status: 'Trading' }],
    });
    expect(bybitSpot.instruments.parse(list)).toEqual({
      ok: true,
      value: [
        {
          venue: 'bybit',
          market: 'spot',
          symbol: 'BTCUSDC',
          base: 'BTC',
          quote: 'USDC',
          contractSize: '1',
          state: 'trading',
          listedUs: null,
        },
      ],
    });
    expect(bybitSpot.instruments.next?.(list)).toBeNull();
  });

  it('fails on an entry that cannot be read, and on a refusal', () => {
    expect(bybitPerp.instruments.parse(page([linear('BTCUSDT'), linear('')]))).toMatchObject({ ok: false });
    expect(bybitPerp.instruments.parse(reply({}, 10016, 'Server error'))).toMatchObject({
      ok: false,
      failure: { retry: true },
    });
    expect(bybitPerp.instruments.parse(bytes('<'))).toMatchObject({ ok: false, failure: { retry: true } });
  });

  it('walks the pages of what trades, then those of what has yet to open', () => {
    const next = (body: Buffer) => bybitPerp.instruments.next?.(body)?.path ?? null;
    const early = linear('NEWUSDT', { status: 'PreLaunch' });
    const at = '/v5/market/instruments-info?category=linear&limit=1000';
    expect(bybitPerp.instruments.request().path).toBe(at);
    expect(next(page([linear('BTCUSDT')], 'first=A&last=B'))).toBe(`${at}&cursor=first%3DA%26last%3DB`);
    expect(next(page([linear('BTCUSDT')]))).toBe(`${at}&status=PreLaunch`);
    expect(next(page([early], 'C'))).toBe(`${at}&status=PreLaunch&cursor=C`);
    expect(next(page([early]))).toBeNull();
    expect(next(page([]))).toBeNull();
  });
});

describe('refusals of the address', () => {
  it('come with status 200, and only their code says what they are', () => {
    const statuses = [10006, 10018, 10429, 10001, 10016, 0].map((code) => bybitSpot.statusIn?.(reply({}, code, 'x')));
    expect(statuses).toEqual([429, 429, 429, null, null, null]);
    expect(bybitSpot.statusIn?.(bytes('<html>'))).toBeNull();
    const list = Array.from({ length: 60 }, () => TRADE);
    expect(bybitSpot.statusIn?.(reply({ category: 'spot', list }))).toBeNull();
  });

  it('403 is a ban of ten minutes', () => {
    const trouble = bybitPerp.restTrouble(403, {}, bytes('403, access too frequent'));
    expect(trouble).toMatchObject({ waitMs: 600_000, failure: { code: 'bybit.banned', retry: true } });
  });
});
