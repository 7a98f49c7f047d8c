// Which rows of a long table are in the page. To lay a table out and paint it anew costs nearly the same for one row as for eight, so rows come
// and go in blocks; where many are new at once, as after a search, each frame draws a part of them.
import { elementScroll, type Range, type Rect, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useMemo, useReducer, useRef } from 'react';

export const BLOCK_ROWS = 8;
/** So many rows out of sight are there at least, so that none is missing when the reader scrolls. */
const SPARE_ROWS = 4;
/** What a table is taken for that was never seen, px. */
const FIRST_HEIGHT_PX = 480;
/** A small table whose rows are all others now shows them at once: it would flicker else. */
const SMALL_ROWS = 3 * BLOCK_ROWS;

/** The indexes of the rows in sight and around it, in whole blocks. */
export function inBlocks({ startIndex, endIndex, count }: Pick<Range, 'startIndex' | 'endIndex' | 'count'>): number[] {
  const from = Math.max(0, Math.floor((startIndex - SPARE_ROWS) / BLOCK_ROWS) * BLOCK_ROWS);
  const behind = Math.min(count, Math.ceil((endIndex + 1 + SPARE_ROWS) / BLOCK_ROWS) * BLOCK_ROWS);
  return Array.from({ length: Math.max(0, behind - from) }, (_, n) => from + n);
}

/** What is in sight, and what is there with it because it may come into sight; behind: the first that is not. Indexes of the list. */
export interface Sight {
  readonly first: number;
  readonly behind: number;
  /** The first that can be seen, and the first after it that cannot. */
  readonly seen: number;
  readonly unseen: number;
}

/**
 * Which rows of the sight are drawn in this frame: all, but where many are new at once a block of them from the first that can be seen. Rows that were there and can be seen stay, wherever the new ones lie.
 */
export function rowsAtOnce(
  ids: readonly string[],
  { first, behind, seen, unseen }: Sight,
  before: ReadonlySet<string>,
): Pick<Sight, 'first' | 'behind'> {
  const whole = { first, behind };
  const count = behind - first;
  if (count <= SMALL_ROWS && before.size >= count) return whole;
  const fresh = ids.filter((id) => !before.has(id)).length;
  if (fresh <= BLOCK_ROWS) return whole;
  const start = Math.max(first, Math.min(seen, behind - 1));
  let left = BLOCK_ROWS;
  let end = start;
  for (; end < behind; end += 1) {
    const isNew = !before.has(ids[end - first] ?? '');
    if (isNew && left === 0) break;
    if (isNew) left -= 1;
  }
  const isLeft = (id: string, at: number): boolean => before.has(id) && at >= end - first && at < unseen - first;
  return left === BLOCK_ROWS || ids.some(isLeft) ? whole : { first: start, behind: end };
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
          if (rect.height > 0) heights.set(name, rect.height);
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

/** The rows in sight of a list, as many of them as this frame draws, and the index of the first. While the reader scrolls through a list nothing waits. */
export function useDrawnRows<Row>(
  list: readonly Row[],
  { first, behind, seen, unseen }: Sight,
  isScrolling: boolean,
  rowId: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly first: number } {
  const before = useRef<{ list: readonly Row[] | null; ids: ReadonlySet<string>; whole: boolean }>({
    list: null,
    ids: new Set(),
    whole: false,
  });
  const [frames, drawMore] = useReducer((drawn: number) => drawn + 1, 0);
  const idOf = useRef(rowId);
  idOf.current = rowId;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another frame draws more of the same rows.
  const drawn = useMemo(() => {
    const ids = list.slice(first, behind).map((row) => idOf.current(row));
    const sight = { first, behind: first + ids.length, seen, unseen };
    // A list that became shorter is scrolled by the browser.
    const scrolls = isScrolling && before.current.whole && before.current.list === list;
    const part = scrolls ? sight : rowsAtOnce(ids, sight, before.current.ids);
    return {
      rows: list.slice(part.first, part.behind),
      first: part.first,
      ids: ids.slice(part.first - first, part.behind - first),
      whole: part.behind - part.first === ids.length,
    };
    // Neither what can be seen nor that scrolling ended changes what is drawn already.
  }, [list, first, behind, frames]);
  useEffect(() => {
    before.current = { list, ids: new Set(drawn.ids), whole: drawn.whole };
    if (drawn.whole) return;
    const frame = requestAnimationFrame(drawMore);
    return () => cancelAnimationFrame(frame);
  }, [drawn, list]);
  return drawn;
}
