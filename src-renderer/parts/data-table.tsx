// A sortable table for many rows: TanStack Table knows columns and sorting, TanStack Virtual keeps only what is seen in the page. Only rows in sight
// become rows of the table: ten thousand are ordered by keys. Widths that were chosen are remembered.
import { type ColumnDef, rowSortingFeature, type SortingState, tableFeatures, useTable } from '@tanstack/react-table';
import { type KeyboardEvent, startTransition, useMemo, useRef, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { ColumnEdge, stepOf, useWidths } from './column-widths.tsx';
import { useRowHeight } from './look.ts';
import { orderRows } from './order.ts';
import { useDrawnRows, useRowWindow } from './row-window.ts';
import { type RowActs, type TableColumn, TableRow } from './table-row.tsx';

const features = tableFeatures({ rowSortingFeature });

export type { TableColumn } from './table-row.tsx';

export function DataTable<Row extends object>(props: {
  readonly rows: readonly Row[];
  readonly columns: readonly TableColumn<Row>[];
  readonly rowId: (row: Row) => string;
  readonly label: string;
  readonly testId?: string;
  readonly rowTestId?: string;
  /** The row that is open; with onChoose rows can be clicked and the arrow keys move through them. */
  readonly chosen?: string | null;
  onChoose?(id: string): void;
  /** Rows that are ticked; with onTick each row has a box, and the head one for all. Space ticks the row that is open. */
  readonly ticked?: ReadonlySet<string>;
  onTick?(ids: readonly string[], on: boolean): void;
  readonly tickLabel?: (id: string) => string;
  readonly tickAllLabel?: string;
}) {
  const { rows, columns, rowId, chosen, onChoose, ticked, onTick } = props;
  const ticks = ticked !== undefined && onTick !== undefined;
  const [sorting, setSorting] = useState<SortingState>([]);
  const box = useRef<HTMLElement>(null);
  const name = props.testId ?? props.label;

  const definitions = useMemo<ColumnDef<typeof features, Row>[]>(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: column.value,
        sortDescFirst: column.number === true,
      })),
    [columns],
  );
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const [sorted] = sorting;
  const ordered = useMemo(() => {
    const column = sorted && byId.get(sorted.id);
    return column ? orderRows(rows, column.value, sorted.desc) : rows;
  }, [rows, byId, sorted]);
  const virtual = useRowWindow(name, ordered.length, useRowHeight(), box);
  const words = useText().shell;
  const widths = useWidths(name);
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const behind = (items.at(-1)?.index ?? -1) + 1;
  const { startIndex: seen, endIndex } = virtual.range ?? { startIndex: first, endIndex: behind - 1 };
  const sight = { first, behind, seen, unseen: endIndex + 1 };
  const inSight = useDrawnRows(ordered, sight, virtual.isScrolling, rowId);
  const table = useTable({
    features,
    columns: definitions,
    data: inSight.rows,
    getRowId: rowId,
    state: { sorting },
    // In short tasks: ordering many rows is one, drawing them others.
    onSortingChange: (next) => startTransition(() => setSorting(next)),
    manualSorting: true,
    enableMultiSort: false,
  });
  const drawn = table.getRowModel().rows;
  const at = useMemo(
    () => (chosen == null ? -1 : ordered.findIndex((row) => rowId(row) === chosen)),
    [ordered, chosen, rowId],
  );
  const allTicked = useMemo(
    () => ticked !== undefined && rows.length > 0 && rows.every((row) => ticked.has(rowId(row))),
    [rows, ticked, rowId],
  );
  const press = (event: KeyboardEvent): void => {
    if (!onChoose || ordered.length === 0) return;
    if (event.key === ' ' && ticks && chosen != null && event.target === event.currentTarget) {
      event.preventDefault();
      onTick([chosen], !ticked.has(chosen));
      return;
    }
    const last = ordered.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: Math.min(last, at + 1),
      ArrowUp: Math.max(0, at - 1),
      PageDown: Math.min(last, at + 15),
      PageUp: Math.max(0, at - 15),
      Home: 0,
      End: last,
    };
    const next = steps[event.key];
    const row = next === undefined ? undefined : ordered[next];
    if (next === undefined || !row) return;
    event.preventDefault();
    virtual.scrollToIndex(next);
    onChoose(rowId(row));
  };
  // Rows are drawn again when they change, not because their table was: what they call is always the newest.
  const newest = useRef(props);
  newest.current = props;
  const acts = useMemo<RowActs>(
    () => ({
      choose: (id) => newest.current.onChoose?.(id),
      tick: (id, on) => newest.current.onTick?.([id], on),
    }),
    [],
  );
  const span = columns.length + (ticks ? 1 : 0);
  const shown = items.slice(inSight.first - first, inSight.first - first + drawn.length);
  const above = shown[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);

  return (
    <section
      className="table-scroll"
      ref={box}
      aria-label={words.rows(props.label)}
      {...(onChoose ? { tabIndex: 0, onKeyDown: press } : {})}
    >
      <table className="table" data-testid={props.testId} aria-rowcount={ordered.length + 1}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {ticks && (
                <th scope="col" className="tick">
                  <input
                    type="checkbox"
                    aria-label={props.tickAllLabel}
                    data-testid={props.testId && `${props.testId}-all`}
                    checked={allTicked}
                    onChange={(event) => onTick(rows.map(rowId), event.currentTarget.checked)}
                  />
                </th>
              )}
              {group.headers.map((header) => {
                const column = byId.get(header.column.id);
                const direction = header.column.getIsSorted();
                const width = widths.of(header.column.id);
                return (
                  <th
                    key={header.id}
                    scope="col"
                    className={
                      [column?.number && 'number', !column?.fits && 'fills'].filter(Boolean).join(' ') || undefined
                    }
                    aria-sort={direction === 'asc' ? 'ascending' : direction === 'desc' ? 'descending' : 'none'}
                    title={column?.hint}
                    style={width === undefined ? undefined : { width, minWidth: width, maxWidth: width }}
                  >
                    <button
                      type="button"
                      className="sort"
                      data-sorted={direction || undefined}
                      onClick={header.column.getToggleSortingHandler()}
                      onKeyDown={(event) => {
                        const step = stepOf(event);
                        if (step === null || !column) return;
                        event.preventDefault();
                        event.stopPropagation();
                        widths.step(column.id, event.currentTarget, step);
                      }}
                    >
                      {column?.title}
                      {direction && (
                        <svg className="sort-arrow" viewBox="0 0 8 8" aria-hidden="true">
                          <path d={direction === 'asc' ? 'M4 1 7.5 7H.5z' : 'M4 7 .5 1h7z'} fill="currentColor" />
                        </svg>
                      )}
                    </button>
                    {column && <ColumnEdge id={column.id} widths={widths} title={words.widthWhat} />}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {above > 0 && <Spacer height={above} span={span} />}
          {shown.map((item) => {
            const row = drawn[item.index - inSight.first];
            if (!row) return null;
            return (
              <TableRow
                key={row.id}
                row={row.original}
                id={row.id}
                index={item.index}
                columns={columns}
                widths={widths}
                testId={props.rowTestId}
                chosen={onChoose ? row.id === chosen : undefined}
                ticked={ticks ? ticked.has(row.id) : undefined}
                tickLabel={ticks ? props.tickLabel?.(row.id) : undefined}
                acts={acts}
              />
            );
          })}
          {below > 0 && <Spacer height={below} span={span} />}
        </tbody>
      </table>
    </section>
  );
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <tr>
      <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
