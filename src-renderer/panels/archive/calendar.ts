// The calendar as numbers: which days it shows, what each square says, and how full it is drawn.
import { DAY_US, type Us } from '../../../src-shared/base/time.ts';
import type { CalendarCell } from '../../../src-shared/contract/days.ts';
import { type Verdict, verdicts } from '../../../src-shared/market/gap.ts';
import type { Venue } from '../../../src-shared/market/instrument.ts';

/** One row of squares: a venue, or all of them. */
export type CalendarRow = Venue | 'all';

export interface Square {
  readonly dayUs: Us;
  readonly row: CalendarRow;
  readonly ticks: number;
  readonly streams: number;
  readonly gaps: number;
  readonly unresolvedGaps: number;
  /** Streams by verdict; null: not judged yet. */
  readonly verdicts: Readonly<Record<Verdict, number>> | null;
}

/** The days of a window that ends with this day, oldest first. */
export function daysUntil(lastDayUs: Us, count: number): Us[] {
  return Array.from({ length: count }, (_, at) => lastDayUs - (count - 1 - at) * DAY_US);
}

/** Squares by row and day; days without anything have none. */
export function squaresOf(cells: readonly CalendarCell[]): Map<CalendarRow, Map<Us, Square>> {
  const rows = new Map<CalendarRow, Map<Us, Square>>();
  const put = (square: Square): void => {
    const row = rows.get(square.row) ?? new Map<Us, Square>();
    row.set(square.dayUs, square);
    rows.set(square.row, row);
  };
  for (const cell of cells) {
    const { dayUs, ticks, streams, gaps, unresolvedGaps } = cell;
    put({ dayUs, row: cell.venue, ticks, streams, gaps, unresolvedGaps, verdicts: cell.verdicts });
    const whole = rows.get('all')?.get(dayUs);
    put({
      dayUs,
      row: 'all',
      ticks: ticks + (whole?.ticks ?? 0),
      streams: streams + (whole?.streams ?? 0),
      gaps: gaps + (whole?.gaps ?? 0),
      unresolvedGaps: unresolvedGaps + (whole?.unresolvedGaps ?? 0),
      verdicts: whole ? sum(whole.verdicts, cell.verdicts) : cell.verdicts,
    });
  }
  return rows;
}

/** What is not judged in a part is not judged in the whole. */
function sum(a: Square['verdicts'], b: Square['verdicts']): Square['verdicts'] {
  if (!a || !b) return null;
  return {
    proven: a.proven + b.proven,
    covered: a.covered + b.covered,
    unproved: a.unproved + b.unproved,
    incomplete: a.incomplete + b.incomplete,
  };
}

/** The weakest verdict of a square says what the whole is worth; null: not judged, or nothing to judge. */
export function weakest(square: Square): Verdict | null {
  if (!square.verdicts) return null;
  return verdicts.toReversed().find((verdict) => (square.verdicts?.[verdict] ?? 0) > 0) ?? null;
}

/** Shares of streams by verdict, strongest first, those that occur. */
export function shares(square: Square): { readonly verdict: Verdict; readonly share: number }[] {
  const counts = square.verdicts;
  if (!counts) return [];
  const all = verdicts.reduce((total, verdict) => total + counts[verdict], 0);
  return verdicts.flatMap((verdict) => (counts[verdict] > 0 ? [{ verdict, share: counts[verdict] / all }] : []));
}

/** How full a square is drawn, 0 to 1, by the logarithm: venues differ by thousands, and a thin day must still be seen. */
export function fullness(ticks: number, most: number): number {
  if (ticks <= 0 || most <= 0) return 0;
  return Math.max(0.12, Math.log1p(ticks) / Math.log1p(most));
}

export interface SquarePlace {
  readonly row: number;
  readonly day: number;
}

/** Where a key leads from a square. beyond: how many days the window has to move for it. */
export function movedSquare(
  key: string,
  at: SquarePlace,
  size: { readonly rows: number; readonly days: number },
): (SquarePlace & { readonly beyond: number }) | undefined {
  const to = (row: number, day: number): SquarePlace & { beyond: number } => {
    const kept = Math.max(0, Math.min(size.days - 1, day));
    return { row: Math.max(0, Math.min(size.rows - 1, row)), day: kept, beyond: day - kept };
  };
  switch (key) {
    case 'ArrowLeft':
      return to(at.row, at.day - 1);
    case 'ArrowRight':
      return to(at.row, at.day + 1);
    case 'ArrowUp':
      return to(at.row - 1, at.day);
    case 'ArrowDown':
      return to(at.row + 1, at.day);
    case 'PageUp':
      return to(at.row, at.day - 7);
    case 'PageDown':
      return to(at.row, at.day + 7);
    case 'Home':
      return to(at.row, 0);
    case 'End':
      return to(at.row, size.days - 1);
    default:
      return undefined;
  }
}
