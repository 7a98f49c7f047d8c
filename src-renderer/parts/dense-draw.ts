// What dense charts draw besides their lines: volume bars of a known width, moments with their names, and the stretch of values that is in sight.
// Hooks read what they draw through a function, so that new values need no new chart.
import type uPlot from 'uplot';
import { resolveColor } from './look.ts';
import { tokenColor } from './plot.tsx';

export interface BarData {
  /** Begin of each bar, x. */
  readonly seconds: readonly number[];
  readonly width: number;
  readonly volume: readonly number[];
  /** The part of it that takers bought. */
  readonly bought: readonly number[];
}

/** Draw hook: bars from the foot up to `share` of the height, the bought part bright below, the rest dim above it. top: the value that reaches this height. */
export function drawVolume(read: () => BarData, share: number): (plot: uPlot) => void {
  return (plot) => {
    const { ctx, bbox, scales } = plot;
    const { seconds, width, volume, bought } = read();
    const { min, max } = scales.x ?? {};
    if (min === null || max === null || min === undefined || max === undefined) return;
    let most = 0;
    for (const [index, second] of seconds.entries())
      if (second + width > min && second < max) most = Math.max(most, volume[index] ?? 0);
    if (most === 0) return;
    const foot = bbox.top + bbox.height;
    const high = bbox.height * share;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const [dim, bright] = [tokenColor('--line-strong'), tokenColor('--text-third')];
    for (const [index, second] of seconds.entries()) {
      if (second + width <= min || second >= max) continue;
      const left = plot.valToPos(second, 'x', true);
      const size = Math.max(devicePixelRatio, plot.valToPos(second + width, 'x', true) - left - devicePixelRatio);
      const whole = ((volume[index] ?? 0) / most) * high;
      const part = ((bought[index] ?? 0) / most) * high;
      ctx.fillStyle = dim;
      ctx.fillRect(left, foot - whole, size, whole);
      ctx.fillStyle = bright;
      ctx.fillRect(left, foot - part, size, part);
    }
    ctx.restore();
  };
}

export interface NamedMoment {
  readonly at: number;
  readonly name: string;
  readonly color: string;
  /** tip: a triangle at the head. line: a dashed line through all. */
  readonly kind: 'tip' | 'line';
}

/** Draw hook: moments over the lines. Names of lines stand beside them; tips are named by their colour and the legend. */
export function drawMoments(read: () => readonly NamedMoment[]): (plot: uPlot) => void {
  return (plot) => {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.font = `${11 * ratio}px sans-serif`;
    ctx.textBaseline = 'top';
    for (const { at, name, color: named, kind } of read()) {
      const color = resolveColor(named);
      const x = plot.valToPos(at, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.fillStyle = color;
      if (kind === 'tip') {
        ctx.beginPath();
        ctx.moveTo(x, bbox.top + 9 * ratio);
        ctx.lineTo(x - 4.5 * ratio, bbox.top);
        ctx.lineTo(x + 4.5 * ratio, bbox.top);
        ctx.fill();
        continue;
      }
      ctx.strokeStyle = color;
      ctx.lineWidth = ratio;
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.setLineDash([]);
      const room = bbox.left + bbox.width - x;
      ctx.textAlign = room > 90 * ratio ? 'left' : 'right';
      ctx.fillText(name, x + (room > 90 * ratio ? 4 : -4) * ratio, bbox.top + 2 * ratio);
    }
    ctx.restore();
  };
}

/** Lowest and highest value between two x, and what holds from before; null: nothing. Seconds ascend. */
export function extentOf(
  seconds: ArrayLike<number>,
  columns: readonly (readonly (number | null)[])[],
  from: number,
  to: number,
): { low: number; high: number } | null {
  const begin = firstAt(seconds, from);
  const end = firstAt(seconds, to + 1e-9);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const column of columns) {
    let held = begin - 1;
    while (held >= 0 && column[held] === null) held -= 1;
    for (let at = held >= 0 ? held : begin; at < end; at = at < begin ? begin : at + 1) {
      const value = column[at];
      if (value === null || value === undefined) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? { low, high } : null;
}

function firstAt(seconds: ArrayLike<number>, x: number): number {
  let [low, high] = [0, seconds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seconds[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
