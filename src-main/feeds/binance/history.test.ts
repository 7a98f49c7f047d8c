// Binance back-fill against a small venue of its own: every hole is asked for to its end, and a hole of the venue is told from ours.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import type { Feed, HistoryHole } from '../feed.ts';
import { binancePerp, binanceSpot } from './binance.ts';

interface Printed {
  readonly id: number;
  readonly ms: number;
}

const START_MS = Date.UTC(2026, 10, 20, 9);
const NOW_US = (START_MS + 86_400_000) * 1000;

/** 10 trades a second; aggregates merge three trades each; ids in `missing` were never printed. */
function venue(missing: ReadonlySet<number> = new Set()) {
  const trades: Printed[] = [];
  for (let id = 1; id <= 30_000; id++) if (!missing.has(id)) trades.push({ id, ms: START_MS + id * 100 });
  const aggregates = Array.from({ length: 10_000 }, (_, i) => ({
    id: i + 1,
    f: i * 3 + 1,
    l: i * 3 + 3,
    ms: START_MS + (i * 3 + 1) * 100,
  }));
  const asked: string[] = [];
  const answer = (path: string): Buffer => {
    asked.push(path);
    const url = new URL(path, 'http://venue');
    const number = (name: string): number | null =>
      url.searchParams.has(name) ? Number(url.searchParams.get(name)) : null;
    const limit = number('limit') ?? 500;
    const fromId = number('fromId') ?? 0;
    if (url.pathname.endsWith('/historicalTrades')) {
      const rows = trades.filter((one) => one.id >= fromId).slice(0, limit);
      return Buffer.from(
        JSON.stringify(
          rows.map(({ id, ms }) => ({
            id,
            price: '1.50',
            qty: '2.0',
            quoteQty: '3.00',
            time: ms,
            isBuyerMaker: true,
            isBestMatch: true,
          })),
        ),
      );
    }
    const start = number('startTime');
    const end = number('endTime') ?? Number.POSITIVE_INFINITY;
    if (start !== null && end - start >= 3_600_000) throw new Error(`window too wide: ${path}`);
    const rows = aggregates
      .filter((one) => (start === null ? one.id >= fromId : one.ms >= start && one.ms <= end))
      .slice(0, limit);
    return Buffer.from(
      JSON.stringify(rows.map(({ id, f, l, ms }) => ({ a: id, p: '1.50', q: '6.0', f, l, T: ms, m: false, M: true }))),
    );
  };
  return { answer, asked };
}

function hole(
  channel: string,
  fromId: number | null,
  toId: number | null,
  fromUs = START_MS * 1000,
  toUs = NOW_US,
): HistoryHole {
  return {
    symbol: 'BTCUSDT',
    channel,
    fromId: fromId === null ? null : String(fromId),
    toId: toId === null ? null : String(toId),
    fromUs,
    toUs,
  };
}

function fill(feed: Feed, gap: HistoryHole, answer: (path: string) => Buffer) {
  const sink = collectingSink();
  let request = feed.history?.first(gap, NOW_US);
  for (let pages = 0; pages < 100; pages++) {
    if (!request?.ok) return { ids: [], reached: false, failure: request?.failure.code, pages, sink };
    const body = answer(request.value.path);
    feed.history?.decode(gap, body, sink);
    const page = feed.history?.next(gap, request.value, body);
    if (!page?.ok || page.value.next === null)
      return {
        ids: sink.rows.map((row) => Number(row.id)),
        reached: page?.ok && page.value.reached,
        failure: page?.ok ? undefined : page?.failure.code,
        pages: pages + 1,
        sink,
      };
    request = { ok: true, value: page.value.next };
  }
  throw new Error('no end of pages');
}

const between = (ids: readonly number[], from: number, to: number): number =>
  new Set(ids.filter((id) => id > from && id < to)).size;

describe('binance history', () => {
  it('fills a small hole with one request that sees past its end', () => {
    const { answer, asked } = venue();
    const filled = fill(binanceSpot, hole('trade', 100, 110), answer);
    expect(asked).toEqual(['/api/v3/historicalTrades?symbol=BTCUSDT&fromId=101&limit=10']);
    expect(filled.ids).toEqual([101, 102, 103, 104, 105, 106, 107, 108, 109, 110]);
    expect(filled.reached).toBe(true);
    expect(filled.sink.rows[0]).toMatchObject({
      symbol: 'BTCUSDT',
      channel: 'trade',
      price: '1.50',
      qty: '2.0',
      side: 'sell',
      eventUs: (START_MS + 10_100) * 1000,
    });
  });

  it.each([
    ['trade', binanceSpot],
    ['aggTrade', binanceSpot],
    ['aggTrade', binancePerp],
    ['trade', binancePerp],
  ])('pages %s through a large hole', (channel, feed) => {
    const filled = fill(feed, hole(channel, 500, 4002), venue().answer);
    expect(between(filled.ids, 500, 4002)).toBe(3501);
    expect([filled.reached, filled.pages]).toEqual([true, 4]);
  });

  it('reaches over ids that the venue never printed', () => {
    const { answer } = venue(new Set([201, 202, 203]));
    const filled = fill(binanceSpot, hole('trade', 200, 204), answer);
    expect([between(filled.ids, 200, 204), filled.reached, filled.pages]).toEqual([0, true, 1]);
  });

  it('says so when the venue ends inside the hole', () => {
    const filled = fill(binanceSpot, hole('trade', 29_990, 30_100), venue().answer);
    expect([between(filled.ids, 29_990, 30_100), filled.reached]).toEqual([10, false]);
  });

  it('goes on to the newest trade when the end is open', () => {
    const filled = fill(binanceSpot, hole('trade', 28_500, null), venue().answer);
    expect([between(filled.ids, 28_500, 1e9), filled.reached]).toEqual([1500, true]);
  });

  it.each([
    ['trade', binanceSpot],
    ['aggTrade', binancePerp],
    ['trade', binancePerp],
  ])('finds %s by time when no id is known', (channel, feed) => {
    const fromMs = START_MS + 600_000;
    const toMs = fromMs + 300_000;
    const { answer } = venue();
    const filled = fill(feed, hole(channel, null, null, fromMs * 1000, toMs * 1000), answer);
    const first = channel === 'trade' ? 6001 : 2001;
    const last = channel === 'trade' ? 9000 : 3000;
    expect(between(filled.ids, first, last)).toBe(last - first - 1);
    expect(filled.reached).toBe(true);
  });

  it('walks over empty hours, one window of less than an hour at a time', () => {
    const { answer, asked } = venue();
    const fromMs = START_MS - 3 * 3_600_000;
    const filled = fill(binancePerp, hole('aggTrade', null, null, fromMs * 1000, (START_MS + 10_000) * 1000), answer);
    expect([between(filled.ids, 0, 34), filled.reached]).toEqual([33, true]);
    expect(asked.length).toBeLessThan(7);
    const empty = fill(binanceSpot, hole('trade', null, null, fromMs * 1000, (fromMs + 1000) * 1000), answer);
    expect([empty.ids, empty.reached, empty.pages]).toEqual([[], true, 1]);
  });

  it('refuses what the venue cannot answer', () => {
    const old = hole('aggTrade', 1, 5, 0, NOW_US - 366 * 86_400_000_000);
    expect(fill(binancePerp, old, venue().answer).failure).toBe('history.too-old');
    expect(fill(binanceSpot, hole('depth', 1, 5), venue().answer).failure).toBe('history.channel');
    expect(binanceSpot.history?.first({ ...hole('trade', 1, 5), fromId: 'x' }, NOW_US)).toMatchObject({
      ok: false,
      failure: { code: 'history.ids' },
    });
  });

  it('calls damaged and refused replies failures, and rows that are damaged rejected', () => {
    const gap = hole('trade', 1, 5);
    for (const [body, code] of [
      ['{"code":-1121,"msg":"Invalid symbol."}', 'history.refused'],
      ['<html>', 'history.reply'],
      ['[{"id":1}]', 'history.reply'],
      ['[{"id":1,"time":1723161255342}]', 'history.reply'],
    ] as const)
      expect(fill(binanceSpot, gap, () => Buffer.from(body)).failure).toBe(code);
    const sink = collectingSink();
    const good = '{"id":2,"price":"1","qty":"1","time":1723161255342,"isBuyerMaker":true}';
    expect(
      binanceSpot.history?.decode(gap, Buffer.from(`[${good},7,${good.replace('"1"', '"x"')},${good}]`), sink),
    ).toEqual({ kind: 'trades', reason: '' });
    expect([sink.rows.length, sink.rejected.map((row) => row.index)]).toEqual([2, [1, 2]]);
    expect(binanceSpot.history?.decode(gap, Buffer.from('{"code":1,"msg":"x"}'), sink).kind).toBe('control');
    expect(binanceSpot.history?.decode(gap, Buffer.from('{}'), sink).kind).toBe('quarantine');
    expect(binanceSpot.history?.decode(gap, Buffer.from('x'), sink).kind).toBe('quarantine');
  });
});
