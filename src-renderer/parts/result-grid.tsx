// A grid for results of any length: rows come in pages and only those in sight are in the page; cells are walked, marked and copied by key and mouse.
import {
  type KeyboardEvent,
  memo,
  type PointerEvent,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { reasonOf } from '../../src-shared/base/result.ts';
import {
  type CellPlace,
  columnKeys,
  copiedRows,
  type GridColumn,
  type GridRow,
  type GridValue,
  isUtc,
  LEAST_WIDTH,
  movedCell,
  oneLine,
  UTC_LABEL,
  valueText,
} from './grid-rows.ts';
import { useGridScroll } from './grid-scroll.ts';
import { bodyPx, rowsOfLines, topToShow } from './grid-window.ts';
import './result-grid.css';
import type { RowPages } from './row-pages.ts';
import { showFailure, showToast } from './toasts.tsx';

const ROW_PX = 24;
const HEAD_PX = 38;
const NUMBERS_PX = 72;
const WIDTH_STEP_PX = 16;
const NEAR_ROWS = 200;
const REST_MS = 60;
/** More rows than this go into a file, not through the clipboard. */
const COPY_LIMIT = 20_000;

export interface GridWords {
  readonly label: string;
  /** Of a column of times: whose clock they are of. */
  readonly utc: string;
}

export function ResultGrid(props: {
  readonly columns: readonly GridColumn[];
  readonly rowCount: number;
  readonly pages: RowPages<GridRow>;
  readonly words: GridWords;
  /** px by column. */
  readonly widths: readonly number[];
  onWidth(column: number, width: number): void;
  readonly testId?: string;
}) {
  const { columns, rowCount, pages, words, widths } = props;
  const scroll = useGridScroll(rowCount, ROW_PX, HEAD_PX);
  const { box, size, range } = scroll;
  const [active, setActive] = useState<CellPlace>({ row: 0, column: 0 });
  const [anchor, setAnchor] = useState<CellPlace>({ row: 0, column: 0 });
  const keys = useMemo(() => columnKeys(columns), [columns]);
  useSyncExternalStore(pages.subscribe, pages.version);

  // Rows that a fling passes by are not fetched: only what comes to rest, or lies beside what was there.
  const wanted = useRef(0);
  useEffect(() => {
    const want = (): void => {
      wanted.current = range.from;
      pages.want(range.from, range.to, rowCount);
    };
    if (Math.abs(range.from - wanted.current) < NEAR_ROWS) {
      want();
      return;
    }
    const timer = setTimeout(want, REST_MS);
    return () => clearTimeout(timer);
  }, [pages, range.from, range.to, rowCount]);

  const from = { row: Math.min(active.row, anchor.row), column: Math.min(active.column, anchor.column) };
  const to = { row: Math.max(active.row, anchor.row), column: Math.max(active.column, anchor.column) };
  const setWidth = (column: number, width: number): void =>
    props.onWidth(column, Math.max(LEAST_WIDTH, Math.round(width)));

  const goTo = (place: CellPlace, keepAnchor: boolean): void => {
    setActive(place);
    if (!keepAnchor) setAnchor(place);
    const top = topToShow(size, place.row, scroll.topPx);
    if (top !== scroll.topPx) scroll.moveTo(top);
    if (!box) return;
    const left = widths.slice(0, place.column).reduce((sum, width) => sum + width, 0);
    const right = left + (widths[place.column] ?? 0) + NUMBERS_PX;
    if (left < box.scrollLeft) box.scrollLeft = left;
    else if (right > box.scrollLeft + box.clientWidth) box.scrollLeft = right - box.clientWidth;
  };

  const copy = async (): Promise<void> => {
    if (to.row - from.row + 1 > COPY_LIMIT) {
      showToast('bad', (text) => text.analysis.result.tooMany(COPY_LIMIT.toLocaleString('en-US')));
      return;
    }
    const read = await pages.read(from.row, to.row + 1, rowCount);
    if (!read.ok) {
      showFailure(read.failure);
      return;
    }
    const cells = read.value.map((row) => row.slice(from.column, to.column + 1));
    const names = columns.slice(from.column, to.column + 1).map((column) => column.name);
    const single = cells.length === 1 && names.length === 1;
    try {
      await navigator.clipboard.writeText(
        single ? String(cells[0]?.[0] ?? '') : copiedRows(cells.length > 1 ? names : null, cells),
      );
      showToast('ok', (text) => text.analysis.result.copied((cells.length * names.length).toLocaleString('en-US')));
    } catch (error) {
      showToast('bad', (text) => text.common.note(reasonOf(error)));
    }
  };

  const press = (event: KeyboardEvent): void => {
    if (rowCount === 0) return;
    const mod = event.ctrlKey || event.metaKey;
    const letter = event.code === 'KeyC' ? 'c' : event.code === 'KeyA' ? 'a' : '';
    if (mod && letter === 'c') {
      event.preventDefault();
      void copy();
      return;
    }
    if (mod && letter === 'a') {
      event.preventDefault();
      setAnchor({ row: 0, column: 0 });
      setActive({ row: rowCount - 1, column: Math.max(0, columns.length - 1) });
      return;
    }
    if (event.altKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      event.preventDefault();
      const step = event.key === 'ArrowRight' ? WIDTH_STEP_PX : -WIDTH_STEP_PX;
      setWidth(active.column, (widths[active.column] ?? LEAST_WIDTH) + step);
      return;
    }
    const page = Math.max(1, Math.floor(size.viewPx / ROW_PX) - 1);
    const next = movedCell(event.key, mod, active, { rows: rowCount, columns: columns.length, page });
    if (!next) return;
    event.preventDefault();
    goTo(next, event.shiftKey);
  };

  const pointerDown = (event: PointerEvent): void => {
    const place = cellUnder(event.target);
    if (place && event.button === 0) goTo(place, event.shiftKey);
  };
  const pointerOver = (event: PointerEvent): void => {
    const place = event.buttons === 1 ? cellUnder(event.target) : null;
    if (place) setActive(place);
  };

  const template = `${NUMBERS_PX}px ${widths.map((width) => `${width}px`).join(' ')}`;
  const width = widths.reduce((sum, one) => sum + one, NUMBERS_PX);
  const activeShown = active.row >= range.from && active.row < range.to;
  // A table whose cells are walked is a grid; the keyboard stays on it and the active cell is named.
  const semantics = {
    role: 'grid',
    tabIndex: 0,
    'aria-label': words.label,
    'aria-rowcount': rowCount + 1,
    'aria-colcount': columns.length + 1,
    'aria-multiselectable': true,
    'aria-activedescendant': activeShown ? `cell-${active.row}-${active.column}` : undefined,
  };

  return (
    <div ref={scroll.setBox} className="grid-scroll">
      <table
        className="grid"
        style={{ width, height: bodyPx(size) + HEAD_PX }}
        {...semantics}
        data-testid={props.testId}
        data-rows={rowCount}
        onKeyDown={press}
        onPointerDown={pointerDown}
        onPointerOver={pointerOver}
      >
        <thead className="grid-head">
          <tr className="grid-line" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
            <th scope="col" className="grid-number">
              #
            </th>
            {columns.map((column, at) => (
              <HeadCell
                key={keys[at]}
                column={column}
                at={at}
                width={widths[at] ?? LEAST_WIDTH}
                utc={words.utc}
                onWidth={setWidth}
              />
            ))}
          </tr>
        </thead>
        <tbody className="grid-body" style={{ transform: `translateY(${scroll.anchorPx}px)` }}>
          {rowsOfLines(range, scroll.anchor).map(({ line, row: index }) => {
            const marked = index >= from.row && index <= to.row;
            return (
              <Line
                // The line, not the row: a far jump fills the lines that are there anew, and none is made or moved.
                key={line}
                index={index}
                top={(index - scroll.anchor) * ROW_PX}
                row={pages.row(index)}
                columns={columns}
                keys={keys}
                template={template}
                activeColumn={index === active.row ? active.column : -1}
                markedFrom={marked ? from.column : -1}
                markedTo={marked ? to.column : -1}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The cell that a pointer is over. */
function cellUnder(target: EventTarget): CellPlace | null {
  const cell = target instanceof Element ? target.closest<HTMLTableCellElement>('td.grid-cell') : null;
  const line = cell?.closest('tr');
  if (!cell || !line) return null;
  return { row: Number(line.ariaRowIndex) - 2, column: cell.cellIndex - 1 };
}

const Line = memo(function Line(props: {
  readonly index: number;
  readonly top: number;
  readonly row: GridRow | undefined;
  readonly columns: readonly GridColumn[];
  readonly keys: readonly string[];
  readonly template: string;
  readonly activeColumn: number;
  readonly markedFrom: number;
  readonly markedTo: number;
}) {
  const { index, row } = props;
  return (
    <tr
      className="grid-line grid-row"
      aria-rowindex={index + 2}
      data-testid="grid-row"
      data-loading={row === undefined || undefined}
      style={{ gridTemplateColumns: props.template, transform: `translateY(${props.top}px)` }}
    >
      <th scope="row" className="grid-number">
        {index + 1}
      </th>
      {props.columns.map((column, at) => {
        const active = at === props.activeColumn;
        return (
          <Cell
            key={props.keys[at]}
            kind={column.kind}
            // Undefined: the row is not here yet. Such cells are all alike, and a drag over a million of them changes none.
            value={row === undefined ? undefined : (row[at] ?? null)}
            selected={at >= props.markedFrom && at <= props.markedTo}
            activeId={active ? `cell-${index}-${at}` : undefined}
          />
        );
      })}
    </tr>
  );
});

const Cell = memo(function Cell(props: {
  readonly kind: GridColumn['kind'];
  readonly value: GridValue | undefined;
  readonly selected: boolean;
  /** For the grid to name it, when it is the active one. */
  readonly activeId: string | undefined;
}) {
  const { kind, value, selected, activeId } = props;
  return (
    <td
      id={activeId}
      {...{ 'aria-selected': selected }}
      data-active={activeId !== undefined || undefined}
      className={`grid-cell is-${kind}${value === null ? ' grid-null' : ''}`}
    >
      {value === undefined ? <span className="grid-wait" /> : oneLine(valueText(value))}
    </td>
  );
});

export function HeadCell(props: {
  readonly column: GridColumn;
  readonly at: number;
  readonly width: number;
  readonly utc: string;
  onWidth(column: number, width: number): void;
}) {
  const { column, at, width } = props;
  const utc = isUtc(column);
  const [drag, setDrag] = useState<{ x: number; width: number } | null>(null);
  return (
    <th
      scope="col"
      className={`grid-name${column.kind === 'number' ? ' is-number' : ''}`}
      title={`${column.name} ${column.type}${utc ? `\n${props.utc}` : ''}`}
    >
      <b className="cut">{column.name}</b>
      <small className="grid-type">
        <span className="cut">{column.type}</span>
        {utc && <span className="grid-zone"> {UTC_LABEL}</span>}
      </small>
      <span
        className="grid-edge"
        aria-hidden="true"
        data-testid="grid-edge"
        data-dragged={drag !== null || undefined}
        onPointerDown={(event) => {
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ x: event.clientX, width });
        }}
        onPointerMove={(event) => {
          if (drag) props.onWidth(at, drag.width + event.clientX - drag.x);
        }}
        onPointerUp={() => setDrag(null)}
        onPointerCancel={() => setDrag(null)}
      />
    </th>
  );
}
