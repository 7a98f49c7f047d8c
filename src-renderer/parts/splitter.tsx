// The divider between a panel and its side: drag, or arrow keys; a double click or Home gives it back. Its place is remembered.
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { reached } from './reached.ts';
import { useRemembered, within } from './remembered.ts';

const STEP = 16;
const SIDE: string = '--side';

export interface Split {
  /** For the element that is divided: sets `--side`, the width of its side. */
  readonly style: CSSProperties;
  readonly size: number | null;
  readonly least: number;
  readonly most: number;
  change(size: number | null): void;
}

/** null: the width that the stylesheet gives. */
export function useSplit(name: string, least: number, most: number): Split {
  const [size, change] = useRemembered<number | null>(`split.${name}`, null, within(least, most));
  // The stylesheet's own width stays where nobody has chosen one.
  const style: CSSProperties = size === null ? {} : { [SIDE]: `${size}px` };
  return { style, size, least, most, change };
}

/** Lies on the edge of the side that it is put into (which must be positioned). */
export function Splitter({ split, testId }: { split: Split; testId?: string }) {
  const words = useText().shell;
  const [from, setFrom] = useState<{ readonly x: number; readonly size: number } | null>(null);
  const bound = (size: number): number => Math.min(split.most, Math.max(split.least, Math.round(size)));
  const sizeNow = (element: HTMLElement): number =>
    split.size ?? element.parentElement?.getBoundingClientRect().width ?? split.least;

  const down = (event: PointerEvent<HTMLElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    setFrom({ x: event.clientX, size: sizeNow(event.currentTarget) });
  };
  const move = (event: PointerEvent<HTMLElement>): void => {
    if (from) split.change(bound(from.size + from.x - event.clientX));
  };
  const press = (event: KeyboardEvent<HTMLElement>): void => {
    const steps: Record<string, number> = { ArrowLeft: STEP, ArrowRight: -STEP };
    const step = steps[event.key];
    if (step !== undefined) split.change(bound(sizeNow(event.currentTarget) + step));
    else if (event.key === 'Home') split.change(null);
    else return;
    event.preventDefault();
  };
  return (
    <hr
      className="splitter"
      {...reached}
      aria-orientation="vertical"
      aria-label={words.splitter}
      aria-valuemin={split.least}
      aria-valuemax={split.most}
      aria-valuenow={split.size ?? split.least}
      title={words.splitterWhat}
      data-testid={testId}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => setFrom(null)}
      onPointerCancel={() => setFrom(null)}
      onDoubleClick={() => split.change(null)}
      onKeyDown={press}
    />
  );
}
