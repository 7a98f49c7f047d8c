// Which rows of a long table are in the page. To lay a table out and paint it anew costs nearly the same for one row as for eight, so rows come
// and go in blocks; where many are new at once, as after a search, each frame draws a part of them.
import { elementScroll, type Range, type Rect, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useMemo, useReducer, useRef } from 'react';

export const BLOCK_ROWS = 8;
/** So many rows out of sight are there at least, so that none is missing when the reader scrolls. */
const SPARE_ROWS = 4;
/** What a table is taken for that was never seen, px. */
const FIRST_HEIGHT_PX = 480;

/** The indexes of the rows in sight and around it, in whole blocks. */
export function inBlocks({ startIndex, endIndex, count }: Pick<Range, 'startIndex' | 'endIndex' | 'count'>): number[] {
  const from = Math.max(0, Math.floor((startIndex - SPARE_ROWS) / BLOCK_ROWS) * BLOCK_ROWS);
  const behind = Math.min(count, Math.ceil((endIndex + 1 + SPARE_ROWS) / BLOCK_ROWS) * BLOCK_ROWS);
  return Array.from({ length: Math.max(0, behind - from) }, (_, n) => from + n);
}

/** How many of these rows are drawn in this frame. Rows that were there stay, wherever the new ones lie. */
export function rowsAtOnce(ids: readonly string[], before: ReadonlySet<string>): number {
  let fresh = 0;
  const cut = ids.findIndex((id) => {
    if (!before.has(id)) fresh += 1;
    return fresh > BLOCK_ROWS;
  });
  return cut < 0 || ids.slice(cut).some((id) => before.has(id)) ? ids.length : cut;
}

/** How high each table was when it was last seen, px. To ask for it when it is made would lay the page out once more. */
const heights = new Map<string, number>();

/** The virtualizer of a table of that name: it learns of sizes when the browser tells them, and asks for none. */
export function useRowWindow(
  name: string,
  count: number,
  rowHeight: number,
  box: RefObject<HTMLElement | null>,
): Virtualizer<HTMLElement, Element> {
  const own = useMemo(() => {
    let placed: HTMLElement | null = null;
    return {
      observeElementRect: ({ scrollElement }: Virtualizer<HTMLElement, Element>, tell: (rect: Rect) => void) => {
        if (!scrollElement) return;
        const observer = new ResizeObserver(() => {
          const rect = { width: scrollElement.clientWidth, height: scrollElement.clientHeight };
          heights.set(name, rect.height);
          tell(rect);
        });
        observer.observe(scrollElement);
        return () => observer.disconnect();
      },
      scrollToFn: (
        offset: number,
        options: Parameters<typeof elementScroll>[1],
        instance: Virtualizer<HTMLElement, Element>,
      ) => {
        const untouched = placed !== instance.scrollElement;
        placed = instance.scrollElement;
        // What has just been made stands at its top.
        if (!untouched || offset !== 0) elementScroll(offset, options, instance);
      },
    };
  }, [name]);
  const virtual = useVirtualizer<HTMLElement, Element>({
    ...own,
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    rangeExtractor: inBlocks,
    initialRect: { width: 0, height: heights.get(name) ?? FIRST_HEIGHT_PX },
  });
  // Rows of another density have another height: what was counted with the old one is counted again.
  useEffect(() => {
    if (rowHeight > 0) virtual.measure();
  }, [rowHeight, virtual]);
  return virtual;
}

/** Rows first to behind of a list, as many of them as this frame draws. */
export function useDrawnRows<Row>(
  list: readonly Row[],
  first: number,
  behind: number,
  rowId: (row: Row) => string,
): readonly Row[] {
  const before = useRef<ReadonlySet<string>>(new Set());
  const [frames, drawMore] = useReducer((drawn: number) => drawn + 1, 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another frame draws more of the same rows.
  const rows = useMemo(() => {
    const wanted = list.slice(first, behind);
    return wanted.slice(0, rowsAtOnce(wanted.map(rowId), before.current));
  }, [list, first, behind, rowId, frames]);
  useEffect(() => {
    before.current = new Set(rows.map(rowId));
    if (rows.length >= Math.min(list.length, behind) - first) return;
    const frame = requestAnimationFrame(drawMore);
    return () => cancelAnimationFrame(frame);
  }, [rows, list, first, behind, rowId]);
  return rows;
}
