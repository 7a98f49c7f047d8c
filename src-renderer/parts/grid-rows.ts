// How the values of a result are aligned, sized and copied: exact text in, exact text out.

export type ValueKind = 'number' | 'text' | 'time' | 'boolean' | 'other';

export interface GridColumn {
  readonly name: string;
  /** As the database names it, shown under the name. */
  readonly type: string;
  readonly kind: ValueKind;
}

/** Exact text where a number would not hold it; null: no value. */
export type GridValue = string | number | boolean | null;
export type GridRow = readonly GridValue[];

/** A value as it is shown and copied. */
export function valueText(value: GridValue): string {
  return value === null ? 'NULL' : String(value);
}

/** Its values are moments or days, which mean nothing without a zone; the database counts and prints them in UTC. A length of time has none. */
export function isUtc(column: GridColumn): boolean {
  return column.kind === 'time' && !column.type.startsWith('INTERVAL');
}

/** What stands beside the type of such a column. */
export const UTC_LABEL = 'UTC';

/** An identity for each column: names of a result may repeat. */
export function columnKeys(columns: readonly GridColumn[]): string[] {
  const seen = new Map<string, number>();
  return columns.map(({ name }) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name} ${count}`;
  });
}

export const LEAST_WIDTH = 48;
const MOST_WIDTH = 360;
const CHARACTER_PX = 7.4;
const PADDING_PX = 22;

/** A width that shows the name and the first values of a column, within bounds. */
export function fittingWidth(column: GridColumn, values: readonly GridValue[]): number {
  const zone = isUtc(column) ? UTC_LABEL.length + 1 : 0;
  let longest = Math.max(column.name.length, Math.min(column.type.length, 16) + zone);
  for (const value of values) longest = Math.max(longest, textWidth(valueText(value)));
  return Math.round(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, longest * CHARACTER_PX + PADDING_PX)));
}

/** A written number, whatever the type of its column. */
const WRITTEN = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * Characters of the longest number of each column, of these rows and of those before: a number that is cut reads as another one. Gives
 * `before` itself where nothing is longer, and then looks at lengths only: it is asked for every page that a scroll brings.
 */
export function longestNumbers(before: readonly number[], rows: readonly GridRow[]): readonly number[] {
  let longest: number[] | null = null;
  for (const row of rows) {
    for (let at = 0; at < row.length; at += 1) {
      const value = row[at];
      if (value === null || value === undefined || typeof value === 'boolean') continue;
      const text = String(value);
      if (text.length <= ((longest ?? before)[at] ?? 0) || (typeof value === 'string' && !WRITTEN.test(text))) continue;
      longest ??= Array.from(row, (_, column) => before[column] ?? 0);
      longest[at] = text.length;
    }
  }
  return longest ?? before;
}

/** A width that shows a number of so many characters whole; the longest that a database counts with has forty. */
export function numberWidth(characters: number): number {
  return Math.ceil(Math.min(characters, 80) * CHARACTER_PX + PADDING_PX);
}

/** Hangul and its like are twice as wide as Latin letters. */
function textWidth(text: string): number {
  let width = 0;
  for (let at = 0; at < text.length && at < 80; at += 1) width += text.charCodeAt(at) > 0x10ff ? 2 : 1;
  return width;
}

const FIGURE = /^-?\d+(?:\.\d+)?$/;

/** Text that holds figures (exact decimals come as text) stands on the edge where figures stand. */
export function shownKind(column: GridColumn, values: readonly GridValue[]): ValueKind {
  if (column.kind !== 'text') return column.kind;
  const known = values.filter((value) => value !== null);
  return known.length > 0 && known.every((value) => FIGURE.test(String(value))) ? 'number' : 'text';
}

/** One line of a cell: line breaks and tabs would tear the row. */
export function oneLine(value: string): string {
  return /[\r\n\t]/.test(value) ? value.replaceAll(/[\r\n\t]+/g, ' ') : value;
}

/** Rows as a spreadsheet takes them from the clipboard: tab between values, quoted where a value holds what would part it. */
export function copiedRows(columns: readonly string[] | null, rows: readonly GridRow[]): string {
  const lines = rows.map((row) => row.map((value) => quoted(value === null ? '' : String(value))).join('\t'));
  if (columns) lines.unshift(columns.map(quoted).join('\t'));
  return lines.join('\n');
}

function quoted(value: string): string {
  return /[\t\r\n"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/** Where a key leads from a cell; undefined for keys that lead nowhere. */
export function movedCell(
  key: string,
  withMod: boolean,
  at: CellPlace,
  size: { readonly rows: number; readonly columns: number; readonly page: number },
): CellPlace | undefined {
  const row = (value: number): number => Math.max(0, Math.min(size.rows - 1, value));
  const column = (value: number): number => Math.max(0, Math.min(size.columns - 1, value));
  switch (key) {
    case 'ArrowDown':
      return { ...at, row: withMod ? row(size.rows) : row(at.row + 1) };
    case 'ArrowUp':
      return { ...at, row: withMod ? 0 : row(at.row - 1) };
    case 'ArrowRight':
      return { ...at, column: withMod ? column(size.columns) : column(at.column + 1) };
    case 'ArrowLeft':
      return { ...at, column: withMod ? 0 : column(at.column - 1) };
    case 'PageDown':
      return { ...at, row: row(at.row + size.page) };
    case 'PageUp':
      return { ...at, row: row(at.row - size.page) };
    case 'Home':
      return withMod ? { row: 0, column: 0 } : { ...at, column: 0 };
    case 'End':
      return withMod ? { row: row(size.rows), column: column(size.columns) } : { ...at, column: column(size.columns) };
    default:
      return undefined;
  }
}
