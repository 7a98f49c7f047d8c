// Losses that nobody would be told of: two lines that lose at once, a gap that grows while it is being repaired, lines that were dead
// before they were closed, clocks that disagree or step back. Each was a hole reported as nothing, or as repaired.
import { describe, expect, test } from 'vitest';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import type { Pipeline } from './pipeline.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const LINES = [0, 1].map((line) => ({
  no: line + 1,
  venue: 'binance' as const,
  market: 'spot' as const,
  line,
  role: 'live' as const,
}));
const [A, B] = LINES as [(typeof LINES)[number], (typeof LINES)[number]];
const REST = { no: 3, venue: 'binance', market: 'spot', line: 0, role: 'rest' } as const;

function begin(rule: 'contiguous' | 'unique') {
  const warehouse = new MemoryWarehouse([plainFeed(rule)]);
  let pipeline = warehouse.start();
  let frame = 0;
  /** One control record at this second, told to the lines. */
  const at = (seconds: number, tell: (lines: Pipeline['lines'], moment: { recvUs: number; frame: number }) => void) => {
    frame += 1;
    const moment = { recvUs: T0 + Math.round(seconds * S), frame };
    pipeline.control(frame, moment.recvUs);
    tell(pipeline.lines, moment);
  };
  const tick = (line: (typeof LINES)[number], seconds: number, id: number, venueAheadS = 0): void => {
    frame += 1;
    const recvUs = T0 + Math.round(seconds * S);
    const bytes = Buffer.from(`BTC ${id} 1 1 ${recvUs + Math.round(venueAheadS * S)}`);
    pipeline.data(line, line.no, 0, frame, recvUs, bytes, 0, bytes.length);
  };
  /** A page of the venue's history. */
  const answer = (seconds: number, gapId: string, text: string): void => {
    at(seconds, (lines) => {
      lines.expect(REST, { kind: 'history', gapId, symbol: 'BTC', channel: 'trade', status: 200 });
    });
    frame += 1;
    const bytes = Buffer.from(text);
    pipeline.data(REST, REST.no, 1, frame, T0 + Math.round(seconds * S), bytes, 0, bytes.length);
  };
  const subscribe = (line: (typeof LINES)[number], seconds: number, connection = 1): void => {
    at(seconds, (lines, moment) => lines.wanted(line, ['BTC'], moment));
    at(seconds, (lines, moment) => lines.acknowledged(line, connection, ['BTC'], moment));
  };
  const close = (line: (typeof LINES)[number], seconds: number, lastS: number, connection = 1): void =>
    at(seconds, (lines, moment) =>
      lines.closed(line, { connection, lastFrameUs: T0 + lastS * S, planned: false, reason: 'reset' }, moment),
    );
  /** The journal's next records cannot be read. */
  const damage = (records: number): void => {
    pipeline.damaged(records, 'torn', 100);
    frame += records;
  };
  const open = (line: (typeof LINES)[number], seconds: number): void => at(seconds, (lines) => lines.opened(line));
  const commit = () => {
    warehouse.commit(frame, true);
    return [...warehouse.gaps.values()];
  };
  const restart = (): void => {
    commit();
    pipeline = warehouse.start();
  };
  return { warehouse, pipeline, at, tick, answer, subscribe, close, damage, open, commit, restart };
}

const inside = (gaps: readonly { fromUs: number; toUs: number | null }[], seconds: number): boolean =>
  gaps.some((gap) => gap.fromUs <= T0 + seconds * S && (gap.toUs === null || T0 + seconds * S <= gap.toUs));

describe('memory that is full takes from both lines at once', () => {
  test.each([
    ['in the middle', 12],
    ['at its acknowledgement', 0],
  ])('a single frame that was lost %s is missing when the other line had been dead since before', (_, seconds) => {
    const { at, tick, subscribe, close, commit } = begin('unique');
    subscribe(A, 0);
    subscribe(B, 0);
    if (seconds > 0) tick(A, seconds - 7, 1);
    const us = T0 + seconds * S;
    at(seconds, (lines, moment) => lines.lost(B, us, us, moment));
    tick(B, 20, 2);
    expect(commit()).toEqual([]);
    close(A, 30, Math.max(0, seconds - 7));
    const gaps = commit();
    expect(inside(gaps, seconds)).toBe(true);
    for (const other of [seconds + 2, 25]) expect(inside(gaps, other), `${other} s`).toBe(false);
  });

  test('what both lines lost is a gap', () => {
    const { at, tick, subscribe, commit } = begin('unique');
    subscribe(A, 0);
    subscribe(B, 0);
    tick(A, 1, 1);
    tick(B, 1, 1);
    at(30, (lines, moment) => lines.lost(A, T0 + 10 * S, T0 + 20 * S, moment));
    at(30, (lines, moment) => lines.lost(B, T0 + 12 * S, T0 + 25 * S, moment));
    const gaps = commit();
    for (const seconds of [12, 16, 20]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    expect(inside(gaps, 8)).toBe(false);
    expect(inside(gaps, 23)).toBe(false);
  });

  test('the line’s coverage has the hole too, so that no verdict counts on it', () => {
    const { at, subscribe, pipeline, warehouse } = begin('unique');
    subscribe(A, 0);
    at(30, (lines, moment) => lines.lost(A, T0 + 10 * S, T0 + 20 * S, moment));
    void pipeline;
    const { coverage } = warehouse.commit(4, true);
    const latest = new Map(coverage.map((one) => [one.interval, [one.fromUs, one.toUs]]));
    expect([...latest.values()]).toEqual([
      [T0, T0 + 10 * S - 1],
      [T0 + 20 * S + 1, null],
    ]);
  });
});

describe('a gap that begins where a repaired one began', () => {
  test('is not taken for repaired', () => {
    const { at, tick, answer, subscribe, close, commit } = begin('contiguous');
    subscribe(A, 0);
    tick(A, 10, 11);
    close(A, 10, 10);
    subscribe(A, 10, 2);
    const [first] = commit();
    const id = first?.id ?? '';
    const asked = { fromId: null, toId: null, fromUs: T0 + 9 * S, toUs: T0 + 11 * S };
    answer(12, id, `BTC 11 1 1 ${T0 + 10 * S}`);
    at(12, (lines, moment) => lines.historyEnded(id, true, '', moment, asked));
    expect(commit()).toMatchObject([{ id, state: 'repaired' }]);
    // That connection had brought nothing from its first moment on.
    close(A, 30, 10, 2);
    subscribe(A, 30, 3);
    tick(A, 35, 13);
    const missing = commit().filter(({ state }) => state !== 'repaired');
    expect(missing).toMatchObject([{ state: 'open', fromId: 11, toId: 13 }]);
  });
});

describe('a gap that grows after it was asked for', () => {
  const reach = (seconds: number) => ({ fromId: null, toId: null, fromUs: T0, toUs: T0 + seconds * S });

  test('is not repaired by the answer to the smaller question', () => {
    const { at, tick, subscribe, close, commit } = begin('unique');
    subscribe(A, 0);
    tick(A, 10, 1);
    close(A, 10.1, 10);
    subscribe(A, 10.4, 2);
    const [gap] = commit();
    expect(gap).toMatchObject({ toUs: T0 + 11.4 * S });
    // It flaps: down again while the back-fill of [9, 11.4] runs.
    tick(A, 12, 2);
    close(A, 12.3, 12, 2);
    at(12.5, (lines, moment) => lines.historyEnded(gap?.id ?? '', true, '', moment, reach(11.4)));
    subscribe(A, 14, 3);
    const after = commit().filter((one) => one.state !== 'repaired');
    for (const seconds of [12.1, 13, 13.9]) expect(inside(after, seconds), `${seconds} s`).toBe(true);
  });

  test('is open again when it grows after it was repaired', () => {
    const { at, tick, subscribe, close, commit } = begin('unique');
    subscribe(A, 0);
    tick(A, 10, 1);
    close(A, 10.1, 10);
    subscribe(A, 10.4, 2);
    const [gap] = commit();
    at(12.2, (lines, moment) => lines.historyEnded(gap?.id ?? '', true, '', moment, reach(11.4)));
    commit();
    close(A, 12.3, 12, 2);
    subscribe(A, 14, 3);
    const after = commit().filter((one) => one.state !== 'repaired');
    for (const seconds of [12.1, 13, 13.9]) expect(inside(after, seconds), `${seconds} s`).toBe(true);
  });

  test.each([
    ['a row of which could not be read', 'BTC bad 0 1 1', 'unrecoverable'],
    ['all of which was read', '', 'repaired'],
  ])('asked for in two steps, the first page of which, %s, ended before the gap did', (_, bad, state) => {
    const { at, tick, subscribe, close, commit, answer } = begin('unique');
    subscribe(A, 0);
    tick(A, 10, 1);
    close(A, 10.1, 10);
    subscribe(A, 10.4, 2);
    const [gap] = commit();
    const id = gap?.id ?? '';
    const known = `BTC 1 1 1 ${T0 + 10 * S}`;
    answer(10.6, id, bad === '' ? known : `${known};${bad}`);
    at(10.7, (lines, moment) =>
      lines.historyEnded(id, false, 'ends before the gap does', moment, reach(11.4), id, true),
    );
    expect(commit()).toMatchObject([{ id, state: 'open' }]);
    answer(16, id, known);
    at(16.1, (lines, moment) => lines.historyEnded(id, true, '', moment, reach(11.4)));
    expect(commit().find((one) => one.id === id)).toMatchObject({ state });
  });

  test('ids that were not known when the venue was asked by time are no hole of the venue', () => {
    const { at, tick, subscribe, close, commit } = begin('contiguous');
    subscribe(A, 0);
    tick(A, 10, 100);
    close(A, 10.1, 10);
    subscribe(A, 10.4, 2);
    const [gap] = commit();
    tick(A, 20, 105);
    at(21, (lines, moment) => lines.historyEnded(gap?.id ?? '', true, '', moment, reach(11.4)));
    expect(commit()).toMatchObject([{ fromId: 100, toId: 105, state: 'open' }]);
  });
});

test.each([
  ['a row', 'BTC 2 0 1 1790000010500000'],
  ['a page', '!garbage'],
])('%s of the history that cannot be read is still missing', (_, reply) => {
  const { at, tick, subscribe, close, commit, pipeline } = begin('unique');
  subscribe(A, 0);
  tick(A, 10, 1);
  close(A, 10.1, 10);
  subscribe(A, 12, 2);
  const id = commit()[0]?.id ?? '';
  const rest = { no: 9, venue: 'binance', market: 'spot', line: 0, role: 'rest' } as const;
  at(15, (lines) => lines.expect(rest, { kind: 'history', gapId: id, symbol: 'BTC', channel: 'trade', status: 200 }));
  const bytes = Buffer.from(reply);
  pipeline.data(rest, rest.no, 1, 50, T0 + 15 * S, bytes, 0, bytes.length);
  at(16, (lines, moment) => lines.historyEnded(id, true, '', moment));
  expect(commit()[0]?.state).toBe('unrecoverable');
});

test('ids that begin within a break prove nothing of what came before them', () => {
  const { at, tick, commit } = begin('contiguous');
  at(0, (lines, moment) => lines.wanted(A, ['BTC'], moment));
  at(15, (lines, moment) => lines.refused(A, ['ETH'], moment));
  commit();
  // The first frame outruns the acknowledgement.
  tick(A, 20, 500);
  at(20.1, (lines, moment) => lines.acknowledged(A, 1, ['BTC'], moment));
  tick(A, 30, 501);
  const left = commit().filter((gap) => gap.state !== 'repaired');
  for (const seconds of [1, 10, 19]) expect(inside(left, seconds), `${seconds} s`).toBe(true);
  expect(inside(left, 25)).toBe(false);
});

describe('a line that was dead already', () => {
  test.each(['halted', 'suspended', 'stopped'] as const)(
    'before the recorder %s covers only up to its last frame',
    (how) => {
      const { at, tick, subscribe, commit } = begin('unique');
      subscribe(A, 0);
      tick(A, 10, 1);
      at(60, (lines, moment) => lines[how](moment));
      at(61, (lines, moment) => lines.started(moment));
      subscribe(A, 70, 1);
      const gaps = commit();
      for (const seconds of [11, 30, 59, 69]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    },
  );
});

test('a connection that was dead in the middle of its renewal when the recorder was killed covers only up to its last frame', () => {
  const { at, tick, subscribe, commit } = begin('unique');
  const twin = { ...A, no: 5, twinOf: A.no };
  subscribe(A, 0);
  tick(A, 10, 1);
  at(20, (lines, moment) => lines.acknowledged(twin, 2, ['BTC'], moment));
  tick(twin, 24, 2);
  at(30, (lines, moment) => lines.started(moment));
  subscribe(A, 31, 1);
  const gaps = commit();
  for (const seconds of [10.5, 15, 19.5, 25, 30]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
  expect(inside(gaps, 22)).toBe(false);
});

describe('clocks', () => {
  test.each([-3, 3])(
    'a venue whose clock is %i s ahead of ours: the gap holds the trades by the venue’s time',
    (ahead) => {
      const { at, tick, subscribe, commit } = begin('unique');
      subscribe(A, 0);
      for (let id = 1; id <= 100; id += 1) tick(A, id / 10, id, ahead);
      at(20, (lines, moment) => lines.started(moment));
      subscribe(A, 25, 1);
      const gaps = commit();
      for (const seconds of [10.05, 15, 24.99]) expect(inside(gaps, seconds + ahead), `${seconds} s`).toBe(true);
    },
  );

  test('a gap is told although the clock stepped back after it was opened', () => {
    const { tick, warehouse, pipeline } = begin('contiguous');
    tick(A, 5000, 1);
    tick(A, 5001, 5);
    tick(A, 100, 6);
    void pipeline;
    warehouse.commit(3);
    expect([...warehouse.gaps.values()]).toMatchObject([{ fromId: 1, toId: 5 }]);
  });

  test('a break after the clock stepped back lies where the clock now is', () => {
    const { subscribe, tick, close, commit } = begin('unique');
    subscribe(A, 5000);
    tick(A, 5001, 1);
    tick(A, 100, 2);
    close(A, 110, 100);
    subscribe(A, 120, 2);
    const gaps = commit();
    for (const seconds of [101, 110, 119]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
  });
});

describe('a clock that is set back', () => {
  /** Both lines cover until 5000 s, one of them on its second connection; then it is 100 s. heard: and they go on. */
  function setBack(heard: boolean) {
    const made = begin('unique');
    made.subscribe(A, 0);
    made.subscribe(B, 0);
    made.tick(B, 4990, 1);
    made.close(B, 4990.2, 4990);
    made.subscribe(B, 4991, 2);
    made.tick(A, 4995, 2);
    made.tick(B, 4998, 2);
    made.at(100, (lines, moment) => lines.clockSetBack(T0 + 5000 * S, moment));
    if (!heard) return made;
    made.tick(A, 101, 3);
    made.tick(B, 101, 3);
    return made;
  }

  test('what nothing carried then is a gap, although coverage of before bears the same times', () => {
    const { close, subscribe, commit } = setBack(true);
    close(A, 105, 105);
    close(B, 110, 110, 2);
    subscribe(A, 120, 3);
    const gaps = commit();
    for (const seconds of [110.1, 115, 119.9]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    expect(inside(gaps, 102)).toBe(false);
  });

  test('a line that goes on covers what the other one misses', () => {
    const { close, subscribe, tick, commit } = setBack(true);
    close(A, 110, 105);
    tick(B, 115, 4);
    subscribe(A, 120, 3);
    tick(B, 130, 5);
    expect(commit()).toEqual([]);
  });

  test('lines that were dead already cover only up to their last frames, in either time', () => {
    const { at, subscribe, warehouse, pipeline } = setBack(false);
    void pipeline;
    at(110, (lines, moment) => lines.started(moment));
    subscribe(A, 120, 1);
    const { coverage } = warehouse.commit(20, true);
    const latest = new Map(
      coverage.map((one) => [one.interval, [(one.fromUs - T0) / S, one.toUs && (one.toUs - T0) / S]]),
    );
    expect([...latest.values()]).toEqual([
      [0, 4995],
      [0, 4990],
      [4991, 4998],
      [95, 95],
      [98, 98],
      [120, null],
    ]);
    const gaps = [...warehouse.gaps.values()];
    for (const seconds of [98.1, 100, 119]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
  });

  test('a break that is open is told in both times, and ends in the new one', () => {
    const { at, tick, subscribe, close, commit } = begin('unique');
    subscribe(A, 0);
    tick(A, 4980, 1);
    close(A, 4981, 4980);
    at(100, (lines, moment) => lines.clockSetBack(T0 + 5000 * S, moment));
    subscribe(A, 110, 2);
    const gaps = commit();
    for (const seconds of [4981, 4999.9, 100.1, 109]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    for (const seconds of [50, 115, 4000, 5010]) expect(inside(gaps, seconds), `${seconds} s`).toBe(false);
  });

  test.each([false, true])('while no recorder ran (ended on purpose: %s) hides nothing of that time', (planned) => {
    const { at, tick, subscribe, close, commit } = begin('unique');
    subscribe(A, 0);
    subscribe(B, 0);
    tick(B, 4990, 1);
    close(B, 4990.2, 4990);
    subscribe(B, 4991, 2);
    tick(A, 4995, 2);
    tick(B, 4998, 2);
    if (planned) at(4999, (lines, moment) => lines.stopped(moment));
    at(4980, (lines, moment) => lines.started(moment));
    subscribe(A, 4985, 1);
    const gaps = commit();
    for (const seconds of [4979.5, 4984.9, 4998]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    for (const seconds of [4970, 4987]) expect(inside(gaps, seconds), `${seconds} s`).toBe(false);
    expect(gaps.map(({ cause }) => cause)).toEqual(['process-down', 'process-down']);
  });

  test('a symbol that waits for its acknowledgement waits on', () => {
    const { at, commit } = begin('unique');
    at(4985, (lines, moment) => lines.wanted(A, ['BTC'], moment));
    at(100, (lines, moment) => lines.clockSetBack(T0 + 5000 * S, moment));
    at(101, (lines, moment) => lines.acknowledged(A, 1, ['BTC'], moment));
    const gaps = commit();
    for (const seconds of [86, 100]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
  });
});

describe('frames that cannot be read', () => {
  const bad = (
    text: string,
    line: (typeof LINES)[number],
    seconds: number,
    frame: number,
    pipeline: Pipeline,
  ): void => {
    const bytes = Buffer.from(text);
    pipeline.data(line, line.no, 0, frame, T0 + seconds * S, bytes, 0, bytes.length);
  };

  test.each(['!garbage', 'BTC 7 0 1 1790000010000000'])(
    '%s on the only line is a gap, and none when the other line stood',
    (text) => {
      for (const two of [false, true]) {
        const { subscribe, tick, pipeline, warehouse } = begin('unique');
        subscribe(A, 0);
        if (two) subscribe(B, 0);
        tick(A, 1, 1);
        bad(text, A, 10, 50, pipeline);
        bad(text, A, 10.5, 51, pipeline);
        tick(A, 20, 2);
        warehouse.commit(53, true);
        const gaps = [...warehouse.gaps.values()];
        expect(inside(gaps, 10)).toBe(!two);
        expect(gaps).toHaveLength(two ? 0 : 1);
        expect(inside(gaps, 15)).toBe(false);
      }
    },
  );

  test('the same bad frame on both lines is a gap', () => {
    const { subscribe, pipeline, warehouse } = begin('unique');
    subscribe(A, 0);
    subscribe(B, 0);
    bad('!garbage', A, 10, 50, pipeline);
    bad('!garbage', B, 10.2, 51, pipeline);
    warehouse.commit(51, true);
    expect(inside([...warehouse.gaps.values()], 10.1)).toBe(true);
  });

  test.each([
    ['of a symbol that is carried is a gap of that one', 'BTC', true],
    ['of one that is not is a gap of it', 'ETH', false],
    ['under a name that nobody carries may be of any', 'BTC-NEW', true],
  ])('a frame %s', (_, named, told) => {
    const warehouse = new MemoryWarehouse([{ ...plainFeed('unique'), symbolOf: () => named }]);
    const pipeline = warehouse.start();
    pipeline.control(1, T0);
    pipeline.lines.acknowledged(A, 1, ['BTC', 'ETH'], { recvUs: T0, frame: 1 });
    bad('!garbage', A, 10, 2, pipeline);
    const { nameOf } = warehouse.commit(2, true);
    const gaps = [...warehouse.gaps.values()].filter(({ stream }) => nameOf(stream).symbol === 'BTC');
    expect(inside(gaps, 10)).toBe(told);
  });

  test('where ids count, they alone decide', () => {
    const { subscribe, tick, pipeline, warehouse } = begin('contiguous');
    subscribe(A, 0);
    tick(A, 1, 1);
    bad('!garbage', A, 10, 50, pipeline);
    tick(A, 20, 2);
    warehouse.commit(52, true);
    expect([...warehouse.gaps.values()].filter((gap) => gap.state !== 'repaired')).toEqual([]);
  });

  test('where ids count and none has come since, the line covers nothing around them, and the next id tells what they hid', () => {
    const { subscribe, tick, pipeline, warehouse, commit } = begin('contiguous');
    subscribe(A, 0);
    tick(A, 1, 1);
    bad('!garbage', A, 10, 4, pipeline);
    const { coverage } = warehouse.commit(4, true);
    expect([...warehouse.gaps.values()]).toEqual([]);
    const latest = new Map(coverage.map((one) => [one.interval, [one.fromUs, one.toUs]]));
    expect([...latest.values()]).toEqual([
      [T0, T0 + 9 * S],
      [T0 + 11 * S, null],
    ]);
    tick(A, 20, 3);
    expect(commit()).toMatchObject([{ cause: 'sequence', state: 'open', fromId: 1, toId: 3 }]);
  });

  test('of a symbol that no id is known of, no id tells what they hid: it is a gap', () => {
    const { subscribe, tick, pipeline, commit } = begin('contiguous');
    subscribe(A, 0);
    bad('!garbage', A, 10, 50, pipeline);
    tick(A, 20, 7);
    const open = commit().filter((gap) => gap.state !== 'repaired');
    expect(open).toMatchObject([{ cause: 'unreadable', state: 'open' }]);
    expect(inside(open, 10)).toBe(true);
  });

  test('an id that was the first of all tells nothing of frames before it', () => {
    const { subscribe, tick, pipeline, commit } = begin('contiguous');
    subscribe(A, 0);
    bad('!garbage', A, 10, 50, pipeline);
    // In the same batch: by its end an id is known.
    tick(A, 10.5, 7);
    tick(A, 20, 8);
    expect(inside(commit(), 10)).toBe(true);
  });

  test('sixty of them that name no symbol cost few changes, and no moment of one is covered, over any restart', () => {
    const covered = (restarts: boolean) => {
      const warehouse = new MemoryWarehouse([plainFeed('contiguous')]);
      let pipeline = warehouse.start();
      const symbols = Array.from({ length: 100 }, (_, n) => `C${n}`);
      const rows = new Map<string, { name: string; fromUs: number; toUs: number | null }>();
      let changes = 0;
      pipeline.control(1, T0);
      pipeline.lines.acknowledged(A, 1, symbols, { recvUs: T0, frame: 1 });
      bad(symbols.map((symbol) => `${symbol} 1 1 1 ${T0 + S}`).join(';'), A, 1, 2, pipeline);
      for (let n = 0; n < 60; n += 1) {
        bad('!garbage', A, 10 + n, 3 + n, pipeline);
        const { coverage } = warehouse.commit(3 + n, false);
        changes += coverage.length;
        for (const { name, interval, fromUs, toUs } of coverage)
          rows.set(`${name.symbol} ${interval}`, { name: name.symbol, fromUs, toUs });
        if (restarts) pipeline = warehouse.start();
      }
      return { changes, rows: [...rows.values()], gaps: warehouse.gaps.size };
    };
    const { changes, rows, gaps } = covered(false);
    expect(gaps).toBe(0);
    expect(changes).toBeLessThan(100 * 10);
    expect(rows).toHaveLength(100 * 2);
    for (let n = 0; n < 60; n += 1) {
      const us = T0 + (10 + n) * S;
      expect(rows.some((row) => row.fromUs <= us && (row.toUs === null || us <= row.toUs))).toBe(false);
    }
    expect(covered(true)).toEqual({ changes, rows, gaps });
  });

  test('what is subscribed on a line after them is not covered where more of them come', () => {
    const { at, subscribe, tick, pipeline, warehouse } = begin('contiguous');
    subscribe(A, 0);
    tick(A, 1, 1);
    for (const seconds of [10, 12, 14, 18]) bad('!garbage', A, seconds, 50 + seconds, pipeline);
    at(19, (lines, moment) => lines.acknowledged(A, 1, ['NEW'], moment));
    bad('!garbage', A, 20, 70, pipeline);
    const { coverage } = warehouse.commit(70, true);
    const latest = new Map(coverage.map((one) => [`${one.name.symbol} ${one.interval}`, one]));
    const spans = [...latest.values()].filter(
      (one) => one.fromUs <= T0 + 20 * S && (one.toUs ?? T0 + 20 * S) >= T0 + 20 * S,
    );
    expect(spans).toEqual([]);
    expect([...latest.keys()].some((key) => key.startsWith('NEW '))).toBe(true);
  });
});

describe('a page of history that is damaged on disk', () => {
  test.each([
    ['its text', (lost: () => void, _told: () => void) => lost()],
    ['what it answers', (_lost: () => void, told: () => void) => told()],
  ])('%s: what it held is missing still, though the venue gave it', (_, harm) => {
    const { at, tick, answer, damage, subscribe, close, commit, pipeline } = begin('unique');
    subscribe(A, 0);
    tick(A, 10, 1);
    close(A, 10.1, 10);
    subscribe(A, 20, 2);
    const [gap] = commit();
    const id = gap?.id ?? '';
    answer(21, id, `BTC 2 1 1 ${T0 + 12 * S}`);
    harm(
      () => {
        at(22, (lines) => {
          lines.expect(REST, { kind: 'history', gapId: id, symbol: 'BTC', channel: 'trade', status: 200 });
        });
        damage(1);
      },
      () => {
        damage(1);
        const bytes = Buffer.from(`BTC 3 1 1 ${T0 + 14 * S}`);
        pipeline.data(REST, REST.no, 1, 900, T0 + 22 * S, bytes, 0, bytes.length);
      },
    );
    at(23, (lines, moment) => lines.historyEnded(id, true, '', { ...moment, frame: 901 }, null, id, false, 2));
    const after = commit().find((one) => one.id === id);
    expect(after?.state).toBe('partial');
  });
});

describe('a venue that lags', () => {
  test('what it had printed and not yet sent when the line broke lies inside the gap', () => {
    const { tick, subscribe, close, commit } = begin('unique');
    subscribe(A, 0);
    for (let n = 0; n <= 40; n += 1) tick(A, n / 4, n, -Math.min(5, n / 8));
    close(A, 10.1, 10);
    subscribe(A, 14, 2);
    const gaps = commit();
    for (const seconds of [5.1, 7, 10, 14]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    expect(inside(gaps, 3)).toBe(false);
  });

  test('is heard only until what it has sent', () => {
    const { tick, subscribe, pipeline } = begin('unique');
    subscribe(A, 0);
    tick(A, 1, 0);
    tick(A, 10, 1, -4);
    expect(pipeline.heardUs(A.no)).toBe(T0 + 6 * S);
  });

  test('a lag that is over widens nothing', () => {
    const { tick, subscribe, close, commit } = begin('unique');
    subscribe(A, 0);
    tick(A, 1, 1, -5);
    for (let n = 0; n < 120; n += 1) tick(A, 10 + n / 4, 100 + n, -0.05);
    close(A, 40.1, 40);
    subscribe(A, 44, 2);
    expect(inside(commit(), 38)).toBe(false);
  });
});

describe('a break where ids count', () => {
  test('is not proven by the first page of its own back-fill', () => {
    const { at, tick, answer, subscribe, close, commit } = begin('contiguous');
    subscribe(A, 0);
    tick(A, 10, 40);
    close(A, 10, 10);
    subscribe(A, 7200, 2);
    const id = commit()[0]?.id ?? '';
    answer(7201, id, `BTC 41 1 1 ${T0 + 100 * S}`);
    at(7202, (lines, moment) => lines.historyEnded(id, false, 'it answered 503', moment, null, id, false, 1));
    expect(commit()).toMatchObject([{ id, state: 'open' }]);
    // Nor by a trade that was printed inside it, but by one of after it.
    tick(A, 7210, 45);
    const states = commit().map(({ state, fromId, toId }) => [state, fromId, toId]);
    expect(states).toEqual([['open', 41, 45]]);
  });
});

test('parts of a gap that are forgotten do not let the rest count as all of it', () => {
  const { tick, commit } = begin('contiguous');
  // One gap of three ids, its middle filled late: two parts; then more gaps than are remembered.
  tick(A, 1, 1);
  tick(A, 2, 5);
  tick(A, 2, 3);
  let id = 5;
  for (let n = 0; n < 1999; n += 1) {
    id += 2;
    tick(A, 3 + n / 1000, id);
  }
  commit();
  tick(A, 10, 4);
  const gap = commit().find((one) => one.id === '1-1');
  expect(gap?.state).not.toBe('repaired');
});

describe('a line that was dead before the first trade ever came', () => {
  test('leaves a gap when that is noticed, though ids run on since: they say nothing of what was before them', () => {
    const { at, tick, subscribe, commit } = begin('contiguous');
    subscribe(A, 0);
    subscribe(B, 0.8);
    tick(B, 2, 5);
    tick(B, 3, 6);
    at(10, (lines, moment) => lines.halted(moment));
    subscribe(B, 11, 2);
    tick(B, 12, 7);
    const gaps = commit().filter(({ state }) => state !== 'repaired');
    expect(inside(gaps, 0.4)).toBe(true);
    // What the halt lost the ids have decided.
    expect(inside(gaps, 10.5)).toBe(false);
  });
});

describe('journal damage that takes records of a connection’s life', () => {
  /** Line A from 0 s to 10 s; then what cannot be read until 12 s. */
  function cut() {
    const world = begin('unique');
    world.subscribe(A, 0);
    world.tick(A, 10, 1);
    world.damage(3);
    return world;
  }

  test.each([
    ['its close', 2, true],
    ['its close and that the next one is open', 2, false],
    ['the start of another process, which counts from 1', 1, true],
    ['that start and that its connection is open', 1, false],
  ])('%s: a later break is a gap', (_, connection, opens) => {
    const { open, at, tick, subscribe, close, commit, restart } = cut();
    if (opens) open(A, 12);
    else at(12, (lines, moment) => lines.wanted(A, ['BTC'], moment));
    restart();
    subscribe(A, 16, connection);
    tick(A, 7200, 2);
    close(A, 7201, 7200, connection);
    subscribe(A, 7231, connection + 1);
    const gaps = commit();
    for (const seconds of [11, 14.5, 7215]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    for (const seconds of [5, 20, 7190, 7240]) expect(inside(gaps, seconds), `${seconds} s`).toBe(false);
  });

  test('all that was said of the next one: its close says that none before lives', () => {
    const { tick, subscribe, close, commit } = cut();
    tick(A, 12, 2);
    tick(A, 7200, 3);
    close(A, 7201, 7200, 2);
    subscribe(A, 7231, 3);
    const gaps = commit();
    for (const seconds of [11, 7215]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    for (const seconds of [5, 20, 7190, 7240]) expect(inside(gaps, seconds), `${seconds} s`).toBe(false);
  });

  test('its close: what the next connection does not carry is missing', () => {
    const { open, at, tick, commit } = cut();
    open(A, 12);
    at(13, (lines, moment) => lines.acknowledged(A, 2, ['ETH'], moment));
    tick(A, 60, 2);
    expect(inside(commit(), 50)).toBe(true);
  });

  test('its close, of one that had been dead for a while: nothing since its last frame is covered', () => {
    const { open, at, tick, subscribe, close, damage, commit } = begin('unique');
    subscribe(A, 0);
    subscribe(B, 0);
    tick(A, 10, 1);
    tick(B, 11, 2);
    close(B, 11.1, 11);
    at(20, (lines) => lines.resumed());
    damage(2);
    open(A, 25);
    subscribe(A, 25.1, 2);
    const gaps = commit();
    for (const seconds of [12, 19, 24]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    expect(inside(gaps, 9)).toBe(false);
  });

  test('of another line, while it lives on: that is no break, and its close is exact', () => {
    const { at, tick, subscribe, close, commit } = cut();
    tick(A, 12, 2);
    at(3600, (lines, moment) => lines.acknowledged(A, 1, ['ETH'], moment));
    tick(A, 7200, 3);
    close(A, 7201, 7200);
    subscribe(A, 7231, 2);
    const gaps = commit();
    for (const seconds of [5, 20, 3600, 7190]) expect(inside(gaps, seconds), `${seconds} s`).toBe(false);
    for (const seconds of [11, 7215]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
  });

  test('its close, when it never comes again: what the other line misses since is a gap', () => {
    const { at, tick, subscribe, close, damage, commit } = begin('unique');
    subscribe(A, 0);
    subscribe(B, 0);
    tick(A, 10, 1);
    tick(B, 10, 1);
    damage(1);
    tick(B, 12, 2);
    close(B, 20.1, 20);
    subscribe(B, 50, 2);
    for (let seconds = 60; seconds <= 200; seconds += 10) tick(B, seconds, seconds);
    expect(inside(commit(), 30)).toBe(false);
    at(200, (lines, moment) => lines.reached(moment));
    tick(B, 400, 400);
    close(B, 401, 400, 2);
    subscribe(B, 430, 3);
    const gaps = commit();
    for (const seconds of [30, 415]) expect(inside(gaps, seconds), `${seconds} s`).toBe(true);
    for (const seconds of [15, 100, 390]) expect(inside(gaps, seconds), `${seconds} s`).toBe(false);
  });

  test('records between two of the same moment: that moment is missing', () => {
    const { tick, subscribe, damage, commit } = begin('unique');
    subscribe(A, 0);
    tick(A, 10, 1);
    damage(1);
    tick(A, 10, 2);
    const gaps = commit();
    expect(inside(gaps, 10)).toBe(true);
    for (const seconds of [8, 12]) expect(inside(gaps, seconds), `${seconds} s`).toBe(false);
  });

  test('a loss that is told once more for another reason does not take the place of the one whose ids are known', () => {
    const { at, tick, subscribe, close, damage, commit } = begin('contiguous');
    subscribe(B, 0);
    tick(B, 0.001, 11);
    subscribe(A, 0.001);
    tick(A, 1.5, 12);
    damage(1);
    tick(A, 1.503, 14);
    commit();
    close(A, 21, 1.503);
    // Memory had no room for what B brought, from before the damage on.
    at(21, (lines, moment) => lines.lost(B, T0 + 0.6 * S, T0 + 21 * S, moment));
    close(B, 21, 0.001);
    for (const line of [A, B]) subscribe(line, 21, 2);
    tick(A, 26, 15);
    tick(A, 31, 16);
    const gaps = commit();
    expect(new Set(gaps.map(({ id }) => id)).size).toBe(gaps.length);
    const missing = gaps.filter(({ state }) => state !== 'repaired');
    expect(missing).toMatchObject([{ cause: 'journal-damage', fromId: 12, toId: 14 }]);
  });
});
