// The shown stretch of an axis: zoomed about a point and moved, never beyond the whole and never narrower than can be told apart.

export interface PlotRange {
  readonly from: number;
  readonly to: number;
}

/** Seconds: a hundred microseconds across the plot. */
const NARROWEST = 1e-4;

/** `factor` below 1 comes nearer; what stands at `about` stays where it is. */
export function zoomRange(range: PlotRange, whole: PlotRange, about: number, factor: number): PlotRange {
  const most = whole.to - whole.from;
  const width = Math.min(most, Math.max(Math.min(NARROWEST, most), (range.to - range.from) * factor));
  const share = range.to > range.from ? (about - range.from) / (range.to - range.from) : 0.5;
  return inside({ from: about - share * width, to: about + (1 - share) * width }, whole);
}

export function moveRange(range: PlotRange, whole: PlotRange, by: number): PlotRange {
  return inside({ from: range.from + by, to: range.to + by }, whole);
}

/** What stands at this share of the width, 0 at the left; beyond the ends there is nothing. */
export function pointOf(range: PlotRange, share: number): number {
  return range.from + Math.min(1, Math.max(0, share)) * (range.to - range.from);
}

function inside({ from, to }: PlotRange, whole: PlotRange): PlotRange {
  const width = Math.min(to - from, whole.to - whole.from);
  const begin = Math.min(Math.max(from, whole.from), whole.to - width);
  return { from: begin, to: begin + width };
}
