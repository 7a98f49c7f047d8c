// uPlot in React: made once per set of options and theme, fed in place, sized with its box, destroyed with it. What it shows is also there as text.
import { useEffect, useId, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useText } from '../i18n/text.ts';
import { formatShort } from './format.ts';
import { resolveColor, useLook } from './look.ts';
import { summarise } from './plot-summary.ts';
import type { LineStyle } from './venue-style.ts';

export type PlotOptions = Omit<uPlot.Options, 'width' | 'height'>;
export type PlotData = uPlot.AlignedData;
export type PlotAxis = uPlot.Axis;

/** A colour of the tokens in the theme of this moment, for canvases. In PlotOptions write `var(--name)`: Plot follows the theme by itself. */
export function tokenColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The same options with every colour as this theme, which is on the screen, has it: for whoever makes a uPlot of his own. */
export function inTheme(options: PlotOptions, theme: 'dark' | 'light'): PlotOptions {
  const resolved = <S,>(stroke: S): S | string => (typeof stroke === 'string' ? resolveColor(stroke, theme) : stroke);
  return {
    ...options,
    series: options.series.map((series) => ({
      ...series,
      ...(series.stroke === undefined ? {} : { stroke: resolved(series.stroke) }),
      ...(series.fill === undefined ? {} : { fill: resolved(series.fill) }),
    })),
    ...(options.axes
      ? {
          axes: options.axes.map((axis) => ({
            ...axis,
            ...(axis.stroke === undefined ? {} : { stroke: resolved(axis.stroke) }),
            ...(axis.grid?.stroke === undefined ? {} : { grid: { ...axis.grid, stroke: resolved(axis.grid.stroke) } }),
            ...(axis.ticks?.stroke === undefined
              ? {}
              : { ticks: { ...axis.ticks, stroke: resolved(axis.ticks.stroke) } }),
          })),
        }
      : {}),
  };
}

/** A text that changes four times a second can be neither read nor spoken. */
const SUMMARY_MS = 5000;

/** How large each chart was when it was last seen. To ask for it when it is made would lay the page out once more; the browser tells if it is another. */
const sizes = new Map<string, { readonly width: number; readonly height: number }>();

export function Plot(props: {
  readonly options: PlotOptions;
  /** A new outer array means new values. */
  readonly data: PlotData;
  readonly label: string;
  readonly testId?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useRef(props.data);
  data.current = props.data;
  const theme = useLook((look) => look.shown);
  const name = props.testId ?? props.label;
  const summary = useSummary(props.options, props.data);
  const summaryId = useId();

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let made: uPlot | null = null;
    let frame = 0;
    const make = (): void => {
      const size = sizes.get(name);
      if (size) made = new uPlot({ ...inTheme(props.options, theme), ...size }, data.current, element);
      plot.current = made;
    };
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width === 0 || height === 0) return;
      const size = { width, height };
      sizes.set(name, size);
      if (made === null) frame ||= requestAnimationFrame(make);
      else if (width !== made.width || height !== made.height) made.setSize(size);
    });
    make();
    observer.observe(element);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      made?.destroy();
      plot.current = null;
    };
    // Another theme is another chart.
  }, [props.options, theme, name]);

  useEffect(() => {
    plot.current?.setData(props.data);
  }, [props.data]);

  return (
    <>
      <div
        ref={box}
        className="plot"
        role="img"
        aria-label={props.label}
        aria-describedby={summaryId}
        data-testid={props.testId}
      />
      <p id={summaryId} className="unseen">
        {summary}
      </p>
    </>
  );
}

/** Every series by name with its last, least and most value. */
function useSummary(options: PlotOptions, data: PlotData): string {
  const text = useText();
  const kept = useRef({ options, text, atMs: Number.NEGATIVE_INFINITY, spoken: '' });
  const now = performance.now();
  const last = kept.current;
  if (last.options !== options || last.text !== text || now - last.atMs >= SUMMARY_MS) {
    const spoken = options.series.flatMap((series, at) => {
      const found = at === 0 ? null : summarise(data[at] ?? []);
      if (!found || typeof series.label !== 'string') return [];
      const { last: newest, least, most } = found;
      return [text.shell.series(series.label, formatShort(newest), formatShort(least), formatShort(most))];
    });
    kept.current = { options, text, atMs: now, spoken: spoken.join(' ') };
  }
  return kept.current.spoken;
}

/** The same stroke as in the chart, for legends and tables. */
export function Swatch({ style }: { style: LineStyle }) {
  return (
    <svg className="swatch" viewBox="0 0 26 10" aria-hidden="true">
      <line
        x1="0"
        y1="5"
        x2="26"
        y2="5"
        stroke={style.color}
        strokeWidth={style.width + 0.5}
        strokeDasharray={style.dash.join(' ')}
      />
    </svg>
  );
}

/** Axis look shared by all charts. */
export function axisStyle(): Pick<uPlot.Axis, 'stroke' | 'grid' | 'ticks' | 'font'> {
  const grid = 'var(--chart-grid)';
  return {
    stroke: 'var(--chart-axis)',
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 4 },
    font: '11px "Segoe UI", "Noto Sans CJK KR", "Apple SD Gothic Neo", sans-serif',
  };
}

/** A price holds until the next trade: steps, not slopes. */
export function steppedPaths(): Pick<uPlot.Series, 'paths'> {
  const paths = uPlot.paths.stepped?.({ align: 1 });
  return paths ? { paths } : {};
}

export function barPaths(): Pick<uPlot.Series, 'paths'> {
  const paths = uPlot.paths.bars?.({ size: [1, 6], align: 1 });
  return paths ? { paths } : {};
}

/** Draw hook: a dashed line where x is zero (t0). */
export function drawZero(plot: uPlot): void {
  const x = Math.round(plot.valToPos(0, 'x', true));
  const { left, top, width, height } = plot.bbox;
  if (x < left || x > left + width) return;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = resolveColor('var(--chart-t0)');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.restore();
}

/** A stretch of x that is known to be missing. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly color: string;
}

const BAND_STEP = 7;

/** Draw hook for below the lines: hatched stretches, so that a held price is not taken for a quiet market. */
export function drawBands(bands: readonly Band[]): (plot: uPlot) => void {
  return (plot) => {
    const { ctx, bbox } = plot;
    for (const band of bands) {
      const left = Math.max(bbox.left, plot.valToPos(band.from, 'x', true));
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(band.to, 'x', true));
      if (right <= left) continue;
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, bbox.top, right - left, bbox.height);
      ctx.clip();
      ctx.strokeStyle = resolveColor(band.color);
      ctx.globalAlpha = 0.28;
      ctx.lineWidth = devicePixelRatio;
      ctx.beginPath();
      for (let x = left - bbox.height; x < right; x += BAND_STEP * devicePixelRatio) {
        ctx.moveTo(x, bbox.top + bbox.height);
        ctx.lineTo(x + bbox.height, bbox.top);
      }
      ctx.stroke();
      ctx.restore();
    }
  };
}
