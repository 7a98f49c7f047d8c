// Which rows a scroll position shows, for more rows than a browser can be tall: beyond a height the scroll bar stands for them all in proportion.

/** Browsers stop laying out at about 33 million device pixels; this stays below it at four times the usual density. */
export const TALLEST_PX = 8_000_000;

export interface GridBox {
  readonly rows: number;
  readonly rowPx: number;
  /** Height of the part that shows rows. */
  readonly viewPx: number;
}

const fullPx = (box: GridBox): number => box.rows * box.rowPx;

/** Height that is laid out. */
export function bodyPx(box: GridBox): number {
  return Math.min(fullPx(box), TALLEST_PX);
}

/** True when the scroll bar is a scale of its own and the wheel has to be taken exactly. */
export function isScaled(box: GridBox): boolean {
  return fullPx(box) > TALLEST_PX;
}

/** Where the view begins in the whole, px, for a place of the scroll bar. */
export function topOfScroll(box: GridBox, scrollTop: number): number {
  const most = Math.max(0, fullPx(box) - box.viewPx);
  if (!isScaled(box)) return Math.min(Math.max(0, scrollTop), most);
  const room = bodyPx(box) - box.viewPx;
  return Math.min(Math.max(0, (scrollTop / room) * most), most);
}

/** The place of the scroll bar for a beginning of the view; whole pixels, as a browser keeps them. */
export function scrollOfTop(box: GridBox, topPx: number): number {
  const most = Math.max(0, fullPx(box) - box.viewPx);
  const top = Math.min(Math.max(0, topPx), most);
  if (!isScaled(box)) return Math.round(top);
  return Math.round((top / most) * (bodyPx(box) - box.viewPx));
}

export interface RowRange {
  /** First row that is drawn, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

/**
 * The rows to draw, some of them out of sight, so that a turn of the wheel finds them there. Always as many, wherever the view is (while there are
 * so many), so that the lines of the page are filled anew and none is made or taken away.
 */
export function rowsAt(box: GridBox, topPx: number, spare = 6): RowRange {
  const count = Math.min(box.rows, Math.ceil(box.viewPx / box.rowPx) + 1 + 2 * spare);
  const from = Math.max(0, Math.min(Math.floor(topPx / box.rowPx) - spare, box.rows - count));
  return { from, to: from + count };
}

/**
 * The row of each line of the page. A row keeps its line while it is in the range, so that scrolling fills the lines of rows that went with those
 * that come, and moves none in the page. base: the row that has the first line when it is in the range.
 */
export function rowsOfLines({ from, to }: RowRange, base: number): { readonly line: number; readonly row: number }[] {
  const count = to - from;
  const shift = count === 0 ? 0 : (((base - from) % count) + count) % count;
  return Array.from({ length: count }, (_, line) => ({ line, row: from + ((line + shift) % count) }));
}

/** The beginning of the view that shows this row, moved no further than needed. */
export function topToShow(box: GridBox, row: number, topPx: number): number {
  const rowTop = row * box.rowPx;
  if (rowTop < topPx) return rowTop;
  const below = rowTop + box.rowPx - box.viewPx;
  return below > topPx ? below : topPx;
}
