// Candles are compared with what is stored: their digits are the venue's, and a damaged reply proves nothing.
import { describe, expect, it } from 'vitest';
import { binancePerp, binanceSpot } from './binance.ts';

const FROM = 1_795_000_020_000_000;
const MINUTE = 60_000_000;
const row = (ms: number, volume: string, count: unknown): unknown[] => [
  ms,
  '61837.63',
  '61840.00',
  '61830.01',
  '61839.99',
  volume,
  ms + 59_999,
  '1236752.6',
  count,
  '10.5',
  '618376.3',
  '0',
];
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

describe('Binance candles', () => {
  it('are asked for by their exact minutes', () => {
    expect(binanceSpot.candles?.request('BTCUSDT', FROM, FROM + 3 * MINUTE).path).toBe(
      '/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1795000020000&endTime=1795000199999&limit=3',
    );
    expect(binancePerp.candles?.request('BTCUSDT', FROM, FROM + MINUTE).path).toMatch(
      /^\/fapi\/v1\/klines\?.*limit=1$/,
    );
  });

  it('give volume and, where our rows are single trades, their number', () => {
    const body = bytes([row(FROM / 1000, '20.00012345', 34), row(FROM / 1000 + 60_000, '0.00000000', 0)]);
    expect(binanceSpot.candles?.parse('BTCUSDT', body)).toEqual({
      ok: true,
      value: [
        { minuteUs: FROM, volume: '20.00012345', count: 34 },
        { minuteUs: FROM + MINUTE, volume: '0.00000000', count: 0 },
      ],
    });
    expect(binancePerp.candles?.parse('BTCUSDT', body)).toMatchObject({ value: [{ count: null }, { count: null }] });
  });

  it.each([
    ['no JSON', Buffer.from('<html>')],
    ['an error', bytes({ code: -1121, msg: 'Invalid symbol.' })],
    ['half a minute', bytes([row(FROM / 1000 + 1, '1', 1)])],
    ['a bare volume', bytes([[FROM / 1000, '1', '1', '1', '1', 1, 0, '1', 1, '1', '1', '0']])],
    ['no count', bytes([row(FROM / 1000, '1', 'x')])],
    ['short rows', bytes([[FROM / 1000]])],
  ])('refuse %s', (_what, body) => {
    expect(binanceSpot.candles?.parse('BTCUSDT', body)).toMatchObject({
      ok: false,
      failure: { code: 'candles.reply' },
    });
  });
});
