// Every recorded Gate frame holds as many trades for us as it holds, with the same ids and digits, and the base quantity that its source asserts.
import { describe, expect, it } from 'vitest';
import { describeBaseQuantities, describeRecorded, found, type ScannedRow } from '../recorded.fixture.ts';
import { type RecordedFrame, recordedInstruments } from '../recorded-frames.fixture.ts';
import { gatePerp, gateSpot } from './gate.ts';

/** Digits of ms before the point and of µs behind it. */
function usOf(row: string): number {
  const ms = /"create_time_ms":\s*"?(\d{13})(?:\.(\d+))?/.exec(row);
  if (!ms) return Number(found(row, /"create_time":\s*(\d{10})/)) * 1_000_000;
  return Number(`${ms[1]}${(ms[2] ?? '').padEnd(3, '0').slice(0, 3)}`);
}

function rows({ raw }: RecordedFrame): readonly ScannedRow[] {
  const channel = found(raw, /"channel":"([^"]+)"/);
  return [...raw.matchAll(/\{[^{}]*"(?:contract|currency_pair)":[^{}]*\}/g)].map(([row]) => {
    const size = channel === 'futures.trades' ? found(row, /"size":"?(-?[\d.]+)/) : null;
    return {
      symbol: found(row, /"(?:contract|currency_pair)":"([^"]+)"/),
      channel,
      id: found(row, /"id":(\d+)/),
      price: found(row, /"price":"?([\d.]+)/),
      qty: size === null ? found(row, /"amount":"([^"]+)"/) : size.replace('-', ''),
      side: size === null ? found(row, /"side":"([^"]+)"/) : size.startsWith('-') ? 'sell' : 'buy',
      eventUs: usOf(row),
    };
  });
}

const feedOf = (frame: RecordedFrame) => (frame.market === 'spot' ? gateSpot : gatePerp);

describeRecorded('gate', feedOf, rows);
describeBaseQuantities(
  'gate',
  feedOf,
  [
    [gateSpot, 'GATEIO.0.04'],
    [gatePerp, 'GATEIO_FUTURES.0.05'],
  ],
  3,
);

describe('recorded Gate frames and lists', () => {
  const pairs = recordedInstruments('GATEIO.0.04');
  const contracts = recordedInstruments('GATEIO_FUTURES.0.05');

  it.skipIf(!pairs)('reads the recorded currency pairs', () => {
    const list = gateSpot.instruments.parse(pairs ?? Buffer.alloc(0));
    const instruments = list.ok ? list.value : [];
    expect(instruments).toHaveLength(1458);
    expect(instruments.filter((one) => one.state === 'trading')).toHaveLength(1414);
    expect(instruments.find((one) => one.symbol === 'BTC_USDT')).toMatchObject({
      base: 'BTC',
      quote: 'USDT',
      contractSize: '1',
    });
  });

  it.skipIf(!contracts)('reads the recorded contracts, and which of them is leaving', () => {
    const list = gatePerp.instruments.parse(contracts ?? Buffer.alloc(0));
    const instruments = list.ok ? list.value : [];
    expect(instruments).toHaveLength(302);
    expect(instruments.filter((one) => one.state === 'ended')).toHaveLength(1);
    expect(instruments.find((one) => one.symbol === 'BTC_USDT')?.contractSize).toBe('0.0001');
    expect(instruments.find((one) => one.symbol === 'ID_USDT')).toEqual({
      venue: 'gate',
      market: 'perp',
      symbol: 'ID_USDT',
      base: 'ID',
      quote: 'USDT',
      contractSize: '1',
      state: 'trading',
      listedUs: 1679491956000000,
    });
  });
});
