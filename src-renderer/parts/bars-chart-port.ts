// What the screen and its bar chart say to each other, and how times are written on its axis; without the chart library, which is loaded when it is needed.

/** Floats for drawing; what is written beside the chart is formatted with the scale that the values had. */
export interface ChartBar {
  readonly us: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface BarsView {
  /** Bars of another key are another picture: the view is fitted anew. */
  readonly key: string;
  readonly bars: readonly ChartBar[];
  readonly stepUs: number;
  readonly priceScale: number;
  /** Stretches that are known to be missing. */
  readonly missing: readonly { readonly fromUs: number; readonly toUs: number }[];
  /** Added to every time, and the name of the zone that it then is in. */
  readonly offsetUs: number;
  readonly zone: string;
}

export interface BarsChartHandle {
  show(view: BarsView): void;
  /** Colours anew from the tokens, after a change of the theme. */
  relook(): void;
  /** Moves the crosshair by so many bars. */
  move(steps: number): void;
  fit(): void;
  /** Opens the bar under the crosshair. */
  open(): void;
  destroy(): void;
}

/** More slots than this are not laid out one by one: then bars stand side by side, whatever lay between them. */
export const MOST_SLOTS = 20_000;

/** False: there are too many intervals between the first and the last bar to lay each one out. */
export function isEven(bars: readonly { readonly us: number }[], stepUs: number): boolean {
  const first = bars[0]?.us ?? 0;
  const last = bars.at(-1)?.us ?? first;
  return Math.round((last - first) / stepUs) + 1 <= MOST_SLOTS;
}

/** Begins of all intervals from the first to the last bar, so that time runs evenly and a quiet stretch is seen as wide as it was. */
export function slotsOf(bars: readonly { readonly us: number }[], stepUs: number): number[] {
  const first = bars[0]?.us;
  const last = bars.at(-1)?.us;
  if (first === undefined || last === undefined) return [];
  const count = Math.round((last - first) / stepUs) + 1;
  if (!isEven(bars, stepUs)) return bars.map((bar) => bar.us);
  return Array.from({ length: count }, (_, at) => first + at * stepUs);
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** A mark of the axis, from a time that is already in the zone. */
export function axisTime(seconds: number, isDay: boolean, withSeconds: boolean): string {
  if (isDay) return iso(seconds).slice(5, 10);
  return withSeconds ? iso(seconds).slice(11, 19) : iso(seconds).slice(11, 16);
}

/** The time under the crosshair, with its zone. */
export function axisDate(seconds: number, stepUs: number, zone: string): string {
  const text = iso(seconds);
  // A day that begins at another hour than midnight of this zone is told with its hour.
  if (stepUs >= 86_400_000_000 && seconds % 86_400 === 0) return `${text.slice(0, 10)} ${zone}`;
  return `${text.slice(0, 10)} ${stepUs < 60_000_000 ? text.slice(11, 19) : text.slice(11, 16)} ${zone}`;
}
