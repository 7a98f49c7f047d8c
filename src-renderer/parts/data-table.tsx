// A sortable table for many rows: TanStack Table orders, TanStack Virtual keeps only what is seen in the page. Widths that were chosen are remembered.
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { ColumnEdge, stepOf, useWidths } from './column-widths.tsx';
import { useRowHeight } from './look.ts';
import { naturalKey } from './natural.ts';

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
});

export interface TableColumn<Row> {
  readonly id: string;
  readonly title: string;
  readonly hint?: string;
  /** What the column is ordered by; text sorts with its numbers by value. */
  readonly value: (row: Row) => string | number | null;
  readonly cell: (row: Row) => ReactNode;
  readonly number?: boolean;
  /** Takes its natural width; a column without it takes what is left. */
  readonly fits?: boolean;
}

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
  // A callback ref: the virtualizer must learn of its box when the box appears.
  const [box, setBox] = useState<HTMLElement | null>(null);

  const definitions = useMemo<ColumnDef<typeof features, Row>[]>(
    () =>
      columns.map((column) => ({
        id: column.id,
        // Only what rows are ordered by: cells are drawn from the row itself.
        accessorFn: (row: Row) => {
          const value = column.value(row);
          return typeof value === 'string' ? naturalKey(value) : (value ?? undefined);
        },
        sortFn: 'basic',
        sortUndefined: 'last',
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: rowId,
    state: { sorting },
    onSortingChange: setSorting,
  });
  const ordered = table.getRowModel().rows;
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const rowHeight = useRowHeight();
  const virtual = useVirtualizer({
    count: ordered.length,
    getScrollElement: useCallback(() => box, [box]),
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  // Rows of another density have another height: what was counted with the old one is counted again.
  useEffect(() => {
    if (rowHeight > 0) virtual.measure();
  }, [rowHeight, virtual]);
  const words = useText().shell;
  const widths = useWidths(props.testId ?? props.label);
  const at = chosen == null ? -1 : ordered.findIndex((row) => row.id === chosen);
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
    onChoose(row.id);
  };
  const span = columns.length + (ticks ? 1 : 0);
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);

  return (
    <section
      className="table-scroll"
      ref={setBox}
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
                    checked={rows.length > 0 && rows.every((row) => ticked.has(rowId(row)))}
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
          {items.map((item) => {
            const row = ordered[item.index];
            if (!row) return null;
            return (
              <tr
                key={row.id}
                data-testid={props.rowTestId}
                data-row={row.id}
                aria-rowindex={item.index + 2}
                {...(onChoose
                  ? { 'aria-selected': row.id === chosen, className: 'choosable', onClick: () => onChoose(row.id) }
                  : {})}
              >
                {ticks && (
                  <td className="tick">
                    <input
                      type="checkbox"
                      aria-label={props.tickLabel?.(row.id)}
                      checked={ticked.has(row.id)}
                      onClick={(event) => event.stopPropagation()}
                      onChange={(event) => onTick([row.id], event.currentTarget.checked)}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <td
                    key={column.id}
                    className={cellClass(column.number, column.fits, widths.of(column.id))}
                    style={widths.cell(column.id)}
                  >
                    {column.cell(row.original)}
                  </td>
                ))}
              </tr>
            );
          })}
          {below > 0 && <Spacer height={below} span={span} />}
        </tbody>
      </table>
    </section>
  );
}

function cellClass(number: boolean | undefined, fits: boolean | undefined, width: number | undefined): string {
  const room = width !== undefined ? 'sized' : fits ? 'fits' : 'cut fills';
  return number ? `number ${room}` : room;
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <tr>
      <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
