// Upbit's candles: the volume's digits come from the text, the minute from its UTC name, and a reply of another market is refused.
import { describe, expect, it } from 'vitest';
import { upbitCandles } from './candles.ts';

const FROM = Date.UTC(2026, 10, 20, 9) * 1000;
const MINUTE = 60_000_000;
const row = (utc: string, volume: string, market = 'KRW-BTC'): string =>
  `{"market":"${market}","candle_date_time_utc":"${utc}","candle_date_time_kst":"2026-11-20T18:00:00","opening_price":106691000.00000000,"high_price":106700000.00000000,"low_price":106690000.00000000,"trade_price":106691000.00000000,"timestamp":1795000059123,"candle_acc_trade_price":9999.1,"candle_acc_trade_volume":${volume},"unit":1}`;

describe('Upbit candles', () => {
  it('are asked for up to an exclusive UTC time', () => {
    const { path } = upbitCandles.request('KRW-BTC', FROM, FROM + 5 * MINUTE);
    expect(path).toBe('/v1/candles/minutes/1?market=KRW-BTC&to=2026-11-20T09%3A05%3A00Z&count=5');
  });

  it('keep every digit', () => {
    const body = Buffer.from(
      `[${row('2026-11-20T09:01:00', '123456789.12345678')},${row('2026-11-20T09:00:00', '9.372e-5')}]`,
    );
    expect(upbitCandles.parse('KRW-BTC', body)).toEqual({
      ok: true,
      value: [
        { minuteUs: FROM + MINUTE, volume: '123456789.12345678', count: null },
        { minuteUs: FROM, volume: '0.00009372', count: null },
      ],
    });
  });

  it.each([
    ['no list', '{"error":{"name":404,"message":"Code not found"}}'],
    ['another market', `[${row('2026-11-20T09:00:00', '1', 'KRW-ETH')}]`],
    ['half a minute', `[${row('2026-11-20T09:00:30', '1')}]`],
    ['a month 13', `[${row('2026-13-20T09:00:00', '1')}]`],
    ['a volume in quotes', `[${row('2026-11-20T09:00:00', '"1"')}]`],
  ])('refuse %s', (_what, text) => {
    expect(upbitCandles.parse('KRW-BTC', Buffer.from(text))).toMatchObject({ ok: false });
  });
});
