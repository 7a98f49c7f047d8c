// OKX back-fill against a small venue of its own: every hole is asked for to its end, and a hole of the venue is told from ours.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import type { HistoryHole } from '../feed.ts';
import { okxSpot } from './okx.ts';

const START_MS = Date.UTC(2026, 10, 20, 9);
const LAST = 3000;
const NOW_US = (START_MS + LAST * 100) * 1000;

/** 10 trades a second, ids 1 to 3000 but those that never were; the oldest of all is `from`, and the newest that the history knows is `known`. */
function venue(missing: readonly number[] = [], from = 1, known = LAST) {
  const asked: string[] = [];
  const never = new Set(missing);
  const answer = (path: string): Buffer => {
    asked.push(path);
    const query = new URL(path, 'http://venue').searchParams;
    const limit = Number(query.get('limit'));
    const newest = path.startsWith('/api/v5/market/trades?');
    if (limit > (newest ? 500 : 100)) throw new Error(`too many rows asked: ${path}`);
    const after = Number(query.get('after') ?? Number.POSITIVE_INFINITY);
    const rows: string[] = [];
    for (let id = known; id >= from && rows.length < limit; id--) {
      const ms = START_MS + id * 100;
      if (never.has(id) || (newest ? false : query.get('type') === '2' ? ms >= after : id >= after)) continue;
      rows.push(
        `{"instId":"BTC-USDT","side":"sell","sz":"0.00001","source":"0","px":"29963.20","tradeId":"${id}","ts":"${ms}"}`,
      );
    }
    return Buffer.from(`{"code":"0","msg":"","data":[${rows.join(',')}]}`);
  };
  return { answer, asked };
}

function hole(fromId: number | null, toId: number | null, fromUs = START_MS * 1000, toUs = NOW_US): HistoryHole {
  const text = (id: number | null) => (id === null ? null : String(id));
  return { symbol: 'BTC-USDT', channel: 'trades-all', fromId: text(fromId), toId: text(toId), fromUs, toUs };
}

function fill(gap: HistoryHole, answer: (path: string) => Buffer, nowUs = NOW_US) {
  const sink = collectingSink();
  let request = okxSpot.history?.first(gap, nowUs);
  for (let pages = 1; pages < 100; pages++) {
    if (!request?.ok) return { ids: [], reached: false, failure: request?.failure.code, pages: 0, sink };
    const body = answer(request.value.path);
    okxSpot.history?.decode(gap, body, sink);
    const page = okxSpot.history?.next(gap, request.value, body);
    const ids = sink.rows.map((row) => Number(row.id));
    if (!page?.ok) return { ids, reached: false, failure: page?.failure.code, pages, sink };
    if (page.value.next === null) return { ids, reached: page.value.reached, failure: undefined, pages, sink };
    request = { ok: true, value: page.value.next };
  }
  throw new Error('no end of pages');
}

const between = (ids: readonly number[], from: number, to: number): number =>
  new Set(ids.filter((id) => id > from && id < to)).size;

describe('okx history', () => {
  it("fills a small hole with one page that begins with the hole's own end", () => {
    const { answer, asked } = venue();
    const filled = fill(hole(100, 110), answer);
    expect(asked).toEqual(['/api/v5/market/history-trades?instId=BTC-USDT&type=1&after=111&limit=100']);
    expect([filled.reached, between(filled.ids, 100, 110)]).toEqual([true, 9]);
    expect(filled.sink.rows[0]).toMatchObject({
      id: '110',
      channel: 'trades-all',
      price: '29963.20',
      side: 'sell',
      eventUs: (START_MS + 11_000) * 1000,
    });
  });

  it('pages down through a large hole, and asks nothing twice', () => {
    const { answer, asked } = venue();
    const filled = fill(hole(500, 1500), answer);
    expect([filled.reached, between(filled.ids, 500, 1500)]).toEqual([true, 999]);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBeLessThanOrEqual(11);
  });

  it('sees a hole of the venue as covered', () => {
    const missing = Array.from({ length: 250 }, (_, i) => 700 + i);
    const filled = fill(hole(650, 1000), venue(missing).answer);
    expect([filled.reached, between(filled.ids, 650, 1000)]).toEqual([true, 349 - 250]);
  });

  it('waits for a history that is behind the live trades', () => {
    expect(fill(hole(100, 2500), venue([], 1, 2400).answer).failure).toBe('history.behind');
    // The first minute of a listing: nothing is known of it yet.
    expect(fill(hole(2, 5), venue([], 1, 0).answer).failure).toBe('history.behind');
  });

  it('without an upper id takes the newest page, then goes down', () => {
    const { answer, asked } = venue();
    const filled = fill(hole(2000, null), answer);
    expect(asked[0]).toBe('/api/v5/market/trades?instId=BTC-USDT&limit=500');
    expect(asked[1]).toContain('type=1&after=2501');
    expect([filled.reached, between(filled.ids, 2000, LAST + 1)]).toEqual([true, 1000]);
  });

  it('with times only asks by time, and goes on by id', () => {
    const { answer, asked } = venue();
    const fromUs = (START_MS + 20_000) * 1000;
    const toUs = (START_MS + 50_000) * 1000;
    const filled = fill(hole(null, null, fromUs, toUs), answer);
    expect(asked[0]).toContain(`type=2&after=${START_MS + 50_001}`);
    expect(asked[1]).toContain('type=1&after=401');
    expect([filled.reached, between(filled.ids, 199, 501)]).toEqual([true, 301]);
  });

  it('says when the reach ends inside the hole, and when there was nothing before', () => {
    expect(fill(hole(100, 1500), venue([], 1200).answer)).toMatchObject({ reached: false, failure: undefined });
    const young = hole(null, null, (START_MS - 60_000) * 1000, (START_MS + 5_000) * 1000);
    expect(fill(young, venue().answer).reached).toBe(true);
    const old = hole(null, null, (START_MS - 95 * 86_400_000) * 1000, (START_MS + 5_000) * 1000);
    expect(fill(old, venue().answer).reached).toBe(false);
  });

  it('refuses what it cannot ask', () => {
    const first = (gap: HistoryHole, nowUs = NOW_US) => {
      const asked = okxSpot.history?.first(gap, nowUs);
      return asked?.ok ? 'asked' : asked?.failure.code;
    };
    expect(first({ ...hole(1, 5), channel: 'trades' })).toBe('history.channel');
    expect(first({ ...hole(1, 5), toId: 'x' })).toBe('history.ids');
    expect(first(hole(1, 5, 0, NOW_US), NOW_US + 90 * 86_400_000_000)).toBe('history.too-old');
  });

  it('tells a busy venue from a refusal, and damage from both', () => {
    const gap = hole(1, 5);
    const asked = okxSpot.history?.first(gap, NOW_US);
    const next = (body: string) => {
      const page = asked?.ok ? okxSpot.history?.next(gap, asked.value, Buffer.from(body)) : undefined;
      return page?.ok ? 'ok' : `${page?.failure.code} ${page?.failure.retry}`;
    };
    expect(next('{"code":"50011","msg":"Too Many Requests","data":[]}')).toBe('history.refused true');
    expect(next('{"code":"51001","msg":"Instrument ID doesn\'t exist","data":[]}')).toBe('history.refused false');
    expect(next('{"code":"0","data":[{"tradeId":"7x","ts":"1"}]}')).toBe('history.reply false');
    expect(next('<html>')).toBe('history.reply true');
    const told = (body: string) => okxSpot.history?.decode(gap, Buffer.from(body), collectingSink()).kind;
    expect(told('{"code":"51001","msg":"x","data":[]}')).toBe('control');
    expect(told('{"code":"0","data":7}')).toBe('quarantine');
    expect(told('[]')).toBe('quarantine');
  });

  it('refuses a row of another instrument', () => {
    const sink = collectingSink();
    const row = '{"instId":"ETH-USDT","side":"sell","sz":"1","px":"2","tradeId":"7","ts":"1781416438926"}';
    okxSpot.history?.decode(hole(1, 9), Buffer.from(`{"code":"0","data":[${row}]}`), sink);
    expect([sink.rows.length, sink.rejected.length]).toEqual([0, 1]);
  });
});
