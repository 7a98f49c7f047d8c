// A uPlot whose range belongs to the caller: wheel and keys zoom, dragging pans, Shift and dragging zooms into what was drawn over, a double click shows all.
// Several of them that share a sync key share the crosshair. It redraws at most once a frame, whatever is done to it.
import { type KeyboardEvent, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useLook } from './look.ts';
import { inTheme, type PlotData, type PlotOptions } from './plot.tsx';
import { moveRange, type PlotRange, pointOf, zoomRange } from './range.ts';

export function DensePlot(props: {
  /** Without an x scale's range and without cursor: both are set here. */
  readonly options: PlotOptions;
  readonly data: PlotData;
  readonly range: PlotRange;
  /** Beyond this nothing is shown. */
  readonly whole: PlotRange;
  /** Where the crosshair stands, x; null: nowhere. Moves with the pointer and with the arrow keys. */
  readonly at: number | null;
  readonly label: string;
  readonly testId?: string;
  /** Takes the focus and the keys. */
  readonly keys?: boolean;
  onRange(range: PlotRange): void;
  onAt(at: number | null): void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(props);
  newest.current = props;
  const { options, at } = props;
  const theme = useLook((look) => look.shown);
  const { from, to } = props.range;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const { range, data } = newest.current;
    const themed = inTheme(options, theme);
    const made = new uPlot(
      {
        ...themed,
        hooks: { ...themed.hooks, setScale: [...(themed.hooks?.setScale ?? []), tellHeight(element)] },
        width: element.clientWidth,
        height: element.clientHeight,
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false },
          // uPlot marks a stretch only while Shift is held; its own double click would choose a range of its own.
          bind: {
            mousedown: (_plot, _target, handler) => (event) => {
              if (event.shiftKey) handler(event);
              return null;
            },
            dblclick: () => null,
          },
        },
        scales: { ...options.scales, x: { time: false, range: (_plot, min, max) => [min, max] } },
      },
      [[]],
      element,
    );
    made.batch(() => {
      made.setData(data, false);
      made.setScale('x', { min: range.from, max: range.to });
    });
    plot.current = made;
    placeCrosshair(made, newest.current.at);
    const stop = listen(made, () => newest.current);
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width > 0 && height > 0 && (width !== made.width || height !== made.height)) made.setSize({ width, height });
    });
    observer.observe(element);
    return () => {
      stop();
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [options, theme]);

  useEffect(() => {
    const made = plot.current;
    if (!made) return;
    const { from: min, to: max } = newest.current.range;
    // The same range once more: other values in it have another height.
    made.batch(() => {
      made.setData(props.data, false);
      made.setScale('x', { min, max });
    });
  }, [props.data]);

  useEffect(() => {
    const made = plot.current;
    made?.setScale('x', { min: from, max: to });
    if (made) placeCrosshair(made, newest.current.at);
  }, [from, to]);

  // Another plot, or a key, has moved the crosshair, or what is under it has moved.
  const crosshair = at !== null && at >= from && at <= to ? at : null;
  useEffect(() => {
    if (plot.current) placeCrosshair(plot.current, crosshair);
  }, [crosshair]);

  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { range, whole, at, onRange, onAt } = newest.current;
    const width = range.to - range.from;
    const middle = at !== null && at >= range.from && at <= range.to ? at : (range.from + range.to) / 2;
    const step = width / (event.shiftKey ? 10 : 200);
    const acts: Record<string, () => void> = {
      ArrowLeft: () => move(-step),
      ArrowRight: () => move(step),
      ArrowUp: () => onRange(zoomRange(range, whole, middle, 1 / 1.5)),
      ArrowDown: () => onRange(zoomRange(range, whole, middle, 1.5)),
      PageUp: () => onRange(moveRange(range, whole, -width / 2)),
      PageDown: () => onRange(moveRange(range, whole, width / 2)),
      Home: () => onRange(moveRange(range, whole, whole.from - range.from)),
      End: () => onRange(moveRange(range, whole, whole.to - range.to)),
      Escape: () => onAt(null),
    };
    function move(by: number): void {
      const next = Math.min(whole.to, Math.max(whole.from, middle + by));
      onAt(next);
      // The range follows a crosshair that leaves it.
      if (next < range.from || next > range.to) onRange(moveRange(range, whole, Math.sign(by) * width * 0.5));
    }
    const act = acts[event.key];
    if (!act || (event.key === 'Escape' && at === null)) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  const seen = { 'aria-label': props.label, 'data-testid': props.testId, 'data-from': from, 'data-to': to };
  return props.keys ? (
    <div
      ref={box}
      className="plot dense-plot dense-plot-keys"
      role="application"
      {...{ ...seen, tabIndex: 0, onKeyDown: press }}
    />
  ) : (
    <div ref={box} className="plot dense-plot" role="img" {...seen} />
  );
}

function placeCrosshair(made: uPlot, at: number | null): void {
  const left = at === null ? -10 : made.valToPos(at, 'x');
  if (Math.abs((made.cursor.left ?? -10) - left) > 0.5) made.setCursor({ left, top: 0 }, false);
}

/** What is drawn from bottom to top, for who cannot see it. */
const tellHeight =
  (element: HTMLElement) =>
  (plot: uPlot, scale: string): void => {
    if (scale !== 'y') return;
    element.dataset.low = String(plot.scales.y?.min ?? '');
    element.dataset.high = String(plot.scales.y?.max ?? '');
  };

type Current = () => {
  readonly range: PlotRange;
  readonly whole: PlotRange;
  onRange(range: PlotRange): void;
  onAt(at: number | null): void;
};

/** Pointer and wheel over the plot's area; gives back what ends it. */
function listen(made: uPlot, current: Current): () => void {
  const { over } = made;
  let grabbed: { readonly x: number; readonly range: PlotRange; readonly select: boolean } | null = null;
  let pending = 0;
  let wanted: (() => void) | null = null;
  // Wheels and pointers tell faster than the eye sees.
  const soon = (act: () => void): void => {
    wanted = act;
    pending ||= requestAnimationFrame(() => {
      pending = 0;
      wanted?.();
    });
  };
  const xOf = (event: MouseEvent): number => made.posToVal(event.clientX - over.getBoundingClientRect().left, 'x');
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const { range, whole } = current();
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const next = sideways
      ? moveRange(range, whole, ((range.to - range.from) * event.deltaX) / 800)
      : zoomRange(range, whole, xOf(event), 1.0018 ** event.deltaY);
    soon(() => current().onRange(next));
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    grabbed = { x: event.clientX, range: current().range, select: event.shiftKey };
    over.setPointerCapture(event.pointerId);
    if (!event.shiftKey) over.dataset.grabbed = 'true';
  };
  const move = (event: PointerEvent): void => {
    if (grabbed && !grabbed.select) {
      const { range, x } = grabbed;
      const by = ((x - event.clientX) / over.clientWidth) * (range.to - range.from);
      const share = (event.clientX - over.getBoundingClientRect().left) / over.clientWidth;
      soon(() => {
        const next = moveRange(range, current().whole, by);
        current().onRange(next);
        // At an end of the whole the range stays and the pointer goes on: the figures go with the line.
        current().onAt(pointOf(next, share));
      });
      return;
    }
    const at = xOf(event);
    soon(() => current().onAt(at));
  };
  const up = (event: PointerEvent): void => {
    delete over.dataset.grabbed;
    const from = grabbed;
    grabbed = null;
    if (from?.select) made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (!from?.select || Math.abs(event.clientX - from.x) < 5) return;
    const rect = over.getBoundingClientRect();
    const ends = [from.x, event.clientX].map((x) => made.posToVal(x - rect.left, 'x')).sort((a, b) => a - b);
    const [begin = 0, end = 0] = ends;
    current().onRange(zoomRange({ from: begin, to: end }, current().whole, (begin + end) / 2, 1));
  };
  const leave = (): void => {
    if (!grabbed) soon(() => current().onAt(null));
  };
  const all = (): void => current().onRange(current().whole);
  over.addEventListener('wheel', wheel, { passive: false });
  over.addEventListener('pointerdown', down);
  over.addEventListener('pointermove', move);
  over.addEventListener('pointerup', up);
  over.addEventListener('pointerleave', leave);
  over.addEventListener('dblclick', all);
  return () => {
    cancelAnimationFrame(pending);
    over.removeEventListener('wheel', wheel);
    over.removeEventListener('pointerdown', down);
    over.removeEventListener('pointermove', move);
    over.removeEventListener('pointerup', up);
    over.removeEventListener('pointerleave', leave);
    over.removeEventListener('dblclick', all);
  };
}
