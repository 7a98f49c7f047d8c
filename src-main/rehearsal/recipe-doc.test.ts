// The page that people write recipes by, held against what is read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { unwrap } from '../../src-shared/base/result.ts';
import { faultKinds, malformedShapes, parseRecipe, recipeSchema } from './recipe.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/recipes.md'), 'utf8');
const section = (title: string): string => text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
const quoted = (cell: string): string[] => [...cell.matchAll(/`([^`\n]+)`/g)].map((found) => found[1] ?? '');
const withDefault = z.object({ default: z.unknown().optional() });

describe('docs/recipes.md', () => {
  const branches = z.object({
    items: z.unknown().optional(),
    properties: z.record(z.string(), z.unknown()).optional(),
  });
  const inner = (schema: unknown): Record<string, unknown> => {
    const { items, properties } = branches.parse(schema);
    return properties ?? (items === undefined ? {} : inner(items));
  };
  const whole = inner(z.toJSONSchema(recipeSchema, { io: 'input' }));
  const rowsOf = (title: string): Map<string, string> =>
    new Map(
      section(title)
        .split('\n')
        .filter((line) => line.startsWith('| `'))
        .flatMap((line) => {
          const [, keys = '', usual = ''] = line.split('|').map((cell) => cell.trim());
          return quoted(keys).map((key) => [key, usual] as const);
        }),
    );

  const tables: readonly (readonly [string, Record<string, unknown>])[] = [
    ['The whole', whole],
    ...['instruments', 'generator', 'listing', 'faults', 'limits'].map(
      (name) => [`\`${name}\``, inner(whole[name])] as const,
    ),
  ];
  it.each(tables)('%s: names every key, and the default that holds', (title, keys) => {
    const written = rowsOf(title);
    const known = Object.entries(keys).filter(([key]) => key !== 'venues' || title !== '`limits`');
    expect(known.length).toBeGreaterThan(3);
    expect(known.map(([key]) => key).filter((key) => !written.has(key))).toEqual([]);
    for (const [key, schema] of known) {
      const { default: usual } = withDefault.parse(schema);
      if (usual === undefined || written.get(key) === 'none' || key === 'venues' || key === 'limits') continue;
      expect([key, written.get(key)?.replaceAll('`', '')]).toEqual([key, JSON.stringify(usual)]);
    }
  });

  it('names every kind of fault and every shape of a damaged frame', () => {
    const names = quoted(section('`faults`'));
    expect([...faultKinds, ...malformedShapes].filter((name) => !names.includes(name))).toEqual([]);
  });

  it('shows a recipe that is in order', () => {
    const example = /```json\n([^`]*)```/.exec(text)?.[1] ?? '';
    expect(unwrap(parseRecipe(JSON.parse(example))).faults).toHaveLength(1);
  });
});
