// One row of a dense table. It is drawn again only when its row, its state or the columns change: scrolling draws what comes into sight, nothing else.
import { memo, type ReactNode } from 'react';
import type { Widths } from './column-widths.tsx';

export interface TableColumn<Row> {
  readonly id: string;
  readonly title: string;
  readonly hint?: string;
  /** What the column is ordered by; text sorts with its numbers by value. */
  readonly value: (row: Row) => string | number | null;
  /** Depends on the row alone; what else it shows belongs into the memo that makes the columns. */
  readonly cell: (row: Row) => ReactNode;
  readonly number?: boolean;
  /** Takes its natural width; a column without it takes what is left. */
  readonly fits?: boolean;
}

export interface RowActs {
  choose(id: string): void;
  tick(id: string, on: boolean): void;
}

interface RowProps<Row> {
  readonly row: Row;
  readonly id: string;
  readonly index: number;
  readonly columns: readonly TableColumn<Row>[];
  readonly widths: Widths;
  readonly testId: string | undefined;
  /** undefined: rows of this table are not chosen, or not ticked. */
  readonly chosen: boolean | undefined;
  readonly ticked: boolean | undefined;
  readonly tickLabel: string | undefined;
  readonly acts: RowActs;
}

function PlainRow<Row>({ row, id, columns, widths, chosen, ticked, acts, ...props }: RowProps<Row>) {
  return (
    <tr
      data-testid={props.testId}
      data-row={id}
      aria-rowindex={props.index + 2}
      {...(chosen === undefined
        ? {}
        : { 'aria-selected': chosen, className: 'choosable', onClick: () => acts.choose(id) })}
    >
      {ticked !== undefined && (
        <td className="tick">
          <input
            type="checkbox"
            aria-label={props.tickLabel}
            checked={ticked}
            onClick={(event) => event.stopPropagation()}
            onChange={(event) => acts.tick(id, event.currentTarget.checked)}
          />
        </td>
      )}
      {columns.map((column) => (
        <td
          key={column.id}
          className={cellClass(column.number, column.fits, widths.of(column.id))}
          style={widths.cell(column.id)}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** memo forgets the type of the row: this is the same function with it. */
export const TableRow: typeof PlainRow = memo(PlainRow) as typeof PlainRow;

function cellClass(number: boolean | undefined, fits: boolean | undefined, width: number | undefined): string {
  const room = width !== undefined ? 'sized' : fits ? 'fits' : 'cut fills';
  return number ? `number ${room}` : room;
}
