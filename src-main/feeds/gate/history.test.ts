// Gate back-fill against a small venue of its own: every hole is asked for to its end, also where paging ends, and lateness is told from loss.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import type { Feed, HistoryHole } from '../feed.ts';
import { gatePerp, gateSpot } from './gate.ts';

const START_S = Date.UTC(2026, 10, 20, 9) / 1000;

interface Options {
  readonly perSecond?: number;
  readonly count?: number;
  readonly from?: number;
  readonly ascending?: boolean;
  readonly missing?: number;
}

/** Ids 1 to count, so many a second, newest first unless told. */
function venue(options: Options = {}) {
  const { perSecond = 10, count = 30_000, from = 1, ascending = false, missing = -1 } = options;
  const asked: string[] = [];
  const answer = (path: string): Buffer => {
    asked.push(path);
    const query = new URL(path, 'http://venue').searchParams;
    const number = (name: string): number => Number(query.get(name) ?? Number.NaN);
    const futures = path.startsWith('/api/v4/futures/');
    const limit = number('limit');
    const skip = futures ? number('offset') : limit * (number('page') - 1);
    if (skip > 100_000 || limit > 1000) throw new Error(`the venue refuses ${path}`);
    const low = Math.max(from, (number('from') - START_S) * perSecond);
    const high = Math.min(count, (number('to') - START_S + 1) * perSecond - 1);
    const rows: string[] = [];
    for (let i = skip; i < skip + limit && i <= high - low; i++) {
      const id = ascending ? low + i : high - i;
      const at = START_S + id / perSecond;
      if (id === missing) continue;
      rows.push(
        futures
          ? `{"id":${id},"create_time":${Math.floor(at)},"create_time_ms":${at.toFixed(3)},"contract":"AB_USDT","size":-3,"price":"1.50"}`
          : `{"id":"${id}","create_time":"${Math.floor(at)}","create_time_ms":"${(at * 1000).toFixed(3)}","currency_pair":"AB_USDT","side":"sell","amount":"2.0","price":"1.50","sequence_id":"${id}"}`,
      );
    }
    return Buffer.from(`[${rows.join(',')}]`);
  };
  return { answer, asked };
}

function hole(feed: Feed, fromId: number | null, toId: number | null, perSecond = 10, reach = [0, 3000]): HistoryHole {
  const us = (id: number | null, otherwise: number) =>
    Math.round((START_S + (id === null ? otherwise : id / perSecond)) * 1e6);
  return {
    symbol: 'AB_USDT',
    channel: feed.channel,
    fromId: fromId === null ? null : String(fromId),
    toId: toId === null ? null : String(toId),
    fromUs: us(fromId, reach[0] ?? 0),
    toUs: us(toId, reach[1] ?? 0),
  };
}

const NOW_US = (START_S + 4000) * 1e6;

function fill(feed: Feed, gap: HistoryHole, answer: (path: string) => Buffer, nowUs = NOW_US) {
  const sink = collectingSink();
  let request = feed.history?.first(gap, nowUs);
  let newestUs = 0;
  for (let pages = 1; pages < 1000; pages++) {
    if (!request?.ok) return { ids: [], reached: false, failure: request?.failure.code, sink };
    const body = answer(request.value.path);
    feed.history?.decode(gap, body, sink);
    const page = feed.history?.next(gap, request.value, body);
    const ids = sink.rows.map((row) => Number(row.id));
    if (!page?.ok) return { ids, reached: false, failure: page?.failure.code, sink };
    newestUs = Math.max(newestUs, page.value.newestUs ?? 0);
    if (page.value.next === null) return { ids, reached: page.value.reached, newestUs, failure: undefined, sink };
    request = { ok: true, value: page.value.next };
  }
  throw new Error('no end of pages');
}

const between = (ids: readonly number[], from: number, to: number): number =>
  new Set(ids.filter((id) => id > from && id < to)).size;

describe('gate history', () => {
  it('fills a small hole with one page; its rows have the ids and µs of live ones', () => {
    const { answer, asked } = venue();
    const filled = fill(gateSpot, hole(gateSpot, 105, 118), answer);
    expect(asked).toEqual([
      `/api/v4/spot/trades?currency_pair=AB_USDT&from=${START_S + 10}&to=${START_S + 12}&limit=1000&page=1`,
    ]);
    expect([filled.reached, between(filled.ids, 105, 118)]).toEqual([true, 12]);
    expect(filled.sink.rows.find((row) => row.id === '107')).toMatchObject({
      channel: 'spot.trades',
      price: '1.50',
      qty: '2.0',
      eventUs: (START_S + 10.7) * 1e6,
    });
  });

  it.each([false, true])('pages through a large hole whatever the order (oldest first: %s)', (ascending) => {
    const { answer, asked } = venue({ ascending });
    const filled = fill(gateSpot, hole(gateSpot, 500, 5500), answer);
    expect([filled.reached, between(filled.ids, 500, 5500)]).toEqual([true, 4999]);
    expect(asked.length).toBeLessThanOrEqual(6);
  });

  it.each([false, true])('narrows the range where paging ends (oldest first: %s)', (ascending) => {
    const { answer, asked } = venue({ ascending, perSecond: 400, count: 250_000 });
    const filled = fill(gateSpot, hole(gateSpot, 400, 240_000, 400), answer);
    expect([filled.reached, between(filled.ids, 400, 240_000)]).toEqual([true, 239_599]);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('gives up, and says why, when one second holds more than paging reaches', () => {
    const { answer } = venue({ perSecond: 150_000, count: 290_000 });
    expect(fill(gateSpot, hole(gateSpot, 1, 280_000, 150_000), answer).failure).toBe('history.dense');
  });

  it('waits for a history that is behind, and sees a hole of the venue as covered', () => {
    expect(fill(gateSpot, hole(gateSpot, 100, 2500), venue({ count: 2400 }).answer).failure).toBe('history.behind');
    const filled = fill(gateSpot, hole(gateSpot, 100, 130), venue({ missing: 120 }).answer);
    expect([filled.reached, between(filled.ids, 100, 130)]).toEqual([true, 28]);
  });

  it('says when the reach ends inside the hole', () => {
    expect(fill(gateSpot, hole(gateSpot, 100, 2500), venue({ from: 2000 }).answer)).toMatchObject({
      reached: false,
      failure: undefined,
    });
    const late = NOW_US + 30 * 86_400_000_000 - 1_000_000_000;
    expect(fill(gatePerp, hole(gatePerp, null, null), venue().answer, late)).toMatchObject({ reached: false });
    expect(fill(gateSpot, hole(gateSpot, 1, 5), venue().answer, late + 86_400_000_000).failure).toBe('history.too-old');
  });

  it('futures: pages that go back say from when on they gave everything, pages that go forth do not', () => {
    const history = gatePerp.history;
    if (!history) throw new Error('gate has history');
    const wanted = hole(gatePerp, null, null, 10, [100, 350]);
    for (const ascending of [false, true]) {
      const { answer } = venue({ ascending });
      const asked = history.first(wanted, NOW_US);
      if (!asked.ok) throw new Error(asked.failure.message);
      const page = history.next(wanted, asked.value, answer(asked.value.path));
      if (!page.ok) throw new Error(page.failure.message);
      // Of ids 1000 to 3519 the newest thousand.
      expect(page.value.givenFromUs).toBe(ascending ? undefined : (START_S + 252) * 1e6);
    }
  });

  it('futures: goes by offset to the end of the range, for ids prove nothing', () => {
    const { answer, asked } = venue();
    const filled = fill(gatePerp, hole(gatePerp, null, null, 10, [100, 350]), answer);
    expect(asked[0]).toBe(
      `/api/v4/futures/usdt/trades?contract=AB_USDT&from=${START_S + 100}&to=${START_S + 351}&limit=1000&offset=0`,
    );
    expect([filled.reached, between(filled.ids, 999, 3501)]).toEqual([true, 2501]);
    expect(filled.newestUs).toBe(Math.max(...filled.sink.rows.map(({ eventUs }) => eventUs)));
    expect(filled.sink.rows.find((row) => row.id === '1234')).toMatchObject({
      channel: 'futures.trades',
      side: 'sell',
      qty: '3',
      eventUs: (START_S + 123.4) * 1e6,
    });
    const request = gatePerp.history?.first(hole(gatePerp, null, null), NOW_US);
    expect(request?.ok && request.value.headers).toEqual({ 'X-Gate-Size-Decimal': '1' });
  });

  it('tells a busy venue from a refusal, and damage from both', () => {
    const gap = hole(gateSpot, 1, 5);
    const asked = gateSpot.history?.first(gap, NOW_US);
    const next = (body: string) => {
      const page = asked?.ok ? gateSpot.history?.next(gap, asked.value, Buffer.from(body)) : undefined;
      return page?.ok ? 'ok' : `${page?.failure.code} ${page?.failure.retry}`;
    };
    expect(next('{"label":"TOO_MANY_REQUESTS","message":"x"}')).toBe('history.refused true');
    expect(next('{"label":"INVALID_CURRENCY_PAIR","message":"x"}')).toBe('history.refused false');
    expect(next('[{"id":"x"}]')).toBe('history.reply false');
    expect(next('<html>')).toBe('history.reply true');
    const told = (body: string) => gateSpot.history?.decode(gap, Buffer.from(body), collectingSink()).kind;
    expect([told('{"label":"X"}'), told('{}'), told('7')]).toEqual(['control', 'quarantine', 'quarantine']);
    const first = gateSpot.history?.first({ ...gap, channel: 'futures.trades' }, NOW_US);
    expect(first?.ok ? '' : first?.failure.code).toBe('history.channel');
  });

  it('refuses a row of another market', () => {
    const sink = collectingSink();
    const row =
      '{"id":"7","create_time_ms":"1788336082402.208","currency_pair":"ZZ_USDT","side":"sell","amount":"2","price":"1"}';
    gateSpot.history?.decode(hole(gateSpot, 1, 9), Buffer.from(`[${row},7]`), sink);
    expect([sink.rows.length, sink.rejected.length]).toEqual([0, 2]);
  });
});
