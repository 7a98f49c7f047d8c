// Nothing is called complete that is not: what ended without its trades counts, and so does a line that never came.
import { describe, expect, it } from 'vitest';
import type { StoreMeter } from '../../src-shared/contract/archive.ts';
import type { CollectorMeter, LineState } from '../../src-shared/contract/recording.ts';
import { completenessOf } from './completeness.ts';

const none = { open: 0, repairing: 0, repaired: 0, partial: 0, unrecoverable: 0, venueHole: 0 };

const store = (gaps: Partial<StoreMeter['gaps']> = {}, ticks = 5): StoreMeter => ({
  atUs: 1,
  frame: 1,
  lagFrames: 0,
  lagMs: 0,
  queryableDelayMs: { p50: 1, p99: 1 },
  storingDelayMs: { p50: 1, p99: 1 },
  totals: {
    frames: 1,
    control: 0,
    data: 1,
    other: 0,
    rejected: 0,
    ticks,
    stored: ticks,
    duplicates: 0,
    rejectedRows: 0,
  },
  tradesPerSecond: 0,
  ticksPerSecond: 0,
  venues: [],
  gaps: { ...none, ...gaps },
  disk: { freeBytes: 1, usedBytes: 1, fullInHours: null, state: 'ok', note: null },
  quarantined: 0,
  rssBytes: 1,
  notes: [],
});

const line = (acknowledged: number, market: LineState['market'] = 'spot'): LineState => ({
  id: 'upbit:spot:0',
  venue: 'upbit',
  market,
  line: 0,
  state: acknowledged > 0 ? 'live' : 'connecting',
  wanted: 3,
  acknowledged,
  lastFrameAgeMs: null,
  lastDataAgeMs: null,
  connectedUs: null,
  reconnects: 0,
  renewals: 0,
  maxAgeMs: null,
  address: null,
  frames: 0,
  bytes: 0,
  url: 'wss://x',
  note: null,
});

const collector = (lines: LineState[]): CollectorMeter => ({
  atUs: 1,
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
  framesPerSecond: 0,
  bytesPerSecond: 0,
  rssBytes: 1,
  lines,
  refusals: [],
});

describe('whether anything is missing', () => {
  it('is not known before the store speaks', () => {
    expect(completenessOf(collector([line(3)]), null)).toBeNull();
  });

  it('is denied only while every line delivers and every gap was filled', () => {
    expect(completenessOf(collector([line(3), line(0, null)]), store({ repaired: 4, venueHole: 1 }))?.word).toBe(
      'whole',
    );
    expect(completenessOf(collector([line(3), line(0)]), store())).toMatchObject({
      word: 'partly',
      acknowledged: 1,
      lines: 2,
    });
  });

  it('is not denied when gaps ended without their trades', () => {
    expect(completenessOf(collector([line(3)]), store({ unrecoverable: 2 }))).toMatchObject({ word: 'lost', lost: 2 });
    expect(completenessOf(collector([line(3)]), store({ partial: 1 }))).toMatchObject({ word: 'lost', lost: 1 });
    expect(completenessOf(collector([line(3)]), store({ partial: 1, repairing: 1 }))).toMatchObject({
      word: 'open',
      open: 1,
      lost: 1,
    });
  });

  it('is not denied where no line was ever acknowledged', () => {
    expect(completenessOf(collector([line(0), line(0)]), store({}, 0))?.word).toBe('unheard');
    expect(completenessOf(null, store({}, 0))?.word).toBe('unheard');
    // What was recorded before is read without any line.
    expect(completenessOf(null, store(), true)?.word).toBe('whole');
  });

  it('is not known while nobody says whether the lines deliver; what is known to be missing is', () => {
    expect(completenessOf(null, store())?.word).toBe('unknown');
    expect(completenessOf(null, store({ open: 1 }))?.word).toBe('open');
    expect(completenessOf(null, store({ unrecoverable: 1 }))?.word).toBe('lost');
  });
});
