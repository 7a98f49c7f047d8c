// The pictures of report.html as SVG: all streams as percent moves on one clock, and each one's price and volume, with axes, holes and clocks.
// Pure. Promises: every text is escaped; floats are for drawing only.
import { SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Bucket } from '../warehouse/picture.ts';

export interface DrawnStream {
  readonly instrument: string;
  readonly quote: string;
  readonly buckets: readonly Bucket[];
}

/** A moment that is marked in every picture. */
export interface Moment {
  readonly us: Us;
  /** HTML, escaped already. */
  readonly name: string;
}

export interface Scene {
  readonly window: Window;
  readonly atUs: Us;
  /** Further moments besides t0. */
  readonly moments: readonly Moment[];
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A price as it is read: all digits that a double of this size carries for the eye, no exponent. */
export function priceText(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 8, useGrouping: false });
}

export function percentText(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)} %`;
}

/** What a stream did in the window. Its first price is what moves are measured from, as on the screen: a coin may have run before t0. */
export interface Move {
  readonly first: number;
  /** The last price before t0; null when nothing traded before. */
  readonly before: number | null;
  readonly last: number;
  /** The price farthest from the first one. */
  readonly peak: number;
  readonly peakUs: Us;
  readonly percent: number;
}

/** Undefined when the stream has no trade in the window. */
export function moveOf(stream: DrawnStream, atUs: Us): Move | undefined {
  const [begin] = stream.buckets;
  const end = stream.buckets.at(-1);
  if (!begin || !end) return undefined;
  const first = begin.open;
  let peak = first;
  let peakUs = begin.us;
  for (const bucket of stream.buckets) {
    for (const price of [bucket.high, bucket.low]) {
      if (Math.abs(price - first) <= Math.abs(peak - first)) continue;
      peak = price;
      peakUs = bucket.us;
    }
  }
  const before = stream.buckets.filter((bucket) => bucket.us < atUs).at(-1)?.close ?? null;
  return { first, before, last: end.close, peak, peakUs, percent: percentOf(peak, first) };
}

/** How far a price is from the first one. */
export function percentOf(price: number, first: number): number {
  return first === 0 ? 0 : (price / first - 1) * 100;
}

/** Round values inside a range, about as many as asked for: steps of 1, 2 or 5 times a power of ten. */
export function ticksOf(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high; at += 1) ticks.push(at * step);
  return ticks;
}

const WIDTH = 960;
const LEFT = 84;
const RIGHT = 24;
const TOP = 20;
const VOLUME = 46;
const FOOT = 22;
const COLORS = ['#0550ae', '#bc4c00', '#116329', '#8250df', '#a40e26', '#1b7c83', '#7d4e00', '#57606a'];
const DASHES = ['', '7 3', '2 3'];

export function strokeOf(index: number): { color: string; dash: string } {
  return {
    color: COLORS[index % COLORS.length] ?? '#57606a',
    dash: DASHES[Math.floor(index / COLORS.length) % DASHES.length] ?? '',
  };
}

interface Frame {
  readonly x: (us: Us) => number;
  readonly y: (value: number) => number;
  readonly svg: (label: string, inside: string) => string;
}

/** Axes, grid, moments and holes around what is drawn. */
function frame(
  scene: Scene,
  range: { readonly low: number; readonly high: number },
  height: number,
  below: number,
  word: (value: number) => string,
  holes: readonly Window[],
): Frame {
  const { window, atUs } = scene;
  const inner = WIDTH - LEFT - RIGHT;
  const pad = (range.high - range.low) * 0.05 || Math.abs(range.high) * 0.01 || 1;
  const [low, high] = [range.low - pad, range.high + pad];
  const x = (us: Us): number => LEFT + ((us - window.fromUs) / Math.max(1, window.toUs - window.fromUs)) * inner;
  const y = (value: number): number => TOP + ((high - value) / (high - low)) * height;
  const bottom = TOP + height + below;
  const parts: string[] = [];
  for (const value of ticksOf(low, high, Math.max(4, Math.round(height / 45)))) {
    const at = y(value).toFixed(1);
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" class="grid"/><text x="${LEFT - 8}" y="${at}" class="left">${escapeHtml(word(value))}</text>`,
    );
  }
  const seconds = (us: Us): number => (us - atUs) / SECOND_US;
  for (const value of ticksOf(seconds(window.fromUs), seconds(window.toUs), 9)) {
    const at = x(atUs + value * SECOND_US).toFixed(1);
    const name = value === 0 ? 't0' : `${value < 0 ? '−' : '+'}${Number(Math.abs(value).toPrecision(6))} s`;
    parts.push(
      `<line x1="${at}" x2="${at}" y1="${TOP}" y2="${bottom}" class="grid"/><text x="${at}" y="${bottom + 15}" class="foot">${name}</text>`,
    );
  }
  for (const hole of holes) {
    const from = x(Math.max(hole.fromUs, window.fromUs));
    const to = x(Math.min(hole.toUs, window.toUs));
    parts.push(
      `<rect x="${from.toFixed(1)}" y="${TOP}" width="${Math.max(2, to - from).toFixed(1)}" height="${height + below}" class="hole"/>`,
    );
  }
  const marks = [{ us: atUs, name: 't0', style: 't0' }, ...scene.moments.map((one) => ({ ...one, style: 'moment' }))]
    .filter(({ us }) => us >= window.fromUs && us < window.toUs)
    .map(({ us, name, style }) => {
      const at = x(us).toFixed(1);
      return `<line x1="${at}" x2="${at}" y1="${TOP - 4}" y2="${bottom}" class="${style}"/>${style === 't0' ? '' : `<text x="${at}" y="${TOP - 7}" class="foot">${name.replaceAll('span', 'tspan')}</text>`}`;
    });
  return {
    x,
    y,
    svg: (label, inside) =>
      `<svg viewBox="0 0 ${WIDTH} ${bottom + FOOT}" role="img" aria-label="${escapeHtml(label)}">${parts.join('')}${inside}${marks.join('')}</svg>`,
  };
}

function decimalsOf(values: readonly number[]): number {
  const gaps = values.slice(1).map((value, index) => value - (values[index] ?? 0));
  const least = Math.min(...gaps.filter((gap) => gap > 0), Number.POSITIVE_INFINITY);
  return Number.isFinite(least) ? Math.min(12, Math.max(0, Math.ceil(-Math.log10(least) - 1e-9))) : 0;
}

/** Every stream as percent of its first price: who moved first, and how far. marks: a moment of each instrument, told by a triangle. caption: HTML. */
export function movesPicture(
  drawn: readonly DrawnStream[],
  scene: Scene,
  marks: ReadonlyMap<string, Us>,
  caption: string,
): string {
  const lines = drawn.flatMap((stream, index) => {
    const move = moveOf(stream, scene.atUs);
    if (!move || move.first === 0) return [];
    const points = stream.buckets.map((bucket) => ({
      us: bucket.us,
      value: percentOf(bucket.close, move.first),
    }));
    return [{ index, instrument: stream.instrument, points }];
  });
  const values = lines.flatMap((line) => line.points.map((point) => point.value));
  if (values.length === 0) return '';
  const range = {
    low: values.reduce((least, value) => Math.min(least, value), 0),
    high: values.reduce((most, value) => Math.max(most, value), 0),
  };
  const decimals = decimalsOf(ticksOf(range.low, range.high, 6));
  const { x, y, svg } = frame(scene, range, 270, 0, (value) => `${value.toFixed(decimals).replace('-', '−')} %`, []);
  const drawnLines = lines.map(({ index, points }) => {
    const { color, dash } = strokeOf(index);
    const path = points.map(({ us, value }) => `${x(us).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.6"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`;
  });
  const triangles = lines.flatMap(({ index, instrument, points }) => {
    const us = marks.get(instrument);
    const value = points.findLast((point) => us !== undefined && point.us <= us)?.value;
    if (us === undefined || value === undefined) return [];
    const [left, top] = [x(us), y(value)];
    return [`<path d="M${left.toFixed(1)} ${top.toFixed(1)}l-5 -9h10z" fill="${strokeOf(index).color}" class="mark"/>`];
  });
  return `<figure><figcaption>${caption}</figcaption>${svg('Percent of the first price in the window, every stream', drawnLines.join('') + triangles.join(''))}</figure>`;
}

/** A swatch of the stream's line in the picture of all. */
export function swatch(index: number): string {
  const { color, dash } = strokeOf(index);
  return `<svg class="swatch" viewBox="0 0 22 6" aria-hidden="true"><line x1="0" x2="22" y1="3" y2="3" stroke="${color}" stroke-width="2.5"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/></svg>`;
}

/** One stream: price range and last price per bucket, volume below, holes hatched. */
export function streamPicture(stream: DrawnStream, index: number, scene: Scene, holes: readonly Window[]): string {
  const low = Math.min(...stream.buckets.map((bucket) => bucket.low));
  const high = Math.max(...stream.buckets.map((bucket) => bucket.high));
  const most = Math.max(...stream.buckets.map((bucket) => bucket.volume), Number.MIN_VALUE);
  const height = 150;
  const decimals = decimalsOf(ticksOf(low, high, 4));
  const { x, y, svg } = frame(scene, { low, high }, height, VOLUME + 8, (value) => value.toFixed(decimals), holes);
  const bottom = TOP + height + 8 + VOLUME;
  const { color } = strokeOf(index);
  const bar = Math.max(1, (WIDTH - LEFT - RIGHT) / 240 - 0.5);
  const points = stream.buckets.map((bucket) => `${x(bucket.us).toFixed(1)},${y(bucket.close).toFixed(1)}`).join(' ');
  const inside = stream.buckets
    .map((bucket) => {
      const at = x(bucket.us).toFixed(1);
      const size = (bucket.volume / most) * VOLUME;
      return `<line x1="${at}" x2="${at}" y1="${y(bucket.high).toFixed(1)}" y2="${y(bucket.low).toFixed(1)}" stroke="${color}" opacity=".35"/><rect x="${at}" y="${(bottom - size).toFixed(1)}" width="${bar.toFixed(1)}" height="${size.toFixed(1)}" class="volume"/>`;
    })
    .join('');
  const label = `${stream.instrument}: price from ${priceText(low)} to ${priceText(high)} ${stream.quote}, volume below`;
  return `<figure><figcaption>${escapeHtml(label)}</figcaption>${svg(label, `${inside}<polyline points="${points}" fill="none" stroke="${color}" stroke-width="1.5"/>`)}</figure>`;
}
