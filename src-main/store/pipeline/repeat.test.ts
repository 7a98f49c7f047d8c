// A crash between what the catalog is told and the commit has the batch told again, and batches end elsewhere then: gaps and coverage must be found
// under the same names, for one that is left behind grows for ever, or covers what nobody carried.
import { describe, expect, test } from 'vitest';
import { TickColumns } from './columns.ts';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import type { Outcome } from './outcome.ts';
import type { Pipeline } from './pipeline.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const lines = [0, 1].map((line) => ({ no: line + 1, venue: 'binance', market: 'spot', line, role: 'live' }) as const);
type Tell = (pipeline: Pipeline, frame: number) => void;

const us = (seconds: number): number => T0 + Math.round(seconds * S);

const control =
  (seconds: number, tell: (events: Pipeline['lines'], moment: { recvUs: number; frame: number }) => void): Tell =>
  (pipeline, frame) => {
    pipeline.control(frame, us(seconds));
    tell(pipeline.lines, { recvUs: us(seconds), frame });
  };
const wanted = (seconds: number, line = 0): Tell =>
  control(seconds, (events, moment) => events.wanted(lines[line] as (typeof lines)[0], ['BTC'], moment));
const opened = (seconds: number, line = 0): Tell =>
  control(seconds, (events) => events.opened(lines[line] as (typeof lines)[0]));
const carried = (seconds: number, connection: number, line = 0): Tell =>
  control(seconds, (events, moment) =>
    events.acknowledged(lines[line] as (typeof lines)[0], connection, ['BTC'], moment),
  );
const closed = (seconds: number, connection: number, lastSeconds: number, line = 0): Tell =>
  control(seconds, (events, moment) =>
    events.closed(
      lines[line] as (typeof lines)[0],
      { connection, lastFrameUs: us(lastSeconds), planned: false, reason: '1006' },
      moment,
    ),
  );
const data =
  (seconds: number, text: string, line = 0): Tell =>
  (pipeline, frame) => {
    const bytes = Buffer.from(text);
    const { no } = lines[line] as (typeof lines)[0];
    pipeline.data(lines[line], no, 0, frame, us(seconds), bytes, 0, bytes.length);
  };
/** A trade that took this long. */
const trade = (seconds: number, id: string | number, late = 0, line = 0): Tell =>
  data(seconds, `BTC ${id} 10.5 1 ${us(seconds - late)}`, line);

/**
 * What the catalog holds in the end. commits: how many records are committed when; lost: a batch that ends there is told and never committed.
 * graced: commits do not tell of gaps within their grace, but for the last.
 */
function play(
  feed: ReturnType<typeof plainFeed>,
  records: readonly Tell[],
  at: { commits: readonly number[]; restarts?: readonly number[]; lost?: readonly number[]; graced?: true },
) {
  const warehouse = new MemoryWarehouse([feed]);
  const coverage = new Map<string, { fromUs: number; toUs: number | null }>();
  const take = (outcome: Pick<Outcome, 'coverage'>): void => {
    for (const { interval, fromUs, toUs } of outcome.coverage) {
      const known = coverage.get(interval);
      coverage.set(interval, { fromUs: Math.max(known?.fromUs ?? 0, fromUs), toUs: toUs ?? known?.toUs ?? null });
    }
  };
  let pipeline = warehouse.start();
  const dies = new Set(at.lost);
  for (let done = 0; done < records.length; ) {
    records[done]?.(pipeline, done + 1);
    done += 1;
    if (dies.delete(done)) {
      const told = pipeline.end({ all: true, full: false });
      take(told);
      for (const gap of told.gaps) warehouse.gaps.set(gap.id, { ...gap, state: gap.state ?? 'open' });
      pipeline = warehouse.start();
      pipeline.begin(new TickColumns(64));
      done = warehouse.done;
    } else if (at.commits.includes(done) || done === records.length) {
      take(warehouse.commit(done, !at.graced || done === records.length));
      if (at.restarts?.includes(done)) pipeline = warehouse.start();
    }
  }
  return { gaps: [...warehouse.gaps.values()], coverage: [...coverage.values()] };
}

describe('a batch that is told again after a crash', () => {
  test('finds its gap under the same name, whatever is known of the venue’s clock by then', () => {
    // Trades of one minute took 0.1 s, those of the next 0.5 s: by a clock that forgot one of them, the break begins elsewhere.
    const before = [wanted(0), carried(0, 1)];
    for (let n = 1; n <= 24; n += 1) before.push(trade(n * 5, `a${n}`, n <= 12 ? 0.1 : 0.5));
    const done = before.length;
    const records = [
      ...before,
      closed(125, 1, 120),
      trade(126, 'other', 0.2, 1),
      carried(140, 2),
      trade(141, 'b', 0.5),
    ];
    const { gaps } = play(plainFeed('unique'), records, { commits: [done], lost: [done + 2] });
    expect(gaps.map(({ toUs }) => toUs === null)).toEqual([false]);
    const once = play(plainFeed('unique'), records, { commits: [done] });
    expect(gaps).toMatchObject(once.gaps.map(({ id, fromUs, toUs }) => ({ id, fromUs, toUs })));
  });

  test.each([
    ['opened beyond the last commit', { commits: [2], lost: [4] }],
    ['opened before it, and was not told of by it', { commits: [4], lost: [5], graced: true }],
  ] as const)('closes a gap that heals within a moment and %s', (_, at) => {
    const records = [wanted(0), carried(0, 1), trade(1, 5), trade(2, 7), trade(2.2, 8), trade(2.5, 6), trade(9, 9)];
    const { gaps } = play(plainFeed('contiguous'), records, at);
    expect(gaps).toMatchObject([{ fromId: 5, toId: 7, state: 'repaired', evidence: 'all 1 missing ids came' }]);
    expect(play(plainFeed('contiguous'), records, { ...at, lost: [] }).gaps).toEqual([]);
  });

  test('keeps a break that ended before the first id came, and that no later id will decide', () => {
    const records = [wanted(0), carried(0, 1), closed(0.3, 1, 0), carried(0.6, 2), trade(0.9, 5), trade(5, 6)];
    for (const at of [{ commits: [] }, { commits: [5], restarts: [5], graced: true }] as const) {
      const { gaps } = play(plainFeed('contiguous'), records, at);
      expect(gaps).toMatchObject([{ state: 'open', cause: 'disconnect', fromUs: us(-1), fromId: -1 }]);
    }
  });

  test('leaves no coverage open that was cut by frames that could not be read', () => {
    const records = [
      wanted(0),
      carried(0, 1),
      trade(1, 'a'),
      data(10, '!'),
      trade(11, 'b'),
      trade(12, 'c'),
      data(20, '!'),
    ];
    records.push(trade(30, 'd'), closed(40, 1, 39));
    for (const lost of [4, 5, 6]) {
      const { coverage } = play(plainFeed('unique'), records, { commits: [3, 8], lost: [lost] });
      expect(coverage.filter(({ toUs }) => toUs === null)).toEqual([]);
    }
  });
});

describe('where a connection’s first frame holds the newest trades', () => {
  const feed = { ...plainFeed('multiset'), snapshotFirst: true as const };
  const before = [wanted(0), opened(0), carried(0, 1), trade(0.5, 'a'), trade(10, 'b'), closed(12, 1, 10)];
  const again = [opened(13), carried(13.5, 2)];
  const snapshot = data(13.6, `BTC a 10.5 1 ${us(0.5)};BTC b 10.5 1 ${us(10)};BTC c 10.5 1 ${us(11.5)}`);

  test.each([5, 6, 7, 8])('it fills the gap also when the store began anew after %i records', (done) => {
    const records = [...before, ...again, snapshot, trade(14, 'd')];
    const { gaps } = play(feed, records, { commits: [done], restarts: [done] });
    expect(gaps.filter(({ state }) => state !== 'repaired')).toEqual([]);
  });

  test('a gap that it healed within a moment is told as repaired, also over a restart: no line covered that time', () => {
    const records = [...before.slice(0, 5), closed(10.2, 1, 10), opened(10.3), carried(10.4, 2)];
    records.push(data(10.5, `BTC a 10.5 1 ${us(0.5)};BTC b 10.5 1 ${us(10)}`), trade(14, 'd'));
    for (const at of [{ commits: [] }, { commits: [9], restarts: [9] }, { commits: [8], restarts: [8] }]) {
      const { gaps } = play(feed, records, at);
      expect(gaps.map(({ state, cause }) => `${state} ${cause}`)).toEqual(['repaired disconnect']);
    }
  });

  test('a gap that it filled and a new loss widened is open, also when all of it came in one batch', () => {
    const records = [...before, ...again, snapshot, closed(13.9, 2, 13.8)];
    const { gaps } = play(feed, records, { commits: [] });
    expect(gaps.map(({ state, toUs }) => [state, toUs])).toEqual([['open', null]]);
  });
});
