// Upbit: rows that are refused and why, the line's protocol, the symbol list, and back-fill against a small venue of its own.
import { describe, expect, it } from 'vitest';
import { DAY_US } from '../../../src-shared/base/time.ts';
import { collectingSink } from '../collecting-sink.fixture.ts';
import type { HistoryHole } from '../feed.ts';
import { recordedInstruments } from '../recorded-frames.fixture.ts';
import { upbitSamples } from '../sample-frames.fixture.ts';
import { upbitSpot } from './upbit.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const [BITCOIN = ''] = upbitSamples;

function decoded(text: string) {
  const sink = collectingSink();
  const verdict = upbitSpot.decode(bytes(text), sink);
  return { verdict, rows: sink.rows, rejected: sink.rejected };
}

describe('decode', () => {
  it('keeps the digits of bare numbers and of a 17-digit id', () => {
    expect(decoded(BITCOIN).rows).toEqual([
      {
        symbol: 'KRW-BTC',
        channel: 'trade',
        id: '17883351803770004',
        price: '106691000.00000000',
        qty: '0.00009372',
        side: 'sell',
        eventUs: 1788335180377000,
        firstIdNumber: -1,
      },
    ]);
  });

  it('takes µs for µs, BID for a taker who bought, and keeps an exponent', () => {
    const simple = upbitSamples.at(-1) ?? '';
    expect(decoded(simple.replace('"ASK"', '"BID"')).rows[0]).toMatchObject({
      qty: '1.1E-7',
      side: 'buy',
      eventUs: 1688678262712345,
    });
  });

  it('reads a list of trades row by row', () => {
    const list = `[${BITCOIN},${BITCOIN.replace('"ASK"', '"x"')},7,{"type":"ticker"},${BITCOIN}]`;
    const told = decoded(list);
    expect([told.verdict.kind, told.rows.length, told.rejected.map((row) => row.index)]).toEqual([
      'trades',
      2,
      [1, 2, 3],
    ]);
  });

  it.each([
    ['"ASK"', '"ask"', 'ask_bid'],
    ['"ASK"', 'null', 'ask_bid'],
    ['106691000.00000000', '"106691000"', 'trade_price'],
    ['106691000.00000000', '0.00000000', 'trade_price'],
    ['106691000.00000000', '-1.0', 'trade_price'],
    ['0.00009372', '0', 'trade_volume'],
    ['0.00009372', '0E-8', 'trade_volume'],
    ['0.00009372', '1e9999', 'trade_volume'],
    ['1788335180377', '1788335180', 'trade_timestamp'],
    ['1788335180423', '"x"', 'timestamp'],
    ['17883351803770004', '1.7E16', 'sequential_id'],
    ['17883351803770004', '"17883351803770004"', 'sequential_id'],
    ['17883351803770004', '178833518037700041788', 'sequential_id'],
    ['"KRW-BTC"', '"KRWBTC"', 'code'],
    ['"KRW-BTC"', '"krw-btc"', 'code'],
    ['"KRW-BTC"', '"KRW-"', 'code'],
  ])('refuses the row when %s becomes %s', (from, to, name) => {
    const told = decoded(BITCOIN.replace(from, to));
    expect([told.verdict.kind, told.rows]).toEqual(['trades', []]);
    expect(told.rejected).toEqual([{ index: 0, reason: expect.stringContaining(`${name}: `) }]);
  });

  it.each([
    ['{"status":"UP"}', 'control'],
    ['{"error":{"name":"WRONG_FORMAT","message":"x"}}', 'control'],
    ['{"type":"ticker","code":"KRW-BTC"}', 'other'],
    ['{"ty":"orderbook","cd":"KRW-BTC"}', 'other'],
    ['{"type":"trade","ty":"trade"}', 'quarantine'],
    ['{"code":"KRW-BTC"}', 'quarantine'],
    ['{"trade_price":NaN}', 'quarantine'],
  ])('%s is %s', (text, kind) => {
    expect(decoded(text).verdict.kind).toBe(kind);
  });
});

describe('the line', () => {
  it('sends the whole list each time, and nothing when nothing changes', () => {
    const sent = upbitSpot.subscribe(['KRW-BTC', 'KRW-ETH', 'KRW-BTC'], ['KRW-BTC'], () => 3);
    expect(sent).toEqual([
      {
        text: '[{"ticket":"tapedeck-3"},{"type":"trade","codes":["KRW-BTC","KRW-ETH"]},{"format":"DEFAULT"}]',
        key: null,
        symbols: ['KRW-BTC', 'KRW-ETH'],
      },
    ]);
    expect(upbitSpot.subscribe(['KRW-ETH', 'KRW-BTC'], ['KRW-BTC', 'KRW-ETH'], () => 4)).toEqual([]);
    expect(upbitSpot.subscribe(['KRW-ETH'], ['KRW-BTC', 'KRW-ETH'], () => 5)).toHaveLength(1);
  });

  it.each([
    ['{"status":"UP"}', { type: 'pong' }],
    ['PONG', { type: 'pong' }],
    [
      '{"error":{"name":"NO_CODES","message":"codes"}}',
      { type: 'refused', key: null, symbols: null, reason: '"NO_CODES" codes' },
    ],
    ['{"error":{"name":"TOO_MANY","message":"slow"}}', { type: 'error', reason: '"TOO_MANY" slow' }],
    [BITCOIN, { type: 'data' }],
    [`[${BITCOIN}]`, { type: 'data' }],
    ['3', { type: 'other' }],
  ])('%s', (text, meaning) => {
    expect(upbitSpot.classify(bytes(text), true)).toEqual(meaning);
  });

  it('names the symbol of a trade, and connects below any prefix', () => {
    expect(upbitSpot.symbolOf(bytes(BITCOIN))).toBe('KRW-BTC');
    expect(upbitSpot.symbolOf(bytes('{"ty":"trade","cd":"BTC-ITAM","tms":1'))).toBe('BTC-ITAM');
    expect(upbitSpot.symbolOf(bytes('{"type":"trade","code":"KRW'))).toBeNull();
    expect(upbitSpot.connectUrl(upbitSpot.defaults.ws)).toBe('wss://api.upbit.com/websocket/v1');
    expect(upbitSpot.connectUrl('ws://127.0.0.1:1/upbit/')).toBe('ws://127.0.0.1:1/upbit/websocket/v1');
    expect(upbitSpot.classify(bytes('{'), true).type).toBe('error');
  });

  it('stays away when told', () => {
    expect(upbitSpot.restTrouble(429, {}, bytes('{"name":"too_many_requests"}'))).toMatchObject({
      waitMs: 1000,
      failure: { code: 'upbit.limited', retry: true },
    });
  });
});

describe('instruments', () => {
  const list = recordedInstruments('UPBIT.0.33');
  it.skipIf(list === undefined)('reads the recorded list', () => {
    const parsed = upbitSpot.instruments.parse(list ?? Buffer.alloc(0));
    const found = parsed.ok ? parsed.value : [];
    expect(found).toHaveLength(294);
    expect(found[0]).toEqual({
      venue: 'upbit',
      market: 'spot',
      symbol: 'KRW-BTC',
      base: 'BTC',
      quote: 'KRW',
      contractSize: '1',
      state: 'trading',
      listedUs: null,
    });
  });

  it('refuses a damaged list', () => {
    for (const bad of ['{}', '[{"market":"BTC"}]', '[1]', 'x'])
      expect(upbitSpot.instruments.parse(bytes(bad)).ok).toBe(false);
  });
});

const TODAY_US = Date.UTC(2026, 10, 20) * 1000;
const NOW_US = TODAY_US + 40_000_000_000;

interface Printed {
  readonly id: string;
  readonly us: number;
}

/**
 * A market with one trade each `everyS` seconds of the last nine days, but none in `silent`; it answers one UTC date at a time,
 * newest first. days_ago counts from today, or from the last trade date, as the documents can be read both ways.
 */
function venue(everyS: number, silent: (us: number) => boolean, fromLastDate: boolean) {
  const printed: Printed[] = [];
  for (let us = NOW_US - 9 * DAY_US; us < NOW_US; us += everyS * 1_000_000)
    if (!silent(us)) printed.push({ id: `${Math.floor(us / 1000)}0001`, us: Math.floor(us / 1000) * 1000 });
  const lastDay = Math.floor((printed.at(-1)?.us ?? 0) / DAY_US);
  const answer = (path: string): Buffer => {
    const query = new URL(path, 'http://venue').searchParams;
    const ago = Number(query.get('days_ago') ?? 0);
    if (ago > 7) throw new Error(`too far: ${path}`);
    const day = (ago === 0 || fromLastDate ? lastDay : Math.floor(NOW_US / DAY_US)) - ago;
    const to = query.get('to');
    const untilUs =
      to === null
        ? Number.POSITIVE_INFINITY
        : day * DAY_US + (Number(to.slice(0, 2)) * 3600 + Number(to.slice(2, 4)) * 60 + Number(to.slice(4))) * 1e6;
    const cursor = query.get('cursor');
    const rows = printed.filter(
      (one) =>
        Math.floor(one.us / DAY_US) === day && one.us < untilUs && (cursor === null || BigInt(one.id) < BigInt(cursor)),
    );
    const page = rows.reverse().slice(0, Number(query.get('count')));
    const row = ({ id, us }: Printed) =>
      `{"market":"KRW-POD","timestamp":${us / 1000},"trade_price":127.00000000,"trade_volume":0.5,"ask_bid":"ASK","sequential_id":${id}}`;
    return Buffer.from(`[${page.map(row).join()}]`);
  };
  return { printed, answer };
}

function fill(fromUs: number, toUs: number, answer: (path: string) => Buffer) {
  const gap: HistoryHole = { symbol: 'KRW-POD', channel: 'trade', fromId: null, toId: null, fromUs, toUs };
  const sink = collectingSink();
  let request = upbitSpot.history?.first(gap, NOW_US);
  let newestUs = 0;
  for (let pages = 1; pages < 300; pages++) {
    if (!request?.ok) return { ids: new Set<string>(), reached: false, failure: request?.failure.code, pages };
    const body = answer(request.value.path);
    upbitSpot.history?.decode(gap, body, sink);
    const page = upbitSpot.history?.next(gap, request.value, body);
    if (!page?.ok) return { ids: new Set<string>(), reached: false, failure: page?.failure.code, pages };
    newestUs = Math.max(newestUs, page.value.newestUs ?? 0);
    const { reached } = page.value;
    if (page.value.next === null)
      return { ids: new Set(sink.rows.map((row) => row.id)), reached, newestUs, failure: undefined, pages };
    request = { ok: true, value: page.value.next };
  }
  throw new Error('no end of pages');
}

describe('history', () => {
  const hour = 3_600_000_000;
  const holes: readonly [string, number, number][] = [
    ['of the last minute', NOW_US - 60_000_000, NOW_US],
    ['of an hour today', NOW_US - 3 * hour, NOW_US - 2 * hour],
    ['over midnight', TODAY_US - hour, TODAY_US + hour],
    ['that ends just before midnight', TODAY_US - hour, TODAY_US - 500_000],
    ['of 40 s, three days ago', TODAY_US - 3 * DAY_US + 5 * hour, TODAY_US - 3 * DAY_US + 5 * hour + 40_000_000],
    ['of two days', TODAY_US - 5 * DAY_US, TODAY_US - 3 * DAY_US],
    ['of three days', TODAY_US - 3 * DAY_US, TODAY_US + hour],
    ['over yesterday’s midnight', TODAY_US - DAY_US - 2 * hour, TODAY_US - DAY_US + hour],
    ['over the midnight of the day before', TODAY_US - 2 * DAY_US - 2 * hour, TODAY_US - 2 * DAY_US + hour],
  ];
  const silences: readonly [string, (us: number) => boolean][] = [
    ['trading all the time', () => false],
    ['silent since two days', (us) => us > NOW_US - 2 * DAY_US],
    ['silent since half an hour before midnight', (us) => us > TODAY_US - 1_800_000_000],
    [
      'silent but for the last half hour of three days ago',
      (us) => us < TODAY_US - 2 * DAY_US - 1_800_000_000 || us > TODAY_US - 2 * DAY_US,
    ],
    ['silent on one day', (us) => Math.floor(us / DAY_US) === Math.floor(TODAY_US / DAY_US) - 4],
  ];
  for (const [what, fromUs, toUs] of holes)
    for (const [how, silent] of silences)
      for (const fromLastDate of [false, true])
        it(`fills a hole ${what}, ${how}, days counted from ${fromLastDate ? 'the last trade date' : 'today'}`, () => {
          const { printed, answer } = venue(20, silent, fromLastDate);
          const filled = fill(fromUs, toUs, answer);
          const missing = printed.filter((one) => one.us >= fromUs && one.us <= toUs && !filled.ids.has(one.id));
          expect([filled.failure, missing.length, filled.reached]).toEqual([undefined, 0, true]);
          // How far the history had come is known by its newest trade.
          const last = printed.findLast((one) => one.us <= toUs)?.us ?? 0;
          if (last >= fromUs) expect(filled.newestUs).toBeGreaterThanOrEqual(last);
        });

  it('says so when the seven days end inside the hole, and refuses older ones', () => {
    const { answer } = venue(600, () => false, false);
    expect(fill(NOW_US - 8.5 * DAY_US, NOW_US - 6.9 * DAY_US, answer).reached).toBe(false);
    expect(fill(NOW_US - 9 * DAY_US, NOW_US - 8 * DAY_US, answer).failure).toBe('history.too-old');
  });

  it('calls damaged and refused replies failures', () => {
    expect(fill(NOW_US - 1000, NOW_US, () => bytes('{"error":{"name":404,"message":"Code not found"}}')).failure).toBe(
      'history.refused',
    );
    expect(fill(NOW_US - 1000, NOW_US, () => bytes('<html>')).failure).toBe('history.reply');
    expect(fill(NOW_US - 1000, NOW_US, () => bytes('[{"market":"KRW-POD"}]')).failure).toBe('history.reply');
    const same = bytes(
      `[${Array.from({ length: 500 }, () => `{"timestamp":${NOW_US / 1000},"sequential_id":17883351803770004}`).join()}]`,
    );
    expect(fill(NOW_US - 1000, NOW_US, () => same).failure).toBe('history.reply');
  });

  it('refuses rows of another market', () => {
    const sink = collectingSink();
    const row =
      '{"market":"KRW-BTC","timestamp":1788335180377,"trade_price":1.0,"trade_volume":0.5,"ask_bid":"ASK","sequential_id":17883351803770004}';
    upbitSpot.history?.decode({ symbol: 'KRW-POD', channel: 'trade' }, bytes(`[${row}]`), sink);
    expect(sink.rejected[0]?.reason).toContain('is not KRW-POD');
  });
});
