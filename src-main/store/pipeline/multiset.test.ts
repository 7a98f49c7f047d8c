// A venue without ids: rows that are equal in every field are trades of their own, and nothing but counting per connection tells them apart.
// One counted twice is a trade that never was; one counted too few is a trade lost.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { phemexPerp } from '../../feeds/phemex/phemex.ts';
import { Copies, copiesForm } from './copies.ts';
import { Flag } from './guard.ts';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import type { Pipeline } from './pipeline.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
/** Two lines with two line numbers each, for renewals overlap. */
const LINES = [0, 1, 0, 1].map((line, index) => ({
  no: index + 1,
  venue: 'binance' as const,
  market: 'spot' as const,
  line,
  role: 'live' as const,
}));
const REST = { no: 9, venue: 'binance' as const, market: 'spot' as const, line: 0, role: 'rest' as const };

type Printed = readonly { readonly key: string; readonly us: number }[];

/** What the venue prints: few different rows at few times, so that many are equal, and silences of minutes, so that keys are forgotten. Equal rows have equal times. */
const prints: fc.Arbitrary<Printed> = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 0, 0.4, 0.4, 0.4, 0.8, 0.8, 170, 310), fc.nat({ max: 3 })), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => {
    let us = T0;
    return steps.map(([step, what]) => {
      us += step * S;
      return { key: `${us}x${what}`, us };
    });
  });

/** What one source saw, as [from, to) of the print: a connection (its snapshot and what followed, in frames), or a page of history. */
interface Source {
  readonly line: number;
  readonly from: number;
  readonly snapshotTo: number;
  readonly to: number;
}

interface Step {
  readonly kind: 'open' | 'rows' | 'page';
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

const part = fc.nat({ max: 1000 });
const lives = fc.array(fc.tuple(part, part, part, part), { minLength: 1, maxLength: 3 });
const plans = fc.record({
  printed: prints,
  lines: fc.array(lives, { minLength: 1, maxLength: 4 }),
  pages: fc.array(fc.tuple(part, part), { maxLength: 3 }),
  order: fc.array(fc.nat({ max: 1000 }), { minLength: 60, maxLength: 60 }),
  events: fc.array(fc.constantFrom('', '', 'commit', 'crash', 'restart', 'restart'), { minLength: 1, maxLength: 40 }),
});

function stepsOf(plan: typeof plans extends fc.Arbitrary<infer T> ? T : never): { steps: Step[]; sources: Source[] } {
  const { printed, order } = plan;
  const sources: Source[] = [];
  let at = 0;
  const next = (): number => order[at++ % order.length] as number;
  const queues = plan.lines.map((connections, line) => {
    const queue: Step[] = [];
    let position = 0;
    for (const [begin, reach, split, end] of connections) {
      const snapshotTo = position + (begin % (printed.length - position + 1));
      const from = Math.max(0, snapshotTo - (reach % 12));
      const to = snapshotTo + (end % (printed.length - snapshotTo + 1));
      sources.push({ line, from, snapshotTo, to });
      queue.push({ kind: 'open', line, from: 0, to: 0 });
      if (from < snapshotTo) queue.push({ kind: 'rows', line, from, to: snapshotTo });
      for (let row = snapshotTo; row < to; ) {
        const rows = Math.min(to - row, 1 + ((split + row) % 3));
        queue.push({ kind: 'rows', line, from: row, to: row + rows });
        row += rows;
        // The venue sends a snapshot on the living connection again; what it holds began before the newest trade.
        const again = Math.max(0, row - 1 - ((reach + row) % 6));
        if ((begin + row) % 3 > 0 || (printed[again]?.us ?? 0) >= (printed[row - 1]?.us ?? 0)) continue;
        queue.push({ kind: 'rows', line, from: again, to: row });
        sources.push({ line, from: again, snapshotTo: row, to: row });
      }
      position = to;
    }
    return queue;
  });
  for (const [reach, end] of plan.pages) {
    const to = end % (printed.length + 1);
    const from = Math.max(0, to - (reach % 15));
    if (from === to) continue;
    sources.push({ line: -1, from, snapshotTo: to, to });
    queues.push([{ kind: 'page', line: -1, from, to }]);
  }
  const steps: Step[] = [];
  while (queues.some((queue) => queue.length > 0)) {
    const step = (queues[next() % queues.length] as Step[]).shift();
    if (step) steps.push(step);
  }
  return { steps, sources };
}

function tell(pipeline: Pipeline, step: Step, frame: number, printed: Printed): void {
  const recvUs = T0 + 60 * S + frame;
  const text = printed
    .slice(step.from, step.to)
    .map(({ key, us }) => `BTC ${key} 10.5 1 ${us}`)
    .join(';');
  const bytes = Buffer.from(text);
  if (step.kind === 'rows') {
    const line = LINES[step.line] as (typeof LINES)[number];
    pipeline.data(line, line.no, 0, frame, recvUs, bytes, 0, bytes.length);
    return;
  }
  pipeline.control(frame, recvUs);
  if (step.kind === 'open') pipeline.lines.opened(LINES[step.line] as (typeof LINES)[number]);
}

/** The multiset: of each row as many as the source that saw most of it. */
function expected(printed: Printed, sources: readonly Source[]): Map<string, number> {
  const most = new Map<string, number>();
  for (const source of sources) {
    const own = new Map<string, number>();
    for (const { key } of printed.slice(source.from, source.to)) own.set(key, (own.get(key) ?? 0) + 1);
    for (const [key, n] of own) most.set(key, Math.max(n, most.get(key) ?? 0));
  }
  return most;
}

function storedOf(warehouse: MemoryWarehouse): Map<string, number> {
  const stored = new Map<string, number>();
  for (const { id } of warehouse.rows.values()) {
    const key = id.replace(/-\d+$/, '');
    stored.set(key, (stored.get(key) ?? 0) + 1);
  }
  return stored;
}

describe('rows without ids', () => {
  test('any two lines, renewals, snapshots, pages and restarts store the multiset printed, each row once', () => {
    fc.assert(
      fc.property(plans, fc.nat({ max: 20 }), (plan, forget) => {
        const { printed } = plan;
        const { steps, sources } = stepsOf(plan);
        // So few that generations of keys end as soon as they may.
        const warehouse = new MemoryWarehouse([plainFeed('multiset')], 3);
        let pipeline = warehouse.start();
        let crashes = 0;
        let happened = 0;
        // A page is two records: what it answers is said before it.
        const records = steps.flatMap((step) => (step.kind === 'page' ? [{ ...step, asks: true }, step] : [step]));
        for (let at = 0; at < records.length; at += 1) {
          const step = records[at] as Step & { asks?: boolean };
          const frame = at + 1;
          if (step.kind !== 'page') tell(pipeline, step, frame, printed);
          else if (step.asks) {
            pipeline.control(frame, T0 + 60 * S + frame);
            const what = { gapId: '1-1', symbol: 'BTC', channel: 'trade', status: 200, recheck: false };
            pipeline.lines.expect({ ...REST, no: REST.no + step.from }, { kind: 'history', ...what });
          } else {
            const rows = printed.slice(step.from, step.to);
            const bytes = Buffer.from(rows.map(({ key, us }) => `BTC ${key} 10.5 1 ${us}`).join(';'));
            const line = { ...REST, no: REST.no + step.from };
            pipeline.data(line, line.no, 1, frame, T0 + 60 * S + frame, bytes, 0, bytes.length);
          }
          const happening = plan.events[happened++ % plan.events.length];
          if (happening === 'commit' || happening === 'restart') warehouse.commit(frame);
          if (happening === 'restart' || (happening === 'crash' && crashes < 8)) {
            crashes += 1;
            pipeline = warehouse.start(T0 + forget * 400_000);
            at = warehouse.done - 1;
          }
        }
        warehouse.commit(records.length, true);
        expect(warehouse.twice).toEqual([]);
        expect(storedOf(warehouse)).toEqual(expected(printed, sources));
        const { ticks, stored, duplicates } = warehouse.counts;
        expect(stored + duplicates).toBe(ticks);
      }),
      { numRuns: 400 },
    );
  });

  test('the second of two equal rows is told by the suffix, whichever line brings it first', () => {
    const warehouse = new MemoryWarehouse([plainFeed('multiset')]);
    const pipeline = warehouse.start();
    const print: Printed = [
      { key: 'ax1', us: T0 },
      { key: 'ax1', us: T0 },
    ];
    tell(pipeline, { kind: 'rows', line: 0, from: 0, to: 1 }, 1, print);
    tell(pipeline, { kind: 'rows', line: 1, from: 0, to: 2 }, 2, print);
    warehouse.commit(2);
    const again = warehouse.start();
    tell(again, { kind: 'rows', line: 0, from: 1, to: 2 }, 3, print);
    warehouse.commit(3);
    expect([...warehouse.rows.values()].map((row) => [row.id, row.lines])).toEqual([
      ['ax1', 3],
      ['ax1-2', 3],
    ]);
  });

  test('a snapshot sent again on a living connection adds nothing', () => {
    const warehouse = new MemoryWarehouse([plainFeed('multiset')]);
    const pipeline = warehouse.start();
    const print: Printed = [0, 0, 1, 2, 3, 4, 4, 5].map((n) => ({ key: `r${n}x`, us: T0 + n * S }));
    tell(pipeline, { kind: 'rows', line: 0, from: 0, to: 6 }, 1, print);
    tell(pipeline, { kind: 'rows', line: 0, from: 6, to: 8 }, 2, print);
    tell(pipeline, { kind: 'rows', line: 0, from: 0, to: 8 }, 3, print);
    warehouse.commit(3);
    expect(warehouse.counts).toMatchObject({ ticks: 16, stored: 8, duplicates: 8 });
  });

  test('nor does one that comes within a moment, with what was traded since: the venue was late to answer, was asked again, and answered both', () => {
    const warehouse = new MemoryWarehouse([plainFeed('multiset')]);
    const pipeline = warehouse.start();
    const print: Printed = [0, 1, 1, 2, 3, 3].map((n) => ({ key: `r${n}x`, us: T0 + n * 100_000 }));
    tell(pipeline, { kind: 'rows', line: 0, from: 0, to: 3 }, 1, print);
    tell(pipeline, { kind: 'rows', line: 0, from: 3, to: 4 }, 2, print);
    tell(pipeline, { kind: 'rows', line: 0, from: 0, to: 5 }, 3, print);
    tell(pipeline, { kind: 'rows', line: 0, from: 5, to: 6 }, 4, print);
    warehouse.commit(4);
    expect(warehouse.counts).toMatchObject({ ticks: 10, stored: 6, duplicates: 4 });
  });

  test('the first trade of a listing, in two snapshots that say what they are, is one trade', () => {
    const stored = (type: string): number => {
      const warehouse = new MemoryWarehouse([{ ...phemexPerp, market: 'spot' }]);
      const pipeline = warehouse.start();
      for (const frame of [1, 2]) {
        const text = `{"dts":${frame},"mts":${frame},"sequence":${frame},"symbol":"NEWUSDT","trades_p":[[${T0}123,"Buy","1.5","2"]]${type}}`;
        const bytes = Buffer.from(text);
        pipeline.data(LINES[0], 1, 0, frame, T0 + S, bytes, 0, bytes.length);
      }
      warehouse.commit(2);
      return warehouse.counts.stored;
    };
    expect(stored(',"type":"snapshot"')).toBe(1);
    // Two equal trades, as far as anybody can tell.
    expect(stored(',"type":"incremental"')).toBe(2);
    expect(stored('')).toBe(2);
  });

  test('rows of a snapshot are no sign of a clock that is wrong, and the venue’s clock is measured without them', () => {
    const warehouse = new MemoryWarehouse([plainFeed('multiset')]);
    const pipeline = warehouse.start();
    const line = LINES[0] as (typeof LINES)[number];
    const frame = (no: number, recvUs: number, us: readonly number[]): void => {
      const bytes = Buffer.from(us.map((one) => `BTC ${one}x 10.5 1 ${one}`).join(';'));
      pipeline.data(line, line.no, 0, no, recvUs, bytes, 0, bytes.length);
    };
    pipeline.control(1, T0);
    pipeline.lines.opened(line);
    pipeline.lines.acknowledged(line, 1, ['BTC'], { recvUs: T0, frame: 1 });
    frame(2, T0, [T0 - 500 * S, T0 - 40 * S]);
    pipeline.control(3, T0 + 100 * S);
    pipeline.lines.closed(
      line,
      { connection: 1, lastFrameUs: T0 + 90 * S, planned: false, reason: 'reset' },
      { recvUs: T0 + 100 * S, frame: 3 },
    );
    warehouse.commit(3, true);
    expect([...warehouse.gaps.values()].map((gap) => gap.fromUs)).toEqual([T0 + 89 * S]);
    expect([...warehouse.rows.values()].map((row) => row.flags & Flag.clockSkew)).toEqual([0, 0]);
  });
});

describe('what the venue gives at subscribing', () => {
  const line = LINES[0] as (typeof LINES)[number];

  /** A break from second 10 to second 20; then a first frame with these rows, in seconds. Gives the states of the gaps that are told. */
  function play(rows: string, snapshotFirst: boolean) {
    const plain = plainFeed('multiset');
    const warehouse = new MemoryWarehouse([snapshotFirst ? { ...plain, snapshotFirst } : plain]);
    const pipeline = warehouse.start();
    let frame = 0;
    const at = (seconds: number) => {
      frame += 1;
      pipeline.control(frame, T0 + seconds * S);
      return { recvUs: T0 + seconds * S, frame };
    };
    const data = (seconds: number, text: string): void => {
      frame += 1;
      const bytes = Buffer.from(text);
      pipeline.data(line, line.no, 0, frame, T0 + seconds * S, bytes, 0, bytes.length);
    };
    const row = (seconds: number): string => `BTC r${seconds}x 10.5 1 ${T0 + seconds * S}`;
    at(0);
    pipeline.lines.opened(line);
    pipeline.lines.acknowledged(line, 1, ['BTC'], at(1));
    data(10, row(10));
    const close = { connection: 1, lastFrameUs: T0 + 10 * S, planned: false, reason: 'reset' };
    pipeline.lines.closed(line, close, at(11));
    at(19);
    pipeline.lines.opened(line);
    pipeline.lines.acknowledged(line, 2, ['BTC'], at(20));
    warehouse.commit(frame, true);
    data(
      20.5,
      rows
        .split(' ')
        .map((seconds) => (seconds === '!' ? 'BTC bad 0 1 1' : row(Number(seconds))))
        .join(';'),
    );
    data(22, row(22));
    warehouse.commit(frame, true);
    return [...warehouse.gaps.values()].map((gap) => [(gap.fromUs - T0) / S, gap.state]);
  }

  test('fills the gap that it reaches over', () => {
    expect(play('8 10 15 20', true)).toEqual([[9, 'repaired']]);
  });

  test('does not when it begins within the gap, lacks a row, or is no such thing', () => {
    expect(play('9 10 15', true)).toEqual([[9, 'open']]);
    expect(play('15 20', true)).toEqual([[9, 'open']]);
    // The row that could not be read is a gap of its own.
    expect(play('8 ! 15 20', true)).toEqual([
      [9, 'open'],
      [18.499999, 'open'],
    ]);
    expect(play('8 10 15 20', false)).toEqual([[9, 'open']]);
  });
});

describe('what is remembered of a connection', () => {
  const cells = (id: string, us: number) => ({ ...new MockCells(), idText: id, eventUs: us });
  class MockCells {
    symbol = 'BTC';
    channel = 'trade';
    idNumber = -1;
    idText = '';
    priceMantissa = 1;
    priceScale = 0;
    priceText = '';
    qtyMantissa = 1;
    qtyScale = 0;
    qtyText = '';
    side = 1 as const;
    eventUs = 0;
    firstIdNumber = -1;
  }

  test('tells a message that came twice from equal trades', () => {
    const copies = new Copies();
    const idOf = (frame: number, print: number): string => {
      const row = cells('r', T0);
      copies.ofLine(row, 1, frame, print);
      return row.idText;
    };
    expect(idOf(1, 71)).toBe('r');
    expect(idOf(2, 71)).toBe('r');
    expect(idOf(3, 72)).toBe('r-2');
    const restarted = new Copies();
    restarted.load(copiesForm.parse(JSON.parse(JSON.stringify(copies.dump()))));
    const again = cells('r', T0);
    restarted.ofLine(again, 1, 4, 72);
    expect(again.idText).toBe('r');
    const third = cells('r', T0);
    restarted.ofLine(third, 1, 5, 73);
    expect(third.idText).toBe('r-3');
  });

  test('stays small, whatever the connection brings, but keeps every row of the newest time', () => {
    const copies = new Copies();
    for (let n = 0; n < 5000; n += 1) copies.ofLine(cells(`${n}x`, T0 + n * 1000), 1, n);
    expect(JSON.stringify(copies.dump()).length).toBeLessThan(12_000);
    const sweep = new Copies();
    for (let n = 0; n < 5000; n += 1) sweep.ofLine(cells(`${n}x`, T0), 1, n);
    const second = cells('0x', T0);
    sweep.ofLine(second, 1, 5001);
    expect(second.idText).toBe('0x-2');
  });
});
