// Test fixture: every recorded frame of a venue decodes to the trades that it holds, with the same ids and digits. Never shipped.
import { describe, expect, it } from 'vitest';
import { compareDecimals, multiplyDecimals } from '../../src-shared/base/decimal.ts';
import type { FrameKind } from '../../src-shared/market/frame.ts';
import { type CollectedRow, collectingSink } from './collecting-sink.fixture.ts';
import type { Feed, FrameVerdict, TickSink } from './feed.ts';
import {
  type RecordedFrame,
  type RecordedTrade,
  recordedFrames,
  recordedInstruments,
} from './recorded-frames.fixture.ts';

/** One trade of a frame as its text says, in the order in which the decoder gives the rows. */
export type ScannedRow = Omit<CollectedRow, 'channel' | 'firstIdNumber'> & {
  /** Absent: the feed's live channel. */
  readonly channel?: string;
  /** Absent: the id itself, or -1 where it is no number. */
  readonly firstIdNumber?: number;
};

export interface RecordedOptions {
  /** What frames of kind `other` may be told as; both unless told (acknowledgements are recorded as `other`). */
  readonly others?: readonly FrameKind[];
  /** WebSocket opcode of the venue's frames. */
  readonly binary?: true;
  /** Some of the recorded layouts do not let the symbol be told cheaply: symbolOf may answer null, but never another symbol. */
  readonly symbolMayBeUntold?: true;
  /** Whether BASE/QUOTE of the recording is this symbol of the venue. Unless told: the letters and digits begin alike. */
  isPair?(pair: string, symbol: string): boolean;
  /** More frames than this are there; 200 unless told. */
  readonly moreThan?: number;
}

/** The text behind a pattern's first group; words that no row can hold where it is not found. */
export function found(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? `nothing like ${pattern}`;
}

function beginsAlike(pair: string, symbol: string): boolean {
  const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9]/g, '').toUpperCase();
  return plain(symbol).startsWith(plain(pair));
}

function sameTime(expected: number, eventUs: number): boolean {
  return expected * 1000 === eventUs || (Number.isInteger(expected) && Math.floor(eventUs / 1000) === expected);
}

function disagreements(expected: RecordedTrade, row: CollectedRow, options: RecordedOptions): string[] {
  const { isPair = beginsAlike } = options;
  const wrong: string[] = [];
  if (expected.symbol !== null && !isPair(expected.symbol, row.symbol)) wrong.push(`symbol ${row.symbol}`);
  if (expected.price !== null && compareDecimals(expected.price, row.price) !== 0) wrong.push(`price ${row.price}`);
  if (expected.qty !== null && compareDecimals(expected.qty, row.qty) !== 0) wrong.push(`qty ${row.qty}`);
  if (expected.side !== null && expected.side !== row.side) wrong.push(`side ${row.side}`);
  if (expected.id !== null && expected.id !== row.id) wrong.push(`id ${row.id}`);
  if (expected.ts_ms !== null && !sameTime(Number(expected.ts_ms), row.eventUs)) wrong.push(`time ${row.eventUs}`);
  return wrong;
}

/** The row with what the scan leaves to be understood. */
function whole(scanned: ScannedRow, feed: Feed): CollectedRow {
  const id = Number(scanned.id);
  const numeric = /^\d+$/.test(scanned.id) && Number.isSafeInteger(id);
  return { channel: feed.channel, firstIdNumber: numeric ? id : -1, ...scanned };
}

function decode(feed: Feed, frame: RecordedFrame, known: readonly ScannedRow[], sink: TickSink): FrameVerdict {
  const bytes = Buffer.from(frame.raw);
  if (frame.transport !== 'rest') return feed.decode(bytes, sink);
  const hole = { symbol: known[0]?.symbol ?? '', channel: feed.channel };
  return feed.history?.decode(hole, bytes, sink) ?? { kind: 'quarantine', reason: 'no history' };
}

/** What is wrong with our reading of this frame; nothing when it is right. */
function faults(
  frame: RecordedFrame,
  feed: Feed | undefined,
  scan: (frame: RecordedFrame) => readonly ScannedRow[],
  options: RecordedOptions,
): string[] {
  if (!feed) return [`no feed for ${frame.venue} ${frame.market}`];
  const sink = collectingSink();
  const known = frame.kind === 'trades' && !frame.legacy ? scan(frame) : [];
  const verdict = decode(feed, frame, known, sink);
  if (frame.legacy) {
    const refused = verdict.kind === 'quarantine' && verdict.reason.startsWith('legacy: ') && sink.rows.length === 0;
    return refused ? [] : [`legacy frame: ${verdict.kind} ${verdict.reason}`];
  }
  const wrong = sink.rejected.map((row) => `rejected: ${row.reason}`);
  const { others = ['other', 'control'] } = options;
  const kinds: readonly string[] = frame.kind === 'other' ? others : [frame.kind];
  if (!kinds.includes(verdict.kind)) wrong.push(`${verdict.kind} ${verdict.reason} instead of ${frame.kind}`);
  if (sink.rows.length !== frame.trades_in_raw) wrong.push(`${sink.rows.length} trades, not ${frame.trades_in_raw}`);
  if (known.length !== sink.rows.length) wrong.push(`${sink.rows.length} trades, the text has ${known.length}`);
  for (const [i, row] of sink.rows.entries()) {
    const scanned = known[i];
    const text = scanned && JSON.stringify(whole(scanned, feed), Object.keys(row).sort());
    const read = JSON.stringify(row, Object.keys(row).sort());
    if (read !== text) wrong.push(`read ${read}, text says ${text}`);
    const expected = frame.expected?.[i];
    if (expected) wrong.push(...disagreements(expected, row, options));
    if (frame.transport === 'rest') continue;
    const told = feed.symbolOf(Buffer.from(frame.raw));
    if (told !== row.symbol && !(told === null && options.symbolMayBeUntold)) wrong.push(`symbolOf says ${told}`);
  }
  if (frame.kind === 'trades' && frame.transport !== 'rest') {
    const told = feed.classify(Buffer.from(frame.raw), options.binary ?? false).type;
    if (told !== 'data') wrong.push(`told to be ${told}, not data`);
  }
  return wrong;
}

/**
 * The test of one recording. scan finds a frame's rows in its text, by other means than the decoder's; it is asked only for
 * frames that hold trades in a format that is still sent. Frames of the recording's legacy formats must be refused by that name.
 */
export function describeRecorded(
  name: string,
  feedOfFrame: (frame: RecordedFrame) => Feed | undefined,
  scan: (frame: RecordedFrame) => readonly ScannedRow[],
  options: RecordedOptions = {},
): void {
  describe(`recorded frames: ${name}`, () => {
    const frames = recordedFrames(name);
    it.skipIf(frames === undefined)('each decodes to what it holds', () => {
      const wrong: string[] = [];
      for (const frame of frames ?? [])
        for (const fault of faults(frame, feedOfFrame(frame), scan, options)) wrong.push(`${frame.source}: ${fault}`);
      expect(wrong.slice(0, 10)).toEqual([]);
      expect(frames?.length).toBeGreaterThan(options.moreThan ?? 200);
    });
  });
}

/**
 * The quantities in base coins that the recording's source asserts are ours: quantity times the contract size of the venue's recorded lists.
 * sizes: of instruments whose list is not recorded, as the venue's documents give them. compared: rows that can be compared so.
 */
export function describeBaseQuantities(
  name: string,
  feedOfFrame: (frame: RecordedFrame) => Feed,
  lists: readonly (readonly [Feed, string])[],
  compared: number,
  sizes: Readonly<Record<string, string>> = {},
): void {
  const frames = recordedFrames(name);
  const read = lists.map(([feed, list]) => [feed, recordedInstruments(list)] as const);
  const missing = !frames || read.some(([, list]) => !list);
  it.skipIf(missing)(`recorded quantities of ${name} in base coins are what the recording asserts`, () => {
    const known = new Map<string, string | null>(
      Object.entries(sizes).map(([symbol, size]) => [`perp ${symbol}`, size]),
    );
    for (const [feed, list] of read) {
      const parsed = feed.instruments.parse(list ?? Buffer.alloc(0));
      for (const one of parsed.ok ? parsed.value : []) known.set(`${feed.market} ${one.symbol}`, one.contractSize);
    }
    let done = 0;
    for (const frame of frames ?? []) {
      const feed = feedOfFrame(frame);
      const sink = collectingSink();
      feed.decode(Buffer.from(frame.raw), sink);
      for (const [i, row] of sink.rows.entries()) {
        const asserted = frame.expected?.[i]?.qty_base;
        const size = known.get(`${feed.market} ${row.symbol}`);
        if (typeof asserted !== 'string' || typeof size !== 'string') continue;
        expect([row.symbol, Number(multiplyDecimals(row.qty, size))]).toEqual([row.symbol, Number(asserted)]);
        done += 1;
      }
    }
    expect(done).toBe(compared);
  });
}
