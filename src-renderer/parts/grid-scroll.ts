// The scrolling of a grid of any height as a hook: the exact place in the whole, and the scroll bar that follows it.
import { useCallback, useEffect, useRef, useState } from 'react';
import { type GridBox, isScaled, type RowRange, rowsAt, scrollOfTop, topOfScroll } from './grid-window.ts';

export interface GridScroll {
  /** For the ref of the element that scrolls. */
  readonly setBox: (box: HTMLElement | null) => void;
  readonly box: HTMLElement | null;
  readonly size: GridBox;
  /** Where the view begins in the whole, px. */
  readonly topPx: number;
  readonly range: RowRange;
  /** The row that places are told from; it has the first line of the page. Where it lies in the body, px: rows keep their own place while it moves. */
  readonly anchor: number;
  readonly anchorPx: number;
  moveTo(topPx: number): void;
}

/** Rows after which another one is the anchor, at the latest. */
const ANCHOR_ROWS = 4096;
/** At rest the first row drawn becomes it: lines then follow each other in the page as on the screen, for those who have it read to them. */
const SETTLED_MS = 250;

/** headPx: what stays above the rows. */
export function useGridScroll(rows: number, rowPx: number, headPx: number): GridScroll {
  const [box, setBox] = useState<HTMLElement | null>(null);
  const [viewPx, setViewPx] = useState(rowPx * 12);
  const [topPx, setTopPx] = useState(0);
  /** The place that the scroll bar was given: its own echo must not round the exact place. */
  const given = useRef(-1);
  const size: GridBox = { rows, rowPx, viewPx: Math.max(rowPx, viewPx) };
  const newest = useRef({ size, topPx });
  newest.current.size = size;
  const frame = useRef(0);
  /** However many events a frame brings, what they come to is drawn once. */
  const draw = useCallback((): void => {
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      setTopPx(newest.current.topPx);
    });
  }, []);
  useEffect(
    () => () => {
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    },
    [],
  );

  const moveTo = useCallback(
    (wanted: number): void => {
      const { size: now } = newest.current;
      const top = Math.min(Math.max(0, wanted), Math.max(0, now.rows * now.rowPx - now.viewPx));
      newest.current.topPx = top;
      draw();
      const place = scrollOfTop(now, top);
      if (box && Math.round(box.scrollTop) !== place) {
        given.current = place;
        box.scrollTop = place;
      }
    },
    [box, draw],
  );

  useEffect(() => {
    if (!box) return;
    const observer = new ResizeObserver(() => setViewPx(box.clientHeight - headPx));
    observer.observe(box);
    const scrolled = (): void => {
      if (Math.abs(box.scrollTop - given.current) <= 1) return;
      given.current = -1;
      newest.current.topPx = topOfScroll(newest.current.size, box.scrollTop);
      draw();
    };
    // Where the bar is a scale, one turn of the wheel would be dozens of rows: it is taken pixel for pixel instead.
    const turned = (event: WheelEvent): void => {
      if (!isScaled(newest.current.size) || event.deltaY === 0 || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      const unit = event.deltaMode === 1 ? rowPx : event.deltaMode === 2 ? newest.current.size.viewPx : 1;
      moveTo(newest.current.topPx + event.deltaY * unit);
    };
    box.addEventListener('scroll', scrolled, { passive: true });
    box.addEventListener('wheel', turned, { passive: false });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', scrolled);
      box.removeEventListener('wheel', turned);
    };
  }, [box, headPx, rowPx, moveTo, draw]);

  // Fewer rows than before (another result): the place goes back to where there are some.
  const most = Math.max(0, rows * rowPx - size.viewPx);
  const top = Math.min(topPx, most);
  const range = rowsAt(size, top);
  const [place, setPlace] = useState({ anchor: 0, from: 0 });
  const count = range.to - range.from;
  // After a far jump no row is where it was: with the first one as anchor, all lines keep their places and only the body moves.
  const isFar = Math.abs(range.from - place.from) >= count || Math.abs(range.from - place.anchor) >= ANCHOR_ROWS;
  const anchor = isFar ? range.from : place.anchor;
  if (anchor !== place.anchor || range.from !== place.from) setPlace({ anchor, from: range.from });
  useEffect(() => {
    const timer = setTimeout(() => setPlace({ anchor: range.from, from: range.from }), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [range.from]);
  const anchorPx = scrollOfTop(size, top) - (top - anchor * rowPx);
  return { setBox, box, size, topPx: top, range, anchor, anchorPx, moveTo };
}
