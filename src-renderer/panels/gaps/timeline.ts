// The coverage bar as numbers: what part of a window each line covered, and where gaps lie in it, as shares of its width.
import type { Coverage, Gap } from '../../../src-shared/market/gap.ts';

export const spans = [
  { id: '1m', us: 60_000_000 },
  { id: '10m', us: 600_000_000 },
  { id: '1h', us: 3_600_000_000 },
  { id: '6h', us: 21_600_000_000 },
  { id: '24h', us: 86_400_000_000 },
] as const;
const DAY_US = 86_400_000_000;
export type SpanId = (typeof spans)[number]['id'];

export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

/** A window of this length around the gap, never beyond now. */
export function windowAround(gap: Pick<Gap, 'fromUs' | 'toUs'>, spanUs: number, nowUs: number): Window {
  const middle = (gap.fromUs + (gap.toUs ?? nowUs)) / 2;
  const toUs = Math.min(Math.round(middle + spanUs / 2), Math.max(nowUs, gap.fromUs + 1));
  return { fromUs: toUs - spanUs, toUs };
}

/**
 * What to ask for of a gap's surroundings, so that one answer holds for every window of this length around it, also while the gap grows and
 * after it has ended: the question stays the same from when the gap was first looked at.
 */
export function askedAround(gap: Pick<Gap, 'fromUs' | 'toUs'>, spanUs: number, firstUs: number): Window {
  const endUs = gap.toUs === null ? Number.POSITIVE_INFINITY : Math.round((gap.fromUs + gap.toUs + spanUs) / 2);
  const dayEndUs = (Math.floor(firstUs / DAY_US) + 2) * DAY_US;
  return { fromUs: gap.fromUs - spanUs, toUs: endUs > firstUs ? dayEndUs : endUs };
}

/** The shortest span that shows the whole gap and something around it. */
export function fittingSpan(gap: Pick<Gap, 'fromUs' | 'toUs'>, nowUs: number): SpanId {
  const length = ((gap.toUs ?? nowUs) - gap.fromUs) * 2;
  return (spans.find((span) => span.us >= length) ?? spans[4]).id;
}

/** Part of the width, 0 to 1. */
export interface Bar {
  readonly from: number;
  readonly to: number;
}

function barOf(interval: { fromUs: number; toUs: number | null }, window: Window, nowUs: number): Bar | null {
  const length = window.toUs - window.fromUs;
  const from = Math.max(0, (interval.fromUs - window.fromUs) / length);
  const to = Math.min(1, ((interval.toUs ?? nowUs) - window.fromUs) / length);
  return to > from || (to === from && to > 0 && from < 1) ? { from, to } : null;
}

export interface LineCover {
  readonly line: number;
  readonly bars: readonly Bar[];
  /** What lies between the bars and beside them. */
  readonly holes: readonly Bar[];
  /** Share of the window that the line covered. */
  readonly share: number;
}

/** Each line's covered parts, overlapping connections merged. */
export function coverOf(coverage: readonly Coverage[], window: Window, nowUs: number): LineCover[] {
  const lines = [...new Set(coverage.map((one) => one.line))].sort((a, b) => a - b);
  return lines.map((line) => {
    const bars = coverage
      .filter((one) => one.line === line)
      .flatMap((one) => barOf(one, window, nowUs) ?? [])
      .sort((a, b) => a.from - b.from);
    const merged: Bar[] = [];
    for (const bar of bars) {
      const last = merged.at(-1);
      if (last && bar.from <= last.to) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, bar.to) };
      else merged.push(bar);
    }
    return {
      line,
      bars: merged,
      holes: holesBetween(merged),
      share: merged.reduce((sum, bar) => sum + bar.to - bar.from, 0),
    };
  });
}

function holesBetween(bars: readonly Bar[]): Bar[] {
  const starts = [0, ...bars.map((bar) => bar.to)];
  return starts.flatMap((from, nth) => {
    const to = bars[nth]?.from ?? 1;
    return to > from ? [{ from, to }] : [];
  });
}

/** The share as a figure, rounded down: only what is covered to the end is 100 %. A microsecond of a day still counts. */
export function coverPercent(share: number): string {
  return (Math.floor(share * 10_000 + 1e-8) / 100).toFixed(2);
}

export interface GapBar extends Bar {
  readonly gap: Gap;
}

export function gapBars(gaps: readonly Gap[], window: Window, nowUs: number): GapBar[] {
  return gaps.flatMap((gap) => {
    const bar = barOf(gap, window, nowUs);
    return bar ? [{ ...bar, gap }] : [];
  });
}
