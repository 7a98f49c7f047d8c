// The page about the tables of SQL, held against what a statement finds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { schema } from './views.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/columns.md'), 'utf8');
const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].map((found) => found[1]));

it('names every table, function and column', () => {
  const names = schema.tables.flatMap(({ name, columns }) => [name, ...columns.map((one) => one.name)]);
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name) => !words.has(name))).toEqual([]);
  for (const { name } of schema.functions) expect([...words].some((word) => word?.startsWith(`${name}(`))).toBe(true);
});
