// Any lives of two lines, dead ones noticed late, frames that memory could not hold, halts, stops, kills, records of all these that the journal
// lost, and repairs that answer late, over any batches, crashes and restarts of the store: what came is held once, what did not lies inside a gap, and no moment is uncovered without one.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TickColumns } from './columns.ts';
import type { OpenGap } from './gap-book.ts';
import { MemoryWarehouse } from './memory-warehouse.fixture.ts';
import type { Outcome } from './outcome.ts';
import type { Pipeline } from './pipeline.ts';
import { plainFeed } from './plain-feed.fixture.ts';

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const lines = [0, 1].map((line) => ({ no: line + 1, venue: 'binance', market: 'spot', line, role: 'live' }) as const);
type Rule = 'unique' | 'contiguous';
type Tell = (pipeline: Pipeline, frame: number) => void;

const rest = { no: 3, venue: 'binance', market: 'spot', line: 0, role: 'rest' } as const;
const lives = ['die', 'behind', 'full', 'room', 'halt', 'stop', 'kill', 'damage', 'tear', 'alive'] as const;
const often = ['open', 'close', 'ask', 'answer', 'trade'] as const;
type Kind = (typeof lives)[number] | (typeof often)[number];
const steps = fc.array(
  fc.record({
    kind: fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...often) }, fc.constantFrom(...lives)),
    line: fc.constantFrom(0, 1),
    ms: fc.oneof({ weight: 4, arbitrary: fc.nat(500) }, { weight: 2, arbitrary: fc.constant(0) }, fc.nat(9000)),
    lateMs: fc.nat(200),
  }),
  { minLength: 40, maxLength: 90 },
);
/** What ends a batch behind a record; `told`: gaps within their grace are told too. */
const ends = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant('' as const) },
    fc.constantFrom('commit', 'commit told', 'restart', 'crash', 'crash told'),
  ),
  { minLength: 5, maxLength: 40 },
);

interface Line {
  lastUs: number;
  dead: boolean;
  /** Since when its frames find no room; 0: they do. */
  fullUs: number;
}

/** What a back-fill was asked for. */
type Hole = Pick<OpenGap, 'id' | 'fromId' | 'toId' | 'fromUs'> & { readonly toUs: number };

/** The journal of these steps, and what was printed from the first acknowledgement on. */
function journal(rule: Rule, all: readonly { kind: Kind; line: number; ms: number; lateMs: number }[]) {
  const records: Tell[] = [];
  const printed: { id: string; us: number; came: boolean }[] = [];
  let asked: Hole | null = null;
  const open: (Line | null)[] = [null, null];
  const connections = [0, 0];
  /** Records that are still to be lost, and those that were since the last one that was not. */
  let [torn, lost] = [0, 0];
  /** False: it is lost. */
  const put = (tell: Tell): boolean => {
    if (torn > 0) {
      torn -= 1;
      lost += 1;
      return false;
    }
    const before = lost;
    lost = 0;
    records.push((pipeline, frame) => {
      if (before > 0) pipeline.damaged(before, 'torn', before);
      tell(pipeline, frame);
    });
    return true;
  };
  let [us, eventUs, id, firstUs] = [T0, T0, 10, 0];
  const control = (tell: (events: Pipeline['lines'], moment: { recvUs: number; frame: number }) => void): boolean => {
    const recvUs = us;
    return put((pipeline, frame) => {
      pipeline.control(frame, recvUs);
      tell(pipeline.lines, { recvUs, frame });
    });
  };
  const data = (no: number, text: string): boolean => {
    const recvUs = us;
    const bytes = Buffer.from(text);
    return put((pipeline, frame) => pipeline.data(lines[no], no + 1, 0, frame, recvUs, bytes, 0, bytes.length));
  };
  const started = (): void => {
    connections.fill(0);
    control((events, moment) => events.started(moment));
    for (const line of lines) control((events, moment) => events.wanted(line, ['BTC'], moment));
  };
  const begin = (no: number): void => {
    const line = lines[no] as (typeof lines)[number];
    const connection = (connections[no] ?? 0) + 1;
    connections[no] = connection;
    control((events) => events.opened(line));
    const told = control((events, moment) => events.acknowledged(line, connection, ['BTC'], moment));
    open[no] = { lastUs: us, dead: false, fullUs: 0 };
    if (firstUs === 0 && told) firstUs = us;
  };
  const tellLost = (no: number): void => {
    const one = open[no];
    if (!one?.fullUs) return;
    const fromUs = one.fullUs;
    const toUs = us;
    one.fullUs = 0;
    // What was never in the journal is known from this record alone.
    torn = 0;
    control((events, moment) => events.lost(lines[no] as (typeof lines)[number], fromUs, toUs, moment));
  };
  const end = (no: number): void => {
    tellLost(no);
    const lastFrameUs = open[no]?.lastUs ?? null;
    const connection = connections[no] ?? 0;
    open[no] = null;
    const close = { connection, lastFrameUs, planned: false, reason: '1006' };
    control((events, moment) => events.closed(lines[no] as (typeof lines)[number], close, moment));
  };
  /** The venue's history of what was asked for, as it is now. */
  const answer = ({ id: gapId, fromId, toId, fromUs, toUs }: Hole): void => {
    const byId = fromId >= 0 && toId >= 0;
    const found = printed.filter((one) =>
      byId ? Number(one.id) > fromId && Number(one.id) < toId : one.us >= fromUs && one.us <= toUs,
    );
    const bytes = Buffer.from(found.map((one) => `BTC ${one.id} 10 1 ${one.us}`).join(';') || '?');
    torn = 0;
    control((events) => events.expect(rest, { kind: 'history', gapId, symbol: 'BTC', channel: 'trade', status: 200 }));
    const recvUs = us;
    put((pipeline, frame) => pipeline.data(rest, rest.no, 1, frame, recvUs, bytes, 0, bytes.length));
    const hole = { fromId: byId ? String(fromId) : null, toId: byId ? String(toId) : null, fromUs, toUs };
    control((events, moment) => events.historyEnded(gapId, true, '', moment, hole));
    for (const one of found) one.came = true;
  };
  const trade = (): string => {
    id += 1;
    return rule === 'unique' ? `k${id}` : String(id);
  };
  started();
  for (const { kind, line, ms, lateMs } of all) {
    us += ms * 1000;
    const own = open[line];
    if (kind === 'open' && !own) begin(line);
    else if (kind === 'close' && own) end(line);
    else if (kind === 'die' && own) own.dead = true;
    else if (kind === 'full' && own && !own.dead) own.fullUs ||= us;
    else if (kind === 'room') tellLost(line);
    else if (kind === 'behind' && own?.dead) {
      const silent = [{ symbol: 'BTC', fromUs: own.lastUs }];
      const connection = connections[line] ?? 0;
      control((events, moment) => events.behind(lines[line] as (typeof lines)[number], connection, silent, moment));
      end(line);
    } else if (kind === 'ask') {
      const gaps = [...play(rule, records, ['']).warehouse.gaps.values()].filter(({ state }) => state !== 'repaired');
      const gap = gaps[lateMs % Math.max(1, gaps.length)];
      if (gap && gap.toUs !== null) asked = { ...gap, toUs: gap.toUs };
    } else if (kind === 'answer' && asked) {
      answer(asked);
      asked = null;
    } else if (kind === 'damage' && own && !own.dead && !own.fullUs) {
      data(line, '!');
      own.lastUs = us;
    } else if (kind === 'tear') torn = 1 + (lateMs % 6);
    else if (kind === 'alive' && own && !own.dead && !own.fullUs) {
      own.lastUs = us;
      control((events, moment) => events.alive(lines[line] as (typeof lines)[number], moment));
    } else if (kind === 'halt' || kind === 'stop' || kind === 'kill') {
      if (kind !== 'kill') for (const no of [0, 1]) tellLost(no);
      open.fill(null);
      if (kind === 'halt') control((events, moment) => events.halted(moment));
      if (kind === 'stop') control((events, moment) => events.stopped(moment));
      us += lateMs * 1000;
      if (kind === 'halt') control((events) => events.resumed());
      else started();
    } else if (kind === 'trade') {
      eventUs = Math.max(eventUs, us - lateMs * 1000);
      const name = trade();
      let came = false;
      for (const no of [line, 1 - line]) {
        const one = open[no];
        if (!one || one.dead || one.fullUs) continue;
        us += 1000;
        came = data(no, `BTC ${name} 10 1 ${eventUs}`) || came;
        one.lastUs = us;
      }
      if (firstUs > 0 && eventUs >= firstUs) printed.push({ id: name, us: eventUs, came });
    }
  }
  us += 20 * S;
  torn = 0;
  for (const no of [0, 1]) if (open[no]) end(no);
  for (const no of [0, 1]) begin(no);
  for (let n = 0; n < 2; n += 1) {
    us += 5 * S;
    data(0, `BTC ${trade()} 10 1 ${us}`);
  }
  return { records, printed, firstUs };
}

/** What the catalog and the rows hold in the end. */
function play(rule: Rule, records: readonly Tell[], happenings: readonly string[]) {
  const warehouse = new MemoryWarehouse([plainFeed(rule)]);
  const coverage = new Map<string, { fromUs: number; toUs: number | null }>();
  const take = (outcome: Pick<Outcome, 'coverage'>): void => {
    for (const { interval, fromUs, toUs } of outcome.coverage) {
      const known = coverage.get(interval);
      coverage.set(interval, { fromUs: Math.max(known?.fromUs ?? 0, fromUs), toUs: toUs ?? known?.toUs ?? null });
    }
  };
  const put = (gap: OpenGap): void => {
    const known = warehouse.gaps.get(gap.id);
    if (!known || gap.frame > known.frame)
      warehouse.gaps.set(gap.id, { ...gap, state: gap.state ?? known?.state ?? 'open' });
  };
  const crashed = new Set<number>();
  let pipeline = warehouse.start();
  for (let done = 0; done < records.length; ) {
    records[done]?.(pipeline, done + 1);
    const happening = happenings[done % happenings.length] ?? '';
    done += 1;
    if (happening.startsWith('crash') && !crashed.has(done)) {
      // The catalog has been told, and the rows are not there.
      crashed.add(done);
      const told = pipeline.end({ all: happening === 'crash told', full: false });
      take(told);
      for (const gap of told.gaps) put(gap);
      pipeline = warehouse.start();
      pipeline.begin(new TickColumns(64));
      done = warehouse.done;
    } else if (happening !== '' || done === records.length) {
      take(warehouse.commit(done, happening === 'commit told' || done === records.length));
      if (happening === 'restart') pipeline = warehouse.start();
    }
  }
  return { warehouse, gaps: [...warehouse.gaps.values()], coverage: [...coverage.values()] };
}

/** Lives of each kind of ids; by hand tens of thousands, for what is left to find is rare (TAPEDECK_LIVES=50000, some five minutes). */
const LIVES = Number(process.env.TAPEDECK_LIVES ?? 400);
const limitMs = 60_000 + LIVES * 20;

describe.each(['unique', 'contiguous'] as const)('ids that are %s', (rule) => {
  test(
    'leave nothing lost, doubled or uncovered without a word',
    () => {
      fc.assert(
        fc.property(steps, ends, (all, happenings) => {
          const { records, printed, firstUs } = journal(rule, all);
          const { warehouse, gaps, coverage } = play(rule, records, happenings);
          expect(warehouse.twice).toEqual([]);
          const held = new Set([...warehouse.rows.values()].map((row) => row.id));
          expect(printed.filter(({ id, came }) => held.has(id) !== came)).toEqual([]);
          const open = gaps.filter(({ state }) => state !== 'repaired' && state !== 'venue-hole');
          expect(open.filter(({ toUs }) => toUs === null)).toEqual([]);
          const inside = (us: number): boolean => open.some((gap) => gap.fromUs <= us && us <= (gap.toUs ?? us));
          expect(printed.filter(({ us, came }) => !came && !inside(us))).toEqual([]);
          expect(coverage.filter(({ toUs }) => toUs === null)).toHaveLength(2);
          if (rule === 'contiguous' || firstUs === 0) return;
          let until = firstUs;
          for (const one of [...coverage, ...gaps].toSorted((a, b) => a.fromUs - b.fromUs)) {
            expect(one.fromUs).toBeLessThanOrEqual(until + 1);
            until = Math.max(until, one.toUs ?? Number.POSITIVE_INFINITY);
          }
        }),
        { numRuns: LIVES, interruptAfterTimeLimit: limitMs - 10_000, markInterruptAsFailure: true },
      );
    },
    limitMs,
  );
});
