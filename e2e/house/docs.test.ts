// The pages that people load data and write settings by, held against what is written and read.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { settingsSchema } from '../../src-shared/contract/settings.ts';
import { manifestSchema, streamVerdictSchema } from '../../src-shared/market/listing.ts';
import { pumpFiguresSchema } from '../../src-shared/market/pump.ts';

const docs = join(dirname(fileURLToPath(import.meta.url)), '../../docs');
const page = (name: string): string => readFileSync(join(docs, name), 'utf8');
const section = (text: string, title: string): string =>
  text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
const quoted = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map((found) => found[1] ?? '');

const node = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  default: z.unknown().optional(),
});

/** Every key of the settings with its default; the venues, which are alike, are one. */
function keysOf(schema: unknown, path: string): [string, unknown][] {
  const { properties, default: usual } = node.parse(schema);
  const inner = Object.entries(properties ?? {}).filter(([name]) => path !== 'venues' || name === 'upbit');
  if (inner.length === 0) return [[path, usual]];
  return inner.flatMap(([name, one]) =>
    keysOf(one, path === 'venues' ? 'venues.<venue>' : path === '' ? name : `${path}.${name}`),
  );
}

describe('docs/settings.md', () => {
  const rows = page('settings.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const written = new Map(rows.flatMap(([, keys = '', usual = '']) => quoted(keys).map((key) => [key, usual])));
  const known = keysOf(z.toJSONSchema(settingsSchema, { io: 'output' }), '').filter(
    ([key]) => key !== 'venues.<venue>.endpoints',
  );

  it('names every key', () => {
    expect(known.length).toBeGreaterThan(20);
    expect(known.map(([key]) => key).filter((key) => !written.has(key))).toEqual([]);
  });

  it('says the default that holds', () => {
    const given = known.filter(([, usual]) => ['number', 'boolean', 'string'].includes(typeof usual));
    expect(given.length).toBeGreaterThan(15);
    for (const [key, usual] of given)
      expect([key, written.get(key)?.replaceAll('`', '')]).toEqual([key, JSON.stringify(usual)]);
  });
});

it('docs/columns.md names every key of a manifest', () => {
  const text = quoted(section(page('columns.md'), 'manifest.json'));
  const keys = [manifestSchema, streamVerdictSchema, pumpFiguresSchema].flatMap(({ shape }) => Object.keys(shape));
  expect(keys.filter((key) => !text.includes(key))).toEqual([]);
});
