// Candles and volume with lightweight-charts: times in the reader's zone, stretches that are known to be missing hatched, the bar under the cursor told. Loaded when first needed.
import {
  CandlestickSeries,
  CrosshairMode,
  createChart,
  HistogramSeries,
  type IChartApi,
  type IPrimitivePaneRenderer,
  type ISeriesPrimitive,
  type SeriesAttachedParameter,
  TickMarkType,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { axisDate, axisTime, type BarsChartHandle, type BarsView, type ChartBar, slotsOf } from './bars-chart-port.ts';

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const FONT = '"Segoe UI", "Noto Sans CJK KR", "Apple SD Gothic Neo", sans-serif';
const HATCH_PX = 7;

interface Missing {
  readonly from: UTCTimestamp;
  readonly to: UTCTimestamp;
}

/** Hatching behind the candles, so that a stretch that was not recorded is not taken for a quiet one. */
class MissingStretches implements ISeriesPrimitive<Time> {
  #attached: SeriesAttachedParameter<Time> | null = null;
  #missing: readonly Missing[] = [];
  #times: readonly UTCTimestamp[] = [];
  readonly #views = [{ zOrder: () => 'bottom' as const, renderer: () => this.#renderer }];
  readonly #renderer: IPrimitivePaneRenderer = {
    draw: (target) =>
      target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio: ratio }) => {
        context.save();
        context.strokeStyle = token('--bad');
        context.globalAlpha = 0.45;
        context.lineWidth = ratio;
        for (const stretch of this.#missing) {
          const [from, to] = this.#placeOf(stretch);
          if (from === null || to === null) continue;
          const left = Math.max(0, from * ratio);
          const right = Math.min(bitmapSize.width, Math.max(to, from + 3) * ratio);
          if (right <= left) continue;
          context.save();
          context.beginPath();
          context.rect(left, 0, right - left, bitmapSize.height);
          context.clip();
          context.beginPath();
          for (let x = left - bitmapSize.height; x < right; x += HATCH_PX * ratio) {
            context.moveTo(x, bitmapSize.height);
            context.lineTo(x + bitmapSize.height, 0);
          }
          context.stroke();
          context.restore();
        }
        context.restore();
      }),
  };

  set(missing: readonly Missing[], times: readonly UTCTimestamp[]): void {
    this.#missing = missing;
    this.#times = times;
    this.#attached?.requestUpdate();
  }

  attached(parameter: SeriesAttachedParameter<Time>): void {
    this.#attached = parameter;
  }

  detached(): void {
    this.#attached = null;
  }

  paneViews() {
    return this.#views;
  }

  /** Pixels; the scale knows only times that have a slot, so the nearest ones are taken. */
  #placeOf(stretch: Missing): [number | null, number | null] {
    const first = this.#times.find((time) => time >= stretch.from);
    const last = this.#times.findLast((time) => time <= stretch.to);
    const scale = this.#attached?.chart.timeScale();
    const at = (time: UTCTimestamp | undefined): number | null =>
      time === undefined ? null : (scale?.timeToCoordinate(time) ?? null);
    return [at(first ?? this.#times.at(-1)), at(last ?? this.#times[0])];
  }
}

function colors() {
  return { up: token('--ok'), down: token('--bad'), idle: token('--idle') };
}

function chartLook() {
  return {
    layout: {
      background: { color: 'transparent' },
      textColor: token('--chart-axis'),
      fontFamily: FONT,
      fontSize: 11,
      panes: { separatorColor: token('--line'), separatorHoverColor: token('--line-strong') },
      // Its link is written beside the chart: the library's own would bring an inline style sheet, which the policy forbids.
      attributionLogo: false,
    },
    grid: { vertLines: { color: token('--chart-grid') }, horzLines: { color: token('--chart-grid') } },
    crosshair: {
      mode: CrosshairMode.Magnet,
      vertLine: { color: token('--text-third'), labelBackgroundColor: token('--surface-pressed') },
      horzLine: { color: token('--text-third'), labelBackgroundColor: token('--surface-pressed') },
    },
    rightPriceScale: { borderColor: token('--line') },
    timeScale: { borderColor: token('--line') },
  };
}

export function mountBarsChart(
  host: HTMLElement,
  events: { onBar(bar: ChartBar | null): void; onOldest(): void; onOpen(bar: ChartBar): void },
): BarsChartHandle {
  const chart: IChartApi = createChart(host, {
    ...chartLook(),
    autoSize: true,
    localization: { locale: 'en-US' },
    handleScale: { axisPressedMouseMove: true },
  });
  chart.applyOptions({ timeScale: { timeVisible: true, secondsVisible: true, rightOffset: 2, minBarSpacing: 0.4 } });
  const { up, down } = colors();
  // Rising candles are hollow, falling ones are filled: the direction is seen without colour.
  const candles = chart.addSeries(CandlestickSeries, {
    upColor: 'transparent',
    borderUpColor: up,
    wickUpColor: up,
    downColor: down,
    borderDownColor: down,
    wickDownColor: down,
    priceLineVisible: false,
    lastValueVisible: false,
  });
  const volume = chart.addSeries(HistogramSeries, { priceLineVisible: false, lastValueVisible: false }, 1);
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.1, bottom: 0 } });
  chart.panes()[0]?.setStretchFactor(4);
  chart.panes()[1]?.setStretchFactor(1);
  const missing = new MissingStretches();
  candles.attachPrimitive(missing);

  let view: BarsView | null = null;
  let bars = new Map<number, ChartBar>();
  let order: readonly ChartBar[] = [];
  let active = -1;

  const shift = (us: number): UTCTimestamp => {
    // The library knows UTC only: other zones are times moved by their offset, as its documentation advises.
    const seconds = Math.floor((us + (view?.offsetUs ?? 0)) / 1_000_000);
    return seconds as UTCTimestamp;
  };

  const show = (bar: ChartBar | null): void => {
    active = bar ? order.indexOf(bar) : -1;
    events.onBar(bar);
  };

  chart.subscribeCrosshairMove((move) => {
    if (move.sourceEvent === undefined && move.point === undefined) return;
    show(typeof move.time === 'number' ? (bars.get(move.time) ?? null) : null);
  });
  const open = (): void => {
    const bar = order[active];
    if (bar) events.onOpen(bar);
  };
  chart.subscribeDblClick(open);
  chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
    if (range && range.from < 5 && order.length > 0) events.onOldest();
  });

  const paint = (next: BarsView): void => {
    const fresh = view === null || view.key !== next.key;
    view = next;
    order = next.bars;
    bars = new Map(next.bars.map((bar) => [shift(bar.us), bar]));
    const { up: rise, down: fall, idle } = colors();
    const slots = slotsOf(next.bars, next.stepUs);
    const times = slots.map(shift);
    candles.applyOptions({
      borderUpColor: rise,
      wickUpColor: rise,
      downColor: fall,
      borderDownColor: fall,
      wickDownColor: fall,
      priceFormat: { type: 'price', precision: next.priceScale, minMove: 10 ** -next.priceScale },
    });
    volume.applyOptions({ priceFormat: { type: 'volume' } });
    candles.setData(
      times.map((time) => {
        const bar = bars.get(time);
        return bar ? { time, open: bar.open, high: bar.high, low: bar.low, close: bar.close } : { time };
      }),
    );
    volume.setData(
      times.map((time) => {
        const bar = bars.get(time);
        if (!bar) return { time };
        return { time, value: bar.volume, color: bar.close > bar.open ? rise : bar.close < bar.open ? fall : idle };
      }),
    );
    missing.set(
      next.missing.map((stretch) => ({ from: shift(stretch.fromUs), to: shift(stretch.toUs) })),
      times,
    );
    chart.applyOptions({
      localization: { timeFormatter: (time: Time) => axisDate(Number(time), next.stepUs, next.zone) },
      timeScale: {
        secondsVisible: next.stepUs < 60_000_000,
        tickMarkFormatter: (time: Time, type: TickMarkType) =>
          axisTime(Number(time), type <= TickMarkType.DayOfMonth, type === TickMarkType.TimeWithSeconds),
      },
    });
    if (fresh) chart.timeScale().fitContent();
  };

  return {
    show: paint,
    relook: () => {
      chart.applyOptions(chartLook());
      if (view) paint(view);
    },
    move: (steps) => {
      if (order.length === 0) return;
      const from = active < 0 ? order.length : active;
      active = Math.max(0, Math.min(order.length - 1, from + steps));
      const bar = order[active];
      if (!bar) return;
      const time = shift(bar.us);
      const index = chart.timeScale().timeToIndex(time);
      const range = chart.timeScale().getVisibleLogicalRange();
      if (index !== null && range && (index < range.from || index > range.to)) {
        const half = (range.to - range.from) / 2;
        chart.timeScale().setVisibleLogicalRange({ from: index - half, to: index + half });
      }
      chart.setCrosshairPosition(bar.close, time, candles);
      events.onBar(bar);
    },
    fit: () => chart.timeScale().fitContent(),
    open,
    destroy: () => chart.remove(),
  };
}
