// Which stretch a length of bars is shown over, and how answers about it are put together.
import { DAY_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import { type Bar, type BarInterval, barIntervalUs } from '../../../src-shared/contract/days.ts';
import { formatPercent } from '../../parts/format.ts';

/** More bars than this are not held; what is older is left out. */
export const MOST_BARS = 20_000;

const spans: Partial<Record<BarInterval, number>> = { '1h': 7 * DAY_US, '4h': 30 * DAY_US, '1d': 365 * DAY_US };

/**
 * The open day; for bars of an hour and more as much before it as makes a picture. Always whole bars: they begin at UTC's round times, and
 * a day of another zone ends within one of 4 h or 1 d, which would look whole with some of its hours.
 */
export function barWindow(day: Window, interval: BarInterval): Window {
  const stepUs = barIntervalUs[interval];
  const toUs = Math.ceil(day.toUs / stepUs) * stepUs;
  const fromUs = toUs - (spans[interval] ?? day.toUs - day.fromUs);
  return { fromUs: Math.floor(fromUs / stepUs) * stepUs, toUs };
}

/** Both together in order of time; where both know a bar the fresh one counts, it has seen more trades. */
export function mergeBars(held: readonly Bar[], fresh: readonly Bar[]): readonly Bar[] {
  if (held.length === 0) return fresh;
  const first = fresh[0]?.us;
  const last = fresh.at(-1)?.us;
  if (first === undefined || last === undefined) return held;
  const merged = [...held.filter((bar) => bar.us < first), ...fresh, ...held.filter((bar) => bar.us > last)];
  return merged.length > MOST_BARS ? merged.slice(-MOST_BARS) : merged;
}

/**
 * Digits after the point that these figures need, at most those that were stored: a venue that always sends eight of them would
 * otherwise fill the screen with zeros.
 */
export function digitsOf(figures: readonly number[], scale: number): number {
  let most = 0;
  for (const figure of figures) {
    const text = figure.toFixed(Math.min(scale, 20));
    let end = text.length;
    while (text[end - 1] === '0') end -= 1;
    const point = text.indexOf('.');
    if (point >= 0) most = Math.max(most, end - point - 1);
  }
  return most;
}

/** A figure with the digits that the stored values had. */
export function exact(value: number, scale: number): string {
  return value.toFixed(Math.min(scale, 20));
}

export function change(bar: Pick<Bar, 'open' | 'close'>): string {
  return formatPercent(bar.open === 0 ? null : ((bar.close - bar.open) / bar.open) * 100);
}

/** A stretch in which nothing was recorded, within the window. */
export function missingIn(
  gaps: readonly { readonly fromUs: Us; readonly toUs: Us | null }[],
  window: Window,
): { readonly fromUs: Us; readonly toUs: Us }[] {
  return gaps.flatMap((gap) => {
    const fromUs = Math.max(gap.fromUs, window.fromUs);
    const toUs = Math.min(gap.toUs ?? window.toUs, window.toUs);
    return toUs >= fromUs ? [{ fromUs, toUs }] : [];
  });
}
