// KuCoin REST: the only page of history joins the live rows by id and says whether it reaches; candles keep their digits.
import { describe, expect, it } from 'vitest';
import { MINUTE_US } from '../../../src-shared/base/time.ts';
import { collectingSink } from '../collecting-sink.fixture.ts';
import type { Feed, HistoryHole } from '../feed.ts';
import { plainDecimal } from './history.ts';
import { kucoinPerp, kucoinSpot } from './kucoin.ts';
import { kucoinPerpRow, kucoinPerpSamples, kucoinSpotRow, kucoinSpotSamples } from './samples.fixture.ts';

const reply = (data: string): Buffer => Buffer.from(`{"code":"200000","data":${data}}`);

function hole(feed: Feed, fromUs: number): HistoryHole {
  const symbol = feed === kucoinSpot ? 'BTC-USDT' : 'XBTUSDTM';
  return { symbol, channel: feed.channel, fromId: null, toId: null, fromUs, toUs: fromUs + 1_000_000 };
}

function page(feed: Feed, fromUs: number, body: Buffer) {
  const gap = hole(feed, fromUs);
  const asked = feed.history?.first(gap, fromUs);
  if (!asked?.ok) throw new Error('no request');
  return feed.history?.next(gap, asked.value, body);
}

describe.each([
  ['spot', kucoinSpot, kucoinSpotSamples[0] ?? '', kucoinSpotRow, '/api/v1/market/histories?symbol=BTC-USDT', 3],
  ['perp', kucoinPerp, kucoinPerpSamples[0] ?? '', kucoinPerpRow, '/api/v1/trade/history?symbol=XBTUSDTM', 5],
] as const)('history of %s', (_name, feed, frame, row, path, weight) => {
  const live = collectingSink();
  feed.decode(Buffer.from(frame), live);
  const eventUs = live.rows[0]?.eventUs ?? 0;

  it('gives a back-filled trade everything that its live frame has', () => {
    const sink = collectingSink();
    expect(feed.history?.decode(hole(feed, 0), reply(`[${row}]`), sink).kind).toBe('trades');
    expect(sink.rows).toEqual(live.rows);
    expect(sink.rejected).toEqual([]);
  });

  it('asks for the only page there is', () => {
    expect(feed.history?.first(hole(feed, eventUs), eventUs)).toEqual({
      ok: true,
      value: { method: 'GET', path, headers: {}, weight },
    });
    expect(feed.history?.reachTrades).toBe(100);
    const other = { ...hole(feed, eventUs), channel: 'ticker' };
    expect(feed.history?.first(other, eventUs)).toMatchObject({ ok: false, failure: { code: 'history.channel' } });
  });

  it('reaches over a hole only when the page begins before it', () => {
    const whole = reply(`[${row}]`);
    expect(page(feed, eventUs + 1, whole)).toEqual({
      ok: true,
      value: { rows: 1, next: null, reached: true, newestUs: eventUs },
    });
    expect(page(feed, eventUs, whole)).toEqual({
      ok: true,
      value: { rows: 1, next: null, reached: false, newestUs: eventUs },
    });
    expect(page(feed, eventUs, reply('[]'))).toEqual({
      ok: true,
      value: { rows: 0, next: null, reached: false, newestUs: null },
    });
  });

  it('calls refused and damaged replies failures', () => {
    const codeOf = (text: string) => {
      const told = page(feed, eventUs, Buffer.from(text));
      return told?.ok === false ? [told.failure.code, told.failure.retry] : 'a page';
    };
    expect(codeOf('{"code":"429000","msg":"Too Many Requests"}')).toEqual(['history.refused', true]);
    expect(codeOf('{"code":"400100","msg":"symbol not exists"}')).toEqual(['history.refused', false]);
    expect(codeOf('<html>')).toEqual(['history.reply', true]);
    expect(codeOf('{"code":"200000","data":{}}')).toEqual(['history.reply', false]);
    expect(codeOf('{"code":"200000","data":[{}]}')).toEqual(['history.reply', false]);
  });

  it('refuses damaged rows one by one, and a page that is none', () => {
    const sink = collectingSink();
    const damaged = [row.replace(/"side":"\w+"/, '"side":1'), '7', row.replace('{', '{"symbol":"X",'), row];
    feed.history?.decode(hole(feed, 0), reply(`[${damaged.join()}]`), sink);
    expect([sink.rows.length, sink.rejected.map(({ index }) => index)]).toEqual([1, [0, 1, 2]]);
    const kindOf = (text: string) => feed.history?.decode(hole(feed, 0), Buffer.from(text), sink).kind;
    expect(kindOf('{"code":"429000"}')).toBe('control');
    expect(kindOf('[]')).toBe('quarantine');
    expect(kindOf('{"code":"200000","data":1}')).toBe('quarantine');
  });
});

describe('candles', () => {
  const minuteUs = 29_805_600 * MINUTE_US;
  it('asks for exactly the minutes wanted, whether the venue counts the end in or not', () => {
    expect(kucoinSpot.candles?.request('BTC-USDT', minuteUs, minuteUs + 2 * MINUTE_US).path).toBe(
      `/api/v1/market/candles?type=1min&symbol=BTC-USDT&startAt=${minuteUs / 1e6}&endAt=${minuteUs / 1e6 + 119}`,
    );
    expect(kucoinPerp.candles?.request('XBTUSDTM', minuteUs, minuteUs + MINUTE_US).path).toBe(
      `/api/v1/kline/query?symbol=XBTUSDTM&granularity=1&from=${minuteUs / 1000}&to=${minuteUs / 1000 + 59_999}`,
    );
  });

  it('reads volumes in the unit of our sizes: base coins, contracts', () => {
    const spot = reply(`[["${minuteUs / 1e6}","77634.6","77635","77640.1","77600","12.30400000","955000.1"]]`);
    expect(kucoinSpot.candles?.parse('BTC-USDT', spot)).toEqual({
      ok: true,
      value: [{ minuteUs, volume: '12.30400000', count: null }],
    });
    const perp = reply(`[[${minuteUs / 1000},79140.8,79140.8,78712.0,78712.0,49623,3915961.5089]]`);
    expect(kucoinPerp.candles?.parse('XBTUSDTM', perp)).toEqual({
      ok: true,
      value: [{ minuteUs, volume: '49623', count: null }],
    });
  });

  it('refuses what is no candle', () => {
    const bad = ['{}', '[1]', '[[1,2]]', `[["${minuteUs / 1e6 + 1}","1","1","1","1","1","1"]]`, '[["x",1,1,1,1,1]]'];
    for (const data of bad) expect(kucoinSpot.candles?.parse('BTC-USDT', reply(data)).ok).toBe(false);
    expect(kucoinSpot.candles?.parse('BTC-USDT', Buffer.from('{"code":"429000"}'))).toMatchObject({
      ok: false,
      failure: { code: 'candles.refused', retry: true },
    });
  });

  it.each([
    ['0', '0'],
    ['10.0', '10.0'],
    ['1.25E+3', '1250'],
    ['1.25e1', '12.5'],
    ['1E-3', '0.001'],
    ['12.5E-3', '0.0125'],
    ['0E-8', '0.00000000'],
    ['-1', undefined],
    ['1.', undefined],
    ['', undefined],
  ])('writes %s without an exponent', (text, plain) => {
    expect(plainDecimal(text)).toBe(plain);
  });
});
