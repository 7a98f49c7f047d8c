// Tests of what an operator is told: nothing too early, nothing twice, nothing that flaps, and nothing forgotten.
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { StoreMeter } from '../../../src-shared/contract/archive.ts';
import type { CollectorMeter, LineState } from '../../../src-shared/contract/recording.ts';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { silentLog } from '../../base/log.ts';
import { AlertBook } from './alert-book.ts';
import { AlertLog } from './alert-log.ts';
import { type Facts, judge } from './alert-rules.ts';
import { LostGrowth } from './growth.ts';

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-alerts-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const settings = settingsSchema.parse({ version: 1 });

const line = (id: string, state: LineState['state'], market: LineState['market'] = 'spot'): LineState => ({
  id,
  venue: id.startsWith('upbit') ? 'upbit' : 'binance',
  market,
  line: 0,
  state,
  wanted: 1,
  acknowledged: 1,
  lastFrameAgeMs: 1,
  lastDataAgeMs: 1,
  connectedUs: 1,
  reconnects: 0,
  renewals: 0,
  maxAgeMs: null,
  address: null,
  frames: 1,
  bytes: 1,
  url: 'wss://x',
  note: null,
});

const collector = (lines: LineState[], more: Partial<CollectorMeter> = {}): CollectorMeter => ({
  atUs: 1e15,
  recording: true,
  halt: null,
  headFrame: 1,
  durableFrame: 1,
  journalBytes: 1,
  bufferedBytes: 0,
  bufferLimitBytes: 1,
  lostFrames: 0,
  durableDelayMs: { p50: 1, p99: 1, max: 1 },
  loopDelayMs: { p99: 1, max: 1 },
  framesPerSecond: 1,
  bytesPerSecond: 1,
  rssBytes: 1,
  lines,
  refusals: [],
  ...more,
});

const store = (more: Partial<StoreMeter> = {}): StoreMeter => ({
  atUs: 1e15,
  frame: 1,
  lagFrames: 0,
  lagMs: 0,
  queryableDelayMs: { p50: 1, p99: 1 },
  storingDelayMs: { p50: 1, p99: 1 },
  totals: {
    frames: 0,
    control: 0,
    data: 0,
    other: 0,
    rejected: 0,
    ticks: 0,
    stored: 0,
    duplicates: 0,
    rejectedRows: 0,
  },
  tradesPerSecond: 0,
  ticksPerSecond: 0,
  venues: [],
  gaps: { open: 0, repairing: 0, repaired: 0, partial: 0, unrecoverable: 0, venueHole: 0 },
  disk: { freeBytes: 1e12, usedBytes: 1, fullInHours: null, state: 'ok', note: null },
  quarantined: 0,
  rssBytes: 1,
  notes: [],
  ...more,
});

const facts = (more: Partial<Facts> = {}): Facts => ({
  nowUs: 1e15,
  recording: true,
  children: [
    { process: 'collector', pid: 1, state: 'ready', restarts: 0, note: null, died: false, words: '' },
    { process: 'store', pid: 2, state: 'ready', restarts: 0, note: null, died: false, words: '' },
  ],
  collector: collector([line('binance:spot:0', 'live'), line('upbit:spot:0', 'live')]),
  store: store(),
  clockOffsetMs: 12,
  dueGaps: null,
  quarantineGrowth: 0,
  lostGrowth: 0,
  limits: settings.alerts,
  haltBytes: settings.disk.haltBytes,
  warnBytes: settings.disk.warnBytes,
  ...more,
});

const rulesOf = (more: Partial<Facts>): string[] =>
  judge(facts(more)).findings.map(({ rule, subject, severity, strength }) =>
    [rule, subject, severity, strength].filter(Boolean).join(' '),
  );

describe('what is wrong', () => {
  it('is nothing when all is well, or nothing is meant to be recorded', () => {
    expect(judge(facts())).toEqual({ findings: [], unknown: new Set() });
    expect(rulesOf({ recording: false, collector: collector([], { halt: 'x' }) })).toEqual([]);
  });

  it('tells a venue without any line from a line that has a second one', () => {
    expect(
      rulesOf({ collector: collector([line('upbit:spot:0', 'connecting'), line('upbit:spot:1', 'live')]) }),
    ).toEqual(['line-down upbit:spot:0 warn raise']);
    expect(
      rulesOf({ collector: collector([line('upbit:spot:0', 'waiting'), line('upbit:spot:1', 'subscribing')]) }),
    ).toEqual(['venue-down upbit bad raise']);
    expect(rulesOf({ collector: collector([line('upbit:notice:0', 'waiting', null)]) })).toEqual([
      'line-down upbit:notice:0 warn raise',
    ]);
  });

  it('says a halt once, not once for every line that it closed', () => {
    expect(
      rulesOf({ collector: collector([line('upbit:spot:0', 'halted')], { recording: false, halt: 'disk full' }) }),
    ).toEqual(['halted  bad raise'.replace('  ', ' ')]);
  });

  it('walks with the disk ladder, and counts the worst steps as bad', () => {
    const disk = (state: StoreMeter['disk']['state']) =>
      rulesOf({ store: store({ disk: { freeBytes: 1, usedBytes: 1, fullInHours: null, state, note: 'n' } }) });
    expect(
      ['ok', 'warn', 'pruning', 'halted', 'failed'].map((state) => disk(state as StoreMeter['disk']['state'])),
    ).toEqual([[], ['disk warn raise'], ['disk warn raise'], ['disk bad raise'], ['disk bad raise']]);
  });

  it('keeps a figure that fell below its limit until it fell well below it', () => {
    expect(rulesOf({ store: store({ lagMs: 30_000 }) })).toEqual(['store-lag warn raise']);
    expect(rulesOf({ store: store({ lagMs: 25_000 }) })).toEqual(['store-lag warn keep']);
    expect(rulesOf({ store: store({ lagMs: 23_000 }) })).toEqual([]);
    expect(rulesOf({ store: store({ lagMs: 400_000 }) })).toEqual(['store-lag bad raise']);
    expect(rulesOf({ clockOffsetMs: -1500 })).toEqual(['clock-offset warn raise']);
    expect(rulesOf({ quarantineGrowth: 50 })).toEqual(['quarantine warn raise']);
    expect(rulesOf({ collector: collector([], { durableDelayMs: { p50: 1, p99: 5000, max: 9000 } }) })).toEqual([
      'durable-delay warn raise',
    ]);
    expect(rulesOf({ dueGaps: { count: 3, deadlineUs: 1e15 + 60e6, name: 'upbit spot KRW-BTC' } })).toEqual([
      'gap-deadline warn raise',
    ]);
  });

  it('does not judge what nobody speaks of', () => {
    const { findings, unknown } = judge(facts({ collector: undefined, store: undefined, dueGaps: undefined }));
    expect(findings).toEqual([]);
    expect([...unknown].sort()).toEqual([
      'disk',
      'durable-delay',
      'gap-deadline',
      'halted',
      'line-down',
      'store-lag',
      'venue-down',
    ]);
  });

  it('names a process that died, is held, or says nothing any more', () => {
    const child = facts().children[0];
    if (!child) throw new Error('no child');
    expect(rulesOf({ children: [{ ...child, state: 'held', note: 'exit 1' }] })).toEqual([
      'process-held collector bad raise',
    ]);
    expect(rulesOf({ children: [{ ...child, died: true, words: 'SIGKILL' }] })).toEqual([
      'process-restart collector warn raise',
    ]);
    expect(rulesOf({ nowUs: 1e15 + 6e6 })).toEqual([
      'process-silent collector warn raise',
      'process-silent store warn raise',
    ]);
  });
});

/** A book and a clock; each look one second later. */
function watch(book = new AlertBook()) {
  let seconds = 0;
  return {
    book,
    look: (more: Partial<Facts> = {}, times = 1) => {
      let told = [] as ReturnType<AlertBook['look']>;
      for (let n = 0; n < times; n += 1) {
        seconds += 1;
        told = [...told, ...book.look(judge(facts(more)), 1e15 + seconds * 1e6, seconds * 1000)];
      }
      return told;
    },
  };
}

const down = { collector: collector([line('upbit:spot:0', 'connecting'), line('upbit:spot:1', 'live')]) };
const lag = (lagMs: number): Partial<Facts> => ({ store: store({ lagMs }) });

describe('the book of alerts', () => {
  it('says nothing of what passes by itself', () => {
    const { book, look } = watch();
    expect(look(down, 10)).toEqual([]);
    expect(look()).toEqual([]);
    expect(look(down, 10)).toEqual([]);
    expect(book.active).toEqual([]);
  });

  it('tells since when it was, and when it was over', () => {
    const { book, look } = watch();
    expect(look(down, 16)).toMatchObject([{ rule: 'line-down', sinceUs: 1e15 + 1e6, untilUs: null, times: 1 }]);
    expect(look({}, 5)).toEqual([]);
    expect(book.active).toHaveLength(1);
    expect(look({}, 1)).toMatchObject([{ rule: 'line-down', untilUs: 1e15 + 17e6 }]);
    expect(book.active).toEqual([]);
    expect(book.ended).toHaveLength(1);
  });

  it('is one alert however often a figure swings round its limit', () => {
    const { book, look } = watch();
    look(lag(31_000), 5);
    const [first] = book.active;
    for (let n = 0; n < 60; n += 1) {
      look(lag(29_000));
      look(lag(31_000));
    }
    expect(book.active).toMatchObject([{ id: first?.id, times: 1, worst: 31_000 }]);
    look(lag(0), 10);
    look(lag(31_000), 10);
    expect(book.active).toMatchObject([{ id: first?.id, times: 2, untilUs: null }]);
    expect(book.ended).toEqual([]);
    look(lag(0), 400);
    look(lag(31_000), 10);
    expect(book.active).toMatchObject([{ times: 1 }]);
    expect(book.active[0]?.id).not.toBe(first?.id);
    expect(book.ended).toHaveLength(1);
  });

  it('neither ends nor begins what cannot be judged', () => {
    const { book, look } = watch();
    look(down, 20);
    look({ collector: undefined }, 100);
    expect(book.active).toMatchObject([{ rule: 'line-down', untilUs: null }]);
    look({}, 10);
    expect(book.active).toEqual([]);
  });

  it('counts every death of a process, also while the last one is still shown', () => {
    const { book, look } = watch();
    const child = facts().children[0];
    if (!child) throw new Error('no child');
    const died = { children: [{ ...child, died: true, words: 'SIGKILL' }] };
    look(died);
    look({}, 3);
    look(died);
    expect(book.active).toMatchObject([{ rule: 'process-restart', times: 2, note: 'SIGKILL' }]);
  });

  it('keeps an acknowledgement until it gets worse', () => {
    const { book, look } = watch();
    const disk = (state: StoreMeter['disk']['state']) => ({
      store: store({ disk: { freeBytes: 1, usedBytes: 1, fullInHours: null, state, note: null } }),
    });
    look(disk('warn'));
    expect(book.acknowledge(undefined, 7)).toHaveLength(1);
    expect(book.acknowledge(undefined, 8)).toEqual([]);
    look(disk('pruning'));
    expect(book.active).toMatchObject([{ acknowledgedUs: 7 }]);
    expect(look(disk('halted'))).toMatchObject([{ severity: 'bad', acknowledgedUs: null }]);
  });

  it('goes on where an earlier host stopped', () => {
    const before = watch();
    before.look(down, 20);
    const after = watch(new AlertBook(before.book.active));
    after.look(down);
    expect(after.book.active).toMatchObject([{ id: before.book.active[0]?.id, times: 1 }]);
    after.look({}, 10);
    expect(after.book.ended).toMatchObject([{ id: before.book.active[0]?.id }]);
  });
});

describe('trades that are lost for good', () => {
  const gaps = (more: Partial<StoreMeter['gaps']>) => ({
    gaps: { open: 0, repairing: 0, repaired: 0, partial: 0, unrecoverable: 0, venueHole: 0, ...more },
  });

  it('are one alert with their count, which stays in the history', () => {
    const { book, look } = watch();
    look({ lostGrowth: 2, store: store(gaps({ partial: 1, unrecoverable: 4 })) });
    look({ lostGrowth: 3, store: store(gaps({ partial: 1, unrecoverable: 5 })) });
    expect(book.active).toMatchObject([{ rule: 'trades-lost', severity: 'bad', value: 3, worst: 3, times: 1 }]);
    expect(book.active[0]?.note).toContain('1 filled in part and 5 out of');
    look({}, 10);
    expect(book.active).toEqual([]);
    expect(book.ended).toMatchObject([{ rule: 'trades-lost', worst: 3 }]);
  });

  it('are those that ended lately: neither what lay there, nor one that was asked for once more in vain', () => {
    const growth = new LostGrowth();
    const at = (minute: number, more: Partial<StoreMeter['gaps']>) =>
      growth.look(gaps(more).gaps, 1e15 + minute * 60e6);
    expect(at(0, { partial: 2, unrecoverable: 7 })).toBe(0);
    expect(at(1, { partial: 1, unrecoverable: 7, repairing: 1 })).toBe(0);
    expect(at(2, { partial: 2, unrecoverable: 7 })).toBe(0);
    expect(at(3, { partial: 2, unrecoverable: 9 })).toBe(2);
    expect(at(12, { partial: 3, unrecoverable: 9 })).toBe(3);
    expect(at(14, { partial: 3, unrecoverable: 9 })).toBe(1);
    expect(at(30, { partial: 3, unrecoverable: 9 })).toBe(0);
    // One was filled after all; the next loss counts from there.
    expect(at(31, { partial: 2, unrecoverable: 9 })).toBe(0);
    expect(at(32, { partial: 2, unrecoverable: 10 })).toBe(1);
  });
});

describe('the alerts on disk', () => {
  it('are read as they were last, whatever is torn', async () => {
    const { book, look } = watch();
    const first = await AlertLog.open(dir, silentLog());
    expect(first.kept).toEqual([]);
    first.alertLog.write(look(down, 20), () => []);
    first.alertLog.write(look({}, 10), () => []);
    await first.alertLog.close();
    await writeFile(join(dir, 'alerts.jsonl'), '{"id":"torn', { flag: 'a' });
    const again = await AlertLog.open(dir, silentLog());
    expect(again.kept).toEqual(book.ended);
  });

  it('stay bounded', async () => {
    const { book, look } = watch();
    look(down, 20);
    const [alert] = book.active;
    if (!alert) throw new Error('no alert');
    const { alertLog } = await AlertLog.open(dir, silentLog());
    for (let n = 0; n < 50; n += 1) {
      alertLog.write(Array(100).fill(alert), () => [alert]);
    }
    await alertLog.close();
    const lines = (await readFile(join(dir, 'alerts.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.length).toBeLessThan(4200);
  });
});
