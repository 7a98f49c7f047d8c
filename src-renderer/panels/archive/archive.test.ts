// Days, squares and stretches of ticks: what is shown must be the day, the worth and the ticks that were asked for.
import { describe, expect, it } from 'vitest';
import { DAY_US } from '../../../src-shared/base/time.ts';
import type { Bar, CalendarCell } from '../../../src-shared/contract/days.ts';
import type { Tick } from '../../../src-shared/market/tick.ts';
import { en } from '../../i18n/en.ts';
import { barWindow, digitsOf, exact, mergeBars, missingIn } from './bars.ts';
import { daysUntil, fullness, movedSquare, shares, squaresOf, weakest } from './calendar.ts';
import { squareWords } from './calendar-card.tsx';
import { dayInZone, dayName, dayNamed, dayOf, formatItem, parseItem, parseSeek } from './day.ts';
import {
  cursorAfter,
  cursorBefore,
  emptyStretch,
  grownAfter,
  grownBefore,
  indexAt,
  MOST_PAGES,
  started,
} from './tick-list.ts';

const at = (text: string): number => Date.parse(text) * 1000;

describe('days', () => {
  it('begin at midnight of the zone', () => {
    const us = at('2026-11-20T16:00:00Z');
    expect(dayName(us, 'UTC')).toBe('2026-11-20');
    expect(dayName(us, 'KST')).toBe('2026-11-21');
    expect(dayOf(us, 'KST')).toBe(at('2026-11-20T15:00:00Z'));
    expect(dayNamed('2026-11-21', 'KST')).toBe(dayOf(us, 'KST'));
    expect(dayNamed('2026-02-30', 'UTC')).toBeUndefined();
  });

  it('are kept in the address with what is open in them', () => {
    const items = [
      { day: '2026-11-21', venue: null, stream: null },
      { day: '2026-11-21', venue: 'upbit', stream: null },
      { day: '2026-11-21', venue: null, stream: { venue: 'okx', market: 'perp', symbol: 'A:B/C' } },
    ] as const;
    for (const item of items) expect(parseItem(formatItem(item))).toEqual(item);
    expect(parseItem('nonsense')).toBeNull();
    expect(parseItem(null)).toBeNull();
  });

  it('take a time of day on the open day, and a zone of its own where one is written', () => {
    expect(parseSeek('9:00:00.25', '2026-11-21', 'KST')).toBe(at('2026-11-21T00:00:00.250Z'));
    expect(parseSeek('23:59', '2026-11-21', 'UTC')).toBe(at('2026-11-21T23:59:00Z'));
    expect(parseSeek('2026-11-20 18:00:00 KST', '2026-11-21', 'UTC')).toBe(at('2026-11-20T09:00:00Z'));
    expect(parseSeek('2026-11-20 18:00', '2026-11-21', 'KST')).toBe(at('2026-11-20T09:00:00Z'));
    expect(parseSeek('tomorrow', '2026-11-21', 'UTC')).toBeUndefined();
    expect(parseSeek('25:00', '2026-11-21', 'UTC')).toBeUndefined();
  });
});

const cell = (change: Partial<CalendarCell>): CalendarCell => ({
  dayUs: 0,
  venue: 'binance',
  ticks: 100,
  streams: 4,
  firstUs: 0,
  lastUs: 1,
  gaps: 0,
  unresolvedGaps: 0,
  openGaps: 0,
  verdicts: { proven: 4, covered: 0, unproved: 0, incomplete: 0 },
  ...change,
});

describe('the calendar', () => {
  it('shows the days up to the last one', () => {
    expect(daysUntil(10 * DAY_US, 3)).toEqual([8 * DAY_US, 9 * DAY_US, 10 * DAY_US]);
  });

  it('adds the venues of a day up, and judges the whole by its weakest stream', () => {
    const rows = squaresOf([
      cell({ gaps: 3, unresolvedGaps: 1 }),
      cell({ venue: 'upbit', ticks: 50, verdicts: { proven: 0, covered: 3, unproved: 0, incomplete: 1 } }),
    ]);
    const whole = rows.get('all')?.get(0);
    expect(whole).toMatchObject({ ticks: 150, streams: 8, gaps: 3, unresolvedGaps: 1 });
    expect(whole && weakest(whole)).toBe('incomplete');
    expect(whole && shares(whole)).toEqual([
      { verdict: 'proven', share: 0.5 },
      { verdict: 'covered', share: 0.375 },
      { verdict: 'incomplete', share: 0.125 },
    ]);
  });

  it('does not judge a whole of which a part is not judged', () => {
    const whole = squaresOf([cell({}), cell({ venue: 'okx', verdicts: null })])
      .get('all')
      ?.get(0);
    expect(whole && weakest(whole)).toBeNull();
    expect(whole && shares(whole)).toEqual([]);
  });

  it('tells a single incomplete stream among thousands, and calls the others no whole', () => {
    const counts = { proven: 4999, covered: 0, unproved: 0, incomplete: 1 };
    const square = squaresOf([cell({ streams: 5000, verdicts: counts })])
      .get('all')
      ?.get(0);
    expect(squareWords(en, square)).toContain('Proven > 99.9 %, Incomplete < 0.1 %');
  });

  it('draws a thin day and leaves an empty one empty', () => {
    expect(fullness(0, 1000)).toBe(0);
    expect(fullness(1, 1e9)).toBeGreaterThan(0.1);
    expect(fullness(1000, 1000)).toBe(1);
  });

  it('is walked by keys, and moves on where it ends', () => {
    const size = { rows: 8, days: 28 };
    expect(movedSquare('ArrowLeft', { row: 2, day: 0 }, size)).toEqual({ row: 2, day: 0, beyond: -1 });
    expect(movedSquare('ArrowDown', { row: 7, day: 3 }, size)).toEqual({ row: 7, day: 3, beyond: 0 });
    expect(movedSquare('PageDown', { row: 0, day: 24 }, size)).toEqual({ row: 0, day: 27, beyond: 4 });
    expect(movedSquare('x', { row: 0, day: 0 }, size)).toBeUndefined();
  });
});

const tick = (eventUs: number): Tick => ({
  venue: 'binance',
  market: 'spot',
  symbol: 'BTCUSDT',
  channel: 'trade',
  id: String(eventUs),
  price: '1',
  qty: '1',
  baseQty: '1',
  side: 'buy',
  eventUs,
  recvUs: eventUs,
  origin: 'live',
  lines: [0],
});
const page = (from: number, to: number) => ({
  ticks: Array.from({ length: to - from }, (_, nth) => tick(from + nth)),
  before: `b${from}`,
  after: `a${to}`,
});

describe('bars', () => {
  const bar = (us: number, close = 1): Bar => ({
    us,
    open: 1,
    high: 2,
    low: 0.5,
    close,
    volume: 3,
    baseVolume: 3,
    quoteVolume: 3,
    buyVolume: 1,
    trades: 2,
  });

  it('are put together in order, the fresh one of two counts', () => {
    const merged = mergeBars([bar(1), bar(2, 5)], [bar(2, 6), bar(3)]);
    expect(merged.map(({ us, close }) => [us, close])).toEqual([
      [1, 1],
      [2, 6],
      [3, 1],
    ]);
    expect(mergeBars(merged, [bar(0)]).map(({ us }) => us)).toEqual([0, 1, 2, 3]);
    expect(mergeBars(merged, [])).toBe(merged);
  });

  it('are written with the digits that they have', () => {
    const digits = digitsOf([61837.63, 100, 0.5], 8);
    expect(digits).toBe(2);
    expect(exact(100, digits)).toBe('100.00');
    expect(digitsOf([1e-8, 5], 8)).toBe(8);
    expect(digitsOf([3000, 100], 0)).toBe(0);
  });

  it('of an hour and more are shown over more than the day', () => {
    const day = { fromUs: 10 * DAY_US, toUs: 11 * DAY_US };
    expect(barWindow(day, '1m')).toEqual(day);
    expect(barWindow(day, '1h')).toEqual({ fromUs: 4 * DAY_US, toUs: 11 * DAY_US });
  });

  it('are whole, though a day of another zone ends within one', () => {
    const day = { fromUs: at('2026-11-20T15:00:00Z'), toUs: at('2026-11-21T15:00:00Z') };
    expect(barWindow(day, '1m')).toEqual(day);
    expect(barWindow(day, '1h')).toEqual({ fromUs: at('2026-11-14T15:00:00Z'), toUs: day.toUs });
    expect(barWindow(day, '4h')).toEqual({ fromUs: at('2026-10-22T16:00:00Z'), toUs: at('2026-11-21T16:00:00Z') });
    expect(barWindow(day, '1d')).toEqual({ fromUs: at('2025-11-22'), toUs: at('2026-11-22') });
  });

  it('show what is missing as far as the window goes', () => {
    const window = { fromUs: 10, toUs: 20 };
    const gaps = [
      { fromUs: 5, toUs: 12 },
      { fromUs: 15, toUs: null },
      { fromUs: 21, toUs: 22 },
    ];
    expect(missingIn(gaps, window)).toEqual([
      { fromUs: 10, toUs: 12 },
      { fromUs: 15, toUs: 20 },
    ]);
  });
});

describe('a stretch of ticks', () => {
  it('grows both ways and says by how much its rows moved', () => {
    const later = grownAfter(started(page(10, 20)), page(20, 25));
    expect([later.ticks.length, later.shift, cursorBefore(later), cursorAfter(later)]).toEqual([15, 0, 'b10', 'a25']);
    const earlier = grownBefore(later, page(5, 10));
    expect([earlier.ticks[0]?.eventUs, earlier.shift, cursorBefore(earlier)]).toEqual([5, 5, 'b5']);
  });

  it('keeps its bound, and can be read on where it was let go', () => {
    let held = started(page(0, 10));
    for (let nth = 1; nth <= MOST_PAGES; nth += 1) held = grownAfter(held, page(nth * 10, nth * 10 + 10));
    expect(held.pages.length).toBe(MOST_PAGES);
    expect([held.ticks[0]?.eventUs, held.shift, cursorBefore(held)]).toEqual([10, -10, 'b10']);
    held = grownBefore(held, page(0, 10));
    expect([held.ticks[0]?.eventUs, held.shift, cursorAfter(held)]).toEqual([0, 10, `a${MOST_PAGES * 10}`]);
  });

  it('finds a time, or the end', () => {
    const { ticks } = started(page(0, 10));
    expect(indexAt(ticks, 4)).toBe(4);
    expect(indexAt(ticks, 99)).toBe(9);
    expect(indexAt(emptyStretch.ticks, 4)).toBe(-1);
  });
});

describe('the day that is looked at, in another zone', () => {
  it('is today when it was today, on both sides of midnight in Korea; any other day keeps its date', () => {
    const evening = Date.parse('2026-11-21T15:45:00Z') * 1000;
    const morning = Date.parse('2026-11-21T14:45:00Z') * 1000;
    expect(dayInZone('2026-11-21', 'UTC', 'KST', evening)).toBe('2026-11-22');
    expect(dayInZone('2026-11-22', 'KST', 'UTC', evening)).toBe('2026-11-21');
    expect(dayInZone('2026-11-21', 'UTC', 'KST', morning)).toBe('2026-11-21');
    expect(dayInZone('2026-11-20', 'UTC', 'KST', evening)).toBe('2026-11-20');
  });
});
