// What the gap table and the coverage bar show must be what the store told.
import { describe, expect, it } from 'vitest';
import type { Coverage, Gap } from '../../../src-shared/market/gap.ts';
import { askedFilter, canRepair, LIST_LIMIT, lengthMs, listInput, matching, missingIds, PAGE } from './gap-filter.ts';
import { namedIn } from './gap-list.ts';
import { askedAround, coverOf, coverPercent, fittingSpan, gapBars, windowAround } from './timeline.ts';

const gap = (change: Partial<Gap> = {}): Gap => ({
  id: '7-100',
  venue: 'binance',
  market: 'spot',
  symbol: 'BTCUSDT',
  channel: 'trade',
  state: 'open',
  cause: 'sequence',
  fromUs: 1_000_000_000,
  toUs: 1_010_000_000,
  fromId: '100',
  toId: '104',
  deadlineUs: null,
  attempts: 0,
  evidence: [],
  openedUs: 1_011_000_000,
  closedUs: null,
  ...change,
});

const cover = (line: number, fromUs: number, toUs: number | null): Coverage => ({
  venue: 'binance',
  market: 'spot',
  symbol: 'BTCUSDT',
  line,
  fromUs,
  toUs,
});

describe('the filter', () => {
  it('asks for a gap by its id where the list is too long to hold all', () => {
    const full = Array.from({ length: LIST_LIMIT }, (_, n) => gap({ id: `7-${n}` }));
    expect(namedIn(' 9-5 ', full)).toBe('9-5');
    expect([namedIn('7-5', full), namedIn('upbit spot', full), namedIn('', full)]).toEqual([null, null, null]);
    expect([namedIn('9-5', full.slice(1)), namedIn('9-5', undefined)]).toEqual([null, null]);
  });

  it('is what another panel asked for', () => {
    expect(askedFilter('missing')).toEqual({ scope: 'unrepaired', words: '' });
    expect(askedFilter('find:upbit KRW-BTC')).toEqual({ scope: 'all', words: 'upbit KRW-BTC' });
    expect(askedFilter('7-100')).toBeNull();
    expect(askedFilter(null)).toBeNull();
  });

  it('asks the store for the states of its scope and for one venue', () => {
    expect(listInput({ scope: 'unrepaired', venue: 'all' }).states).toEqual([
      'open',
      'repairing',
      'partial',
      'unrecoverable',
    ]);
    expect(listInput({ scope: 'all', venue: 'upbit' })).toEqual({ venue: 'upbit', limit: PAGE });
  });

  it('finds every word in any field, whatever the case', () => {
    const gaps = [gap(), gap({ id: '8-1', symbol: 'KRW-SOL', venue: 'upbit', cause: 'disconnect' })];
    expect(matching(gaps, 'sol UPBIT').map((one) => one.id)).toEqual(['8-1']);
    expect(matching(gaps, 'btcusdt disconnect')).toEqual([]);
    expect(matching(gaps, '  ')).toBe(gaps);
  });

  it('offers repair for what can still be asked for', () => {
    expect((['open', 'partial'] as const).every((state) => canRepair({ state }))).toBe(true);
    expect(
      (['repairing', 'repaired', 'unrecoverable', 'venue-hole'] as const).some((state) => canRepair({ state })),
    ).toBe(false);
  });

  it('counts ids between exclusive bounds, beyond 2^53 too, and nothing where ids are no numbers', () => {
    expect(missingIds(gap())).toBe(3);
    expect(missingIds(gap({ fromId: '23715934308417536', toId: '23715934308417540' }))).toBe(3);
    expect(missingIds(gap({ fromId: null }))).toBeNull();
    expect(missingIds(gap({ fromId: 'a', toId: 'b' }))).toBeNull();
    expect(lengthMs(gap())).toBe(10_000);
    expect(lengthMs(gap({ toUs: null }))).toBeNull();
  });
});

describe('the coverage bar', () => {
  const window = { fromUs: 0, toUs: 1000 };

  it('merges overlapping connections of a line and keeps lines apart', () => {
    const lines = coverOf([cover(0, -50, 400), cover(0, 300, 600), cover(1, 700, null)], window, 900);
    expect(lines.map(({ line, share }) => [line, Number(share.toFixed(3))])).toEqual([
      [0, 0.6],
      [1, 0.2],
    ]);
    expect(lines[0]?.bars).toEqual([{ from: 0, to: 0.6 }]);
  });

  it('calls only whole coverage 100 %, and knows the hole', () => {
    const day = { fromUs: 0, toUs: 86_400_000_000 };
    const parts = [cover(0, 0, 43_200_000_000), cover(0, 43_204_000_000, 86_400_000_000)];
    const [line] = coverOf(parts, day, day.toUs);
    expect(line && coverPercent(line.share)).toBe('99.99');
    expect(line?.holes).toEqual([{ from: 0.5, to: 43_204 / 86_400 }]);
    const [whole] = coverOf([cover(0, 0, null)], day, day.toUs);
    expect([whole && coverPercent(whole.share), whole?.holes]).toEqual(['100.00', []]);
    const [almost] = coverOf([cover(0, 1, null)], day, day.toUs);
    expect(almost && coverPercent(almost.share)).toBe('99.99');
  });

  it('rounds a share down, not a figure that is exact', () => {
    expect([0.29, 0.58, 0.9999, 0].map(coverPercent)).toEqual(['29.00', '58.00', '99.99', '0.00']);
  });

  it('leaves out what lies outside, and ends a growing gap now', () => {
    const bars = gapBars([gap({ fromUs: 2000, toUs: 3000 }), gap({ fromUs: 500, toUs: null })], window, 750);
    expect(bars.map(({ from, to }) => [from, to])).toEqual([[0.5, 0.75]]);
  });

  it('shows the whole gap and never the future', () => {
    const now = 10_000_000_000;
    expect(fittingSpan(gap(), now)).toBe('1m');
    expect(fittingSpan(gap({ fromUs: now - 4_000_000_000, toUs: null }), now)).toBe('6h');
    const shown = windowAround(gap({ fromUs: now - 1_000_000, toUs: now }), 600_000_000, now);
    expect(shown).toEqual({ fromUs: now - 600_000_000, toUs: now });
  });

  it('moves on with a gap that grows and one that has just ended, and one answer holds for all of it', () => {
    const first = 10_000_000_000;
    const span = 60_000_000;
    const growing = gap({ fromUs: first - 20_000_000, toUs: null });
    const ended = { ...growing, toUs: first + 40_000_000 };
    const asked = askedAround(growing, span, first);
    expect(askedAround(ended, span, first)).toEqual(asked);
    const windows = [first, first + 30_000_000].map((now) => windowAround(growing, span, now));
    windows.push(windowAround(ended, span, first + 50_000_000));
    expect(windows.map(({ toUs }) => toUs)).toEqual([first, first + 30_000_000, ended.toUs]);
    for (const { fromUs, toUs } of windows) {
      expect(fromUs).toBeGreaterThanOrEqual(asked.fromUs);
      expect(toUs).toBeLessThanOrEqual(asked.toUs);
    }
    // What ended long ago asks for no more than is shown.
    const old = gap({ fromUs: 1_000_000_000, toUs: 1_010_000_000 });
    expect(askedAround(old, span, first).toUs).toBe(windowAround(old, span, first).toUs);
  });
});
