// Test fixture: damage in transit or at rest, and what a decoder may make of it: the fast path says what the exact reading says, nothing
// crashes, no trade is invented. TAPEDECK_MUTATIONS sets how many damaged frames each feed is given (50,000 unless told). Never shipped.
import { describe, expect, it } from 'vitest';
import { type CollectedRow, collectingSink } from './collecting-sink.fixture.ts';
import type { Feed, FrameVerdict, TickSink } from './feed.ts';
import { recordedFrames } from './recorded-frames.fixture.ts';

const COUNT = Number(process.env.TAPEDECK_MUTATIONS ?? 50_000);

/** Recorded frames of trades that are damaged: at most so many, and none so long (snapshots of a thousand rows) that little else would be tried. */
const MOST_CURRENT = 50;
const LONGEST_CURRENT = 5000;

/** mulberry32: small, seeded, good enough to choose damage. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Bytes that make damage interesting: structure, digits, signs, blanks, not ASCII. */
const TELLING = Buffer.from('{}[]",:.\\0123456789-+eEtrufalsn \n\u0000é@ABtx_/', 'utf8');

function damage(frame: Buffer, random: (below: number) => number): Buffer {
  const at = random(frame.length);
  switch (random(8)) {
    case 0: {
      const copy = Buffer.from(frame);
      copy[at] = copy[at]! ^ (1 << random(8));
      return copy;
    }
    case 1:
      return Buffer.concat([frame.subarray(0, at), frame.subarray(at + 1 + random(3))]);
    case 2:
      return Buffer.concat([
        frame.subarray(0, at),
        TELLING.subarray(random(TELLING.length)).subarray(0, 1),
        frame.subarray(at),
      ]);
    case 3:
      return frame.subarray(0, at);
    case 4: {
      const copy = Buffer.from(frame);
      const other = random(frame.length);
      [copy[at], copy[other]] = [frame[other]!, frame[at]!];
      return copy;
    }
    case 5: {
      const copy = Buffer.from(frame);
      copy[at] = TELLING[random(TELLING.length)]!;
      return copy;
    }
    case 6: {
      // A field twice, or moved: pieces between commas are the unit.
      const pieces = frame.toString('latin1').split(',');
      pieces.splice(random(pieces.length), random(2), pieces[random(pieces.length)]!);
      return Buffer.from(pieces.join(','), 'latin1');
    }
    default:
      return random(4) === 0 ? damage(damage(frame, random), random) : Buffer.concat([frame, frame.subarray(at)]);
  }
}

export type Decode = (frame: Uint8Array, sink: TickSink) => FrameVerdict;

/** What a decoder made of a frame, as one text to compare. */
function told(decode: Decode, frame: Uint8Array): string {
  const sink = collectingSink();
  const verdict = decode(frame, sink);
  return JSON.stringify([verdict, sink.rows, sink.rejected]);
}

type Fields = Readonly<Record<string, unknown>>;

/** Where the fields of a venue's frame with one trade say the taker's side and the time. */
export interface Told {
  side(fields: Fields): string | undefined;
  /** In ms, µs or ns. */
  time(fields: Fields): unknown;
}

/** ms, µs and ns of these years differ by their length alone. A number of ns has lost its last digits. */
function isTime(value: unknown, eventUs: number): boolean {
  const digits = Number(value);
  const us = digits > 1e17 ? digits / 1000 : digits > 1e14 ? digits : digits * 1000;
  return Math.abs(us - eventUs) <= 1;
}

/** An accepted trade must be provable from the text by other means: JSON.parse and the field itself. */
export function isInvented(frame: Buffer, row: CollectedRow, told: Told): boolean {
  const text = frame.toString('utf8');
  const parsed: unknown = JSON.parse(text);
  const inner = typeof parsed === 'object' && parsed !== null && 'data' in parsed ? parsed.data : parsed;
  const fields: Fields = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  const values = Object.values(fields);
  const written = (value: string): boolean =>
    new RegExp(`:\\s*"?${value.replaceAll(/[.+]/g, '\\$&')}"?\\s*[,}]`).test(text);
  return (
    !(values.includes(row.symbol) && written(row.id) && written(row.price) && written(row.qty)) ||
    told.side(fields) !== row.side ||
    !isTime(told.time(fields), row.eventUs) ||
    Number(row.price) <= 0 ||
    Number(row.qty) <= 0
  );
}

export interface DamageCase {
  readonly name: string;
  readonly feed: Feed | undefined;
  /** The exact reading, slow and plain; the same function as decode where there is no fast path. */
  readonly general: Decode;
  /** One frame of every layout; each holds `rowsPerSample` rows (1 unless told) and nothing to refuse. */
  readonly samples: readonly string[];
  readonly rowsPerSample?: (sample: string) => number;
  /** Names of recordings. */
  readonly recordings: readonly string[];
  /** Whether a row that was accepted cannot be proven from the frame's text by other means (see isInvented). */
  readonly invented: (frame: Buffer, row: CollectedRow) => boolean;
  /** Rows of a message of trades as JSON.parse reads it: each is accepted or refused. */
  readonly rowsIn: (message: Fields) => unknown;
}

/** The tests of one feed. */
export function describeDamage(one: DamageCase): void {
  const { feed, general, samples, invented, rowsIn, rowsPerSample = () => 1 } = one;
  describe(one.name, () => {
    const decode: Decode = (frame, sink) => feed?.decode(frame, sink) ?? { kind: 'other', reason: 'no feed' };
    const recordings = one.recordings.flatMap((name) => recordedFrames(name) ?? []);
    const recorded = recordings.map((frame) => Buffer.from(frame.raw));
    // Where most of a recording is of ended formats or other channels, the trades that are still sent so are damaged all the same.
    const current = recordings.filter(
      ({ kind, legacy, transport, raw }) =>
        kind === 'trades' && !legacy && transport === 'ws' && raw.length < LONGEST_CURRENT,
    );
    const everyFew = Math.max(1, Math.ceil(current.length / MOST_CURRENT));
    const chosen = current.filter((_frame, i) => i % everyFew === 0).map((frame) => Buffer.from(frame.raw));
    const whole = [...samples.map((text) => Buffer.from(text)), ...recorded];

    it('reads every whole frame alike on both paths', () => {
      const differing = whole.filter((frame) => told(decode, frame) !== told(general, frame));
      expect(differing.map(String)).toEqual([]);
      for (const text of samples) {
        const sink = collectingSink();
        decode(Buffer.from(text), sink);
        expect([text, sink.rows.length, sink.rejected]).toEqual([text, rowsPerSample(text), []]);
      }
    });

    it(`reads ${COUNT} damaged frames alike on both paths, and invents nothing`, { timeout: 3_600_000 }, () => {
      const random = randomFrom(20261120);
      const trades = [
        ...samples.map((text) => Buffer.from(text)),
        ...chosen,
        ...recorded.filter((_frame, i) => i % 40 === 0),
      ];
      let accepted = 0;
      let refused = 0;
      for (let i = 0; i < COUNT; i++) {
        const frame = damage(trades[random(trades.length)]!, random);
        const fast = told(decode, frame);
        if (fast !== told(general, frame))
          expect.fail(`paths differ on ${JSON.stringify(frame.toString('latin1'))}: ${fast}`);
        const sink = collectingSink();
        const verdict = decode(frame, sink);
        const rows = sink.rows.length + sink.rejected.length;
        if ((verdict.kind === 'trades') !== rows > 0) expect.fail(`${verdict.kind} with ${rows} rows: ${frame}`);
        // In is out and rejected: no row of a message vanishes.
        const held = rows === 0 ? [] : rowsIn(JSON.parse(frame.toString('utf8')));
        const count = Array.isArray(held) ? held.length : 1;
        if (rows !== count) expect.fail(`${rows} of ${count} rows were accepted or refused: ${frame}`);
        for (const row of sink.rows) if (invented(frame, row)) expect.fail(`invented ${JSON.stringify(row)}: ${frame}`);
        accepted += sink.rows.length;
        refused += verdict.kind === 'quarantine' ? 1 : sink.rejected.length;
      }
      expect(accepted).toBeGreaterThan(0);
      expect(refused).toBeGreaterThan(COUNT / 3);
    });

    it('answers nonsense with quarantine', () => {
      const deep = '[{"a":'.repeat(100_000);
      const nonsense = [
        '',
        ' ',
        'null',
        '0',
        '"x"',
        'true',
        '[]',
        '{}',
        'NaN',
        '[NaN]',
        deep,
        '\u0000',
        '{"e":1}',
        '{"type":1}',
      ];
      const told = nonsense.map((text) => {
        const sink = collectingSink();
        return [text.slice(0, 20), decode(Buffer.from(text), sink).kind, sink.rows.length + sink.rejected.length];
      });
      expect(told).toEqual(nonsense.map((text) => [text.slice(0, 20), 'quarantine', 0]));
      expect(decode(Buffer.from([0xff, 0xfe, 0x00]), collectingSink()).kind).toBe('quarantine');
    });

    it('decodes a message inside a larger buffer without looking past its ends', () => {
      for (const text of samples) {
        const one = Buffer.from(text);
        const many = Buffer.concat([one, one, one]);
        const sink = collectingSink();
        for (let cut = 0; cut < one.length; cut += 7) feed?.decodeAt(many, one.length, 2 * one.length - 1 - cut, sink);
        expect(sink.rows).toEqual([]);
        feed?.decodeAt(many, one.length, 2 * one.length, sink);
        expect(sink.rows.length).toBe(rowsPerSample(text));
      }
    });
  });
}
