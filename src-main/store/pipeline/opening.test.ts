// A market that opens while we record: its first trades, before anyone subscribed, must be told as missing, and nothing before it may be.
import { describe, expect, test } from 'vitest';
import { fail, ok } from '../../../src-shared/base/result.ts';
import type { Instrument } from '../../../src-shared/market/instrument.ts';
import type { Feed } from '../../feeds/feed.ts';
import { MARGIN_US } from './coverage.ts';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const LINE = { no: 1, venue: 'binance' as const, market: 'spot' as const, line: 0, role: 'live' as const };
const REST = { ...LINE, no: 2, role: 'rest' as const };

/** A list in words: `ABC`, `NEW:pre-launch`, `NEW:trading:105` (listed at second 105). */
function parse(body: Uint8Array) {
  const text = Buffer.from(body).toString();
  if (text === 'ill') return fail('x', 'ill');
  return ok(
    text
      .split(' ')
      .filter((word) => word !== '')
      .map((word): Instrument => {
        const [symbol = '', state = 'trading', listed] = word.split(':');
        return {
          venue: 'binance',
          market: 'spot',
          symbol,
          base: symbol,
          quote: 'USDT',
          contractSize: '1',
          state: state as Instrument['state'],
          listedUs: listed === undefined ? null : T0 + Number(listed) * S,
        };
      }),
  );
}

function begin(rule: 'contiguous' | 'unique' = 'unique') {
  const plain = plainFeed(rule);
  const feed: Feed = { ...plain, instruments: { ...plain.instruments, parse } };
  const warehouse = new MemoryWarehouse([feed]);
  let pipeline = warehouse.start();
  let frame = 0;
  const moment = (seconds: number) => {
    frame += 1;
    const at = { recvUs: T0 + seconds * S, frame };
    pipeline.control(frame, at.recvUs);
    return at;
  };
  return {
    warehouse,
    list: (seconds: number, text: string, page = 1, last = true) => {
      moment(seconds);
      pipeline.lines.expect(REST, { kind: 'instruments', venue: 'binance', market: 'spot', page, last });
      frame += 1;
      const bytes = Buffer.from(text);
      pipeline.data(REST, REST.no, 0, frame, T0 + seconds * S, bytes, 0, bytes.length);
    },
    again: (seconds: number) => pipeline.lines.listUnchanged(REST, moment(seconds)),
    want: (seconds: number, ...symbols: string[]) => pipeline.lines.wanted(LINE, symbols, moment(seconds)),
    ack: (seconds: number, ...symbols: string[]) => pipeline.lines.acknowledged(LINE, 1, symbols, moment(seconds)),
    refuse: (seconds: number, ...symbols: string[]) => pipeline.lines.refused(LINE, symbols, moment(seconds)),
    tick: (seconds: number, symbol: string, id: number) => {
      frame += 1;
      const bytes = Buffer.from(`${symbol} ${id} 1 1 ${T0 + seconds * S}`);
      pipeline.data(LINE, LINE.no, 0, frame, T0 + seconds * S, bytes, 0, bytes.length);
    },
    restart: () => {
      warehouse.commit(frame);
      pipeline = warehouse.start();
    },
    gaps: () => {
      const outcome = warehouse.commit(frame, true);
      const gaps = [...warehouse.gaps.values()];
      return { outcome, gaps: gaps.map((gap) => [gap.cause, (gap.fromUs - T0) / S, (gap.toUs ?? 0) / S - T0 / S]) };
    },
  };
}

const margin = MARGIN_US / S;

describe('a market that opens', () => {
  test('is a gap from the last list without it to the first acknowledgement, however soon that came', () => {
    const { list, again, want, ack, gaps, restart } = begin();
    list(0, 'ABC');
    want(1, 'ABC');
    ack(2, 'ABC');
    again(60);
    restart();
    again(120);
    list(180, 'ABC NEW');
    want(180, 'ABC', 'NEW');
    restart();
    ack(181, 'NEW');
    expect(gaps().gaps).toEqual([['unacknowledged', 120 - margin, 181 + margin]]);
  });

  test('is one from when the venue lists it, where that is later', () => {
    const { list, want, ack, gaps } = begin();
    list(0, 'ABC');
    list(60, 'ABC NEW:trading:45');
    want(60, 'ABC', 'NEW');
    ack(61, 'ABC', 'NEW');
    expect(gaps().gaps).toEqual([['unacknowledged', 45, 61 + margin]]);
  });

  test('that was announced before is one from the last list in which it did not trade', () => {
    const { list, want, ack, gaps } = begin();
    list(0, 'ABC NEW:pre-launch');
    list(60, 'ABC NEW:pre-launch');
    list(90, 'ABC NEW');
    want(90, 'NEW');
    ack(91, 'NEW');
    expect(gaps().gaps).toEqual([['unacknowledged', 60 - margin, 91 + margin]]);
  });

  test('and is carried already when it does is none', () => {
    const { list, want, ack, gaps } = begin();
    list(0, 'ABC NEW:pre-launch');
    want(1, 'ABC', 'NEW');
    ack(2, 'ABC', 'NEW');
    list(60, 'ABC NEW');
    expect(gaps().gaps).toEqual([]);
  });

  test('whose symbol is asked for before it is known is missing only since the last list without it', () => {
    const { list, again, want, ack, gaps } = begin();
    list(0, 'ABC');
    want(1, 'ABC', 'NEW');
    ack(2, 'ABC');
    again(60);
    expect(gaps().gaps).toEqual([]);
    again(120);
    // Its first data acknowledges it, before the next list tells of it.
    ack(130, 'NEW');
    expect(gaps().gaps).toEqual([['unacknowledged', 120 - margin, 130 + margin]]);
  });

  test('and whose symbol was asked for a moment ago begins there, whether the list or the acknowledgement came first', () => {
    for (const listSecond of [1, 3]) {
      const { list, want, ack, gaps } = begin('contiguous');
      const steps = [() => want(0, 'ABC', 'NEW'), () => ack(2, 'ABC', 'NEW'), () => list(listSecond, 'ABC')];
      const [first, second, third] = steps;
      for (const step of listSecond < 2 ? [first, third, second] : [first, second, third]) step?.();
      expect(gaps().gaps).toEqual([]);
    }
  });

  test('and was missing before a list said that it does not trade is one until it is carried', () => {
    const { list, want, ack, refuse, gaps } = begin();
    want(0, 'ABC', 'NEW');
    ack(2, 'ABC');
    refuse(20, 'NEW');
    list(30, 'ABC');
    ack(33, 'ABC', 'NEW');
    expect(gaps().gaps).toEqual([['unacknowledged', 0, 33 + margin]]);
  });

  test('and is never acknowledged grows until it is', () => {
    const { list, want, ack, gaps } = begin();
    list(0, 'ABC');
    want(1, 'ABC', 'NEW');
    ack(2, 'ABC');
    list(60, 'ABC NEW');
    list(80, 'ABC NEW');
    expect(gaps().gaps).toEqual([['unacknowledged', 0 - margin, -T0 / S]]);
    ack(85, 'NEW');
    expect(gaps().gaps).toEqual([['unacknowledged', 0 - margin, 85 + margin]]);
  });

  test('and that nobody wants, or only later for other reasons, is none', () => {
    const { list, again, want, ack, gaps } = begin();
    list(0, 'ABC');
    list(60, 'ABC NEW');
    again(120);
    want(125, 'NEW');
    ack(126, 'NEW');
    expect(gaps().gaps).toEqual([]);
  });

  test('is proven whole by the first id that a venue can give', () => {
    const { list, want, ack, tick, warehouse, gaps } = begin('contiguous');
    list(0, 'ABC');
    list(60, 'ABC NEW');
    want(60, 'NEW');
    ack(61, 'NEW');
    gaps();
    tick(65, 'NEW', 0);
    gaps();
    expect([...warehouse.gaps.values()].map((gap) => [gap.state, gap.evidence])).toEqual([
      ['repaired', '0 is the first id that a venue can give'],
    ]);
  });
});

describe('lists', () => {
  test('in pages are one list when the last has come, over a restart in between', () => {
    const { list, want, ack, gaps, restart } = begin();
    list(0, 'ABC', 1, false);
    list(1, 'DEF', 2, true);
    list(60, 'ABC', 1, false);
    restart();
    list(61, 'DEF NEW', 2, true);
    want(61, 'NEW', 'DEF');
    ack(62, 'NEW', 'DEF');
    const { outcome, gaps: found } = gaps();
    expect(found).toEqual([['unacknowledged', 0 - margin, 62 + margin]]);
    expect(outcome.instruments.map((one) => [one.whole, one.beforeUs])).toEqual([[['ABC', 'DEF', 'NEW'], T0]]);
  });

  test('with a page missing, empty or ill say nothing of what is listed', () => {
    const { list, want, ack, gaps } = begin();
    list(0, 'ABC NEW');
    list(60, 'ABC', 1, false);
    list(61, 'GHI', 3, true);
    list(70, '');
    list(80, 'ill');
    list(90, 'ABC NEW');
    want(90, 'NEW');
    ack(91, 'NEW');
    const { outcome, gaps: found } = gaps();
    expect(found).toEqual([]);
    expect(outcome.instruments.map((one) => one.whole)).toEqual([['ABC', 'NEW'], null, null, null, ['ABC', 'NEW']]);
  });
});
