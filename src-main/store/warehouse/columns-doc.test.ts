// The page that people load trades by, held against the columns that are written, in their order.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Flag, MORE_IDS_SHIFT } from '../pipeline/guard.ts';
import { exportColumns, sealedColumns } from './rows-sql.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/columns.md'), 'utf8');
const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
/** What the first cells of a section's tables have in back quotes. */
const firstCells = (title: string): string[] =>
  [...section(title).matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map((found) => found[1] ?? ''),
  );
const named = (columns: string): string[] =>
  columns.split(/, (?![^(]*\))/).map((one) => one.replace(/^.* AS /, '').replaceAll('"', ''));

it('names every column of an extract and of a sealed hour', () => {
  expect(firstCells('Trades of an extract')).toEqual(named(exportColumns.replace(/concat_ws\(.*\)/, 'lines')));
  expect(firstCells('Sealed hours')).toEqual(named(sealedColumns));
});

it('names every bit of the flags', () => {
  const bits = [...section('Sealed hours').matchAll(/^\| (\d+) \|/gm)].map((found) => Number(found[1]));
  expect(bits).toEqual(Object.values(Flag));
  expect(section('Sealed hours')).toContain(`\`flags >> ${MORE_IDS_SHIFT}\``);
});
