// Every recorded Binance and Upbit frame holds as many trades for us as it holds, with the same ids and digits.
import { describe, expect, it } from 'vitest';
import { compareDecimals } from '../../src-shared/base/decimal.ts';
import { type CollectedRow, collectingSink } from './collecting-sink.fixture.ts';
import { feedOf } from './index.ts';
import { type RecordedFrame, type RecordedTrade, recordedFrames } from './recorded-frames.fixture.ts';

/** The fields of a single-trade frame, found in its text and not by parsing it. */
function scanned(raw: string, venue: string): Omit<CollectedRow, 'channel' | 'firstIdNumber'> {
  const found = (pattern: RegExp): string => pattern.exec(raw)?.[1] ?? `nothing like ${pattern}`;
  if (venue === 'upbit')
    return {
      symbol: found(/"cd":"([^"]+)"/),
      id: found(/"sid":(\d+)/),
      price: found(/"tp":([\d.]+)/),
      qty: found(/"tv":([\d.]+)/),
      side: found(/"ab":"(\w+)"/) === 'ASK' ? 'sell' : 'buy',
      eventUs: Number(found(/"ttms":(\d+)/)) * 1000,
    };
  return {
    symbol: found(/"s":"([^"]+)"/),
    id: found(/"[ta]":(\d+)/),
    price: found(/"p":"([^"]+)"/),
    qty: found(/"q":"([^"]+)"/),
    side: found(/"m":(true|false)/) === 'true' ? 'sell' : 'buy',
    eventUs: Number(found(/"T":(\d+)/)) * 1000,
  };
}

/** BTC/USDT is BTCUSDT, BTCUSDT_210625 or BTCUSD_PERP at Binance and USDT-BTC at Upbit. */
function isPair(pair: string, symbol: string, venue: string): boolean {
  const [base, quote] = pair.split('/');
  return venue === 'upbit' ? symbol === `${quote}-${base}` : symbol.replace(/_.*$/, '') === `${base}${quote}`;
}

function agrees(expected: RecordedTrade, row: CollectedRow, venue: string): string[] {
  const wrong: string[] = [];
  if (expected.symbol !== null && !isPair(expected.symbol, row.symbol, venue)) wrong.push(`symbol ${row.symbol}`);
  if (expected.price !== null && compareDecimals(expected.price, row.price) !== 0) wrong.push(`price ${row.price}`);
  if (expected.qty !== null && compareDecimals(expected.qty, row.qty) !== 0) wrong.push(`qty ${row.qty}`);
  if (expected.side !== null && expected.side !== row.side) wrong.push(`side ${row.side}`);
  if (expected.id !== null && expected.id !== row.id) wrong.push(`id ${row.id}`);
  if (expected.ts_ms !== null && Number(expected.ts_ms) * 1000 !== row.eventUs) wrong.push(`time ${row.eventUs}`);
  return wrong;
}

/** What is wrong with our reading of this frame; nothing when it is right. */
function faults(frame: RecordedFrame): string[] {
  const perp = frame.market !== 'spot';
  const feed = feedOf(frame.venue === 'upbit' ? 'upbit' : 'binance', perp ? 'perp' : 'spot');
  if (!feed) return [`no feed for ${frame.venue} ${frame.market}`];
  const sink = collectingSink();
  const verdict = feed.decode(Buffer.from(frame.raw), sink);
  if (frame.legacy)
    return verdict.kind === 'quarantine' && sink.rows.length === 0 ? [] : [`legacy frame: ${verdict.kind}`];
  const wrong = sink.rejected.map((row) => `rejected: ${row.reason}`);
  if (verdict.kind !== frame.kind) wrong.push(`${verdict.kind} ${verdict.reason} instead of ${frame.kind}`);
  if (sink.rows.length !== frame.trades_in_raw) wrong.push(`${sink.rows.length} trades`);
  for (const [i, row] of sink.rows.entries()) {
    const { channel, firstIdNumber, ...fields } = row;
    const known = scanned(frame.raw, frame.venue);
    if (JSON.stringify(fields, Object.keys(known).sort()) !== JSON.stringify(known, Object.keys(known).sort()))
      wrong.push(`read ${JSON.stringify(fields)}, text says ${JSON.stringify(known)}`);
    if (channel !== (frame.raw.includes('"aggTrade"') ? 'aggTrade' : 'trade')) wrong.push(`channel ${channel}`);
    if (firstIdNumber !== (Number.isSafeInteger(Number(row.id)) ? Number(row.id) : -1))
      wrong.push(`first id ${firstIdNumber}`);
    const expected = frame.expected?.[i];
    if (expected) wrong.push(...agrees(expected, row, frame.venue));
    if (feed.symbolOf(Buffer.from(frame.raw)) !== row.symbol) wrong.push('symbolOf disagrees');
    if (feed.classify(Buffer.from(frame.raw), frame.venue === 'upbit').type !== 'data')
      wrong.push('not told to be data');
  }
  return wrong;
}

describe.each(['binance', 'binance.bulk', 'upbit'])('recorded frames: %s', (name) => {
  const frames = recordedFrames(name);
  it.skipIf(frames === undefined)('each decodes to what it holds', () => {
    const wrong: string[] = [];
    for (const frame of frames ?? []) for (const fault of faults(frame)) wrong.push(`${frame.source}: ${fault}`);
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(frames?.length).toBeGreaterThan(200);
  });
});

describe('the recorded bulk days', () => {
  const frames = recordedFrames('binance.bulk');
  it.skipIf(frames === undefined)('have contiguous ids in each stream', () => {
    const next = new Map<string, number>();
    const jumps: string[] = [];
    for (const frame of frames ?? []) {
      const feed = feedOf('binance', frame.market === 'spot' ? 'spot' : 'perp');
      const sink = collectingSink();
      feed?.decode(Buffer.from(frame.raw), sink);
      for (const row of sink.rows) {
        const stream = `${frame.market} ${row.symbol}`;
        const expected = next.get(stream) ?? Number(row.id);
        if (Number(row.id) !== expected) jumps.push(`${stream}: ${expected} expected, ${row.id} came`);
        next.set(stream, Number(row.id) + 1);
      }
    }
    expect(jumps).toEqual([]);
    expect(next.size).toBeGreaterThan(1);
  });
});
