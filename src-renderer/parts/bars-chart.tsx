// The bar chart in React: a room that keeps its size while the chart's code is loaded, arrow keys that move its crosshair.
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { reasonOf } from '../../src-shared/base/result.ts';
import './bars-chart.css';
import type { BarsChartHandle, BarsView, ChartBar } from './bars-chart-port.ts';

type Core = typeof import('./bars-chart-core.ts');
let loading: Promise<Core> | null = null;

/** Fetches the chart's code ahead of its first use; what fails is tried again at the next call. */
export function loadBarsChart(): Promise<Core> {
  loading ??= import('./bars-chart-core.ts').catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

export function BarsChart(props: {
  readonly view: BarsView;
  /** What the chart shows, in words. */
  readonly label: string;
  readonly testId?: string;
  onBar(bar: ChartBar | null): void;
  /** The oldest bar that is here came into sight. */
  onOldest(): void;
  /** Enter or a double click: the bar under the crosshair is to be opened. */
  onOpen(bar: ChartBar): void;
}) {
  const { view } = props;
  const host = useRef<HTMLDivElement>(null);
  const handle = useRef<BarsChartHandle | null>(null);
  const newest = useRef(props);
  newest.current = props;
  const [state, setState] = useState<'loading' | 'ready' | { reason: string }>('loading');

  useEffect(() => {
    let gone = false;
    // The theme is a mark of the document: canvases have to be painted anew when it changes.
    const themes = new MutationObserver(() => handle.current?.relook());
    loadBarsChart().then(
      ({ mountBarsChart }) => {
        if (gone || !host.current) return;
        handle.current = mountBarsChart(host.current, {
          onBar: (bar) => newest.current.onBar(bar),
          onOldest: () => newest.current.onOldest(),
          onOpen: (bar) => newest.current.onOpen(bar),
        });
        handle.current.show(newest.current.view);
        themes.observe(document.documentElement, {
          attributes: true,
          attributeFilter: ['data-theme', 'class', 'style'],
        });
        setState('ready');
      },
      (error: unknown) => {
        if (!gone) setState({ reason: reasonOf(error) });
      },
    );
    return () => {
      gone = true;
      themes.disconnect();
      handle.current?.destroy();
      handle.current = null;
    };
  }, []);

  useEffect(() => {
    handle.current?.show(view);
  }, [view]);

  const press = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      PageUp: -20,
      PageDown: 20,
      Home: -1_000_000,
      End: 1_000_000,
    };
    const step = steps[event.key];
    if (step !== undefined) handle.current?.move(step);
    else if (event.key === '0') handle.current?.fit();
    else if (event.key === 'Enter') handle.current?.open();
    else return;
    event.preventDefault();
  };
  const semantics = { role: 'img', tabIndex: 0, 'aria-label': props.label, onKeyDown: press };

  return (
    <div
      className="bars-chart"
      data-testid={props.testId}
      data-state={typeof state === 'string' ? state : 'failed'}
      data-bars={view.bars.length}
      {...semantics}
    >
      <div ref={host} className="bars-chart-room" />
      {typeof state === 'object' && <p className="field-error">{state.reason}</p>}
    </div>
  );
}
