// Widths of a table's columns that the reader chose: by dragging the edge of a head, or Shift and arrow keys on its button; remembered per table.
import { type CSSProperties, type KeyboardEvent, useMemo, useState } from 'react';
import { useRemembered } from './remembered.ts';

const LEAST = 40;
const MOST = 900;
const STEP = 12;

type Chosen = Readonly<Record<string, number>>;
const none: Chosen = {};

export interface Widths {
  of(column: string): number | undefined;
  /** Style of a cell of this column; the same object as long as its width stays. */
  cell(column: string): CSSProperties | undefined;
  set(column: string, width: number | null): void;
  step(column: string, head: HTMLElement, by: number): void;
}

export function parseWidths(note: unknown): Chosen | null {
  if (typeof note !== 'object' || note === null) return null;
  const kept = Object.entries(note).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return Object.fromEntries(kept.map(([id, width]) => [id, bound(width)]));
}

function bound(width: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.round(width)));
}

export function useWidths(table: string): Widths {
  const [chosen, keep] = useRemembered<Chosen>(`width.${table}`, none, parseWidths);
  return useMemo(() => {
    const cells = new Map(Object.entries(chosen).map(([id, width]) => [id, { maxWidth: width }]));
    const set = (column: string, width: number | null): void => {
      const { [column]: _, ...others } = chosen;
      keep(width === null ? others : { ...others, [column]: bound(width) });
    };
    return {
      of: (column) => chosen[column],
      cell: (column) => cells.get(column),
      set,
      step: (column, head, by) =>
        set(column, (chosen[column] ?? head.closest('th')?.getBoundingClientRect().width ?? LEAST) + by),
    };
  }, [chosen, keep]);
}

/** Shift and an arrow key: wider or narrower; null: another key. */
export function stepOf(event: Pick<KeyboardEvent, 'key' | 'shiftKey'>): number | null {
  if (!event.shiftKey) return null;
  if (event.key === 'ArrowRight') return STEP;
  return event.key === 'ArrowLeft' ? -STEP : null;
}

/** The edge to drag; what it does is on the keyboard too, so it is nothing to stop at. */
export function ColumnEdge({ id, widths, title }: { id: string; widths: Widths; title: string }) {
  const [from, setFrom] = useState<{ readonly x: number; readonly width: number } | null>(null);
  return (
    <span
      className="th-edge"
      aria-hidden="true"
      title={title}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const head = event.currentTarget.closest('th');
        setFrom({ x: event.clientX, width: head?.getBoundingClientRect().width ?? LEAST });
      }}
      onPointerMove={(event) => {
        if (from) widths.set(id, from.width + event.clientX - from.x);
      }}
      onPointerUp={() => setFrom(null)}
      onPointerCancel={() => setFrom(null)}
      onDoubleClick={() => widths.set(id, null)}
    />
  );
}
