// Changed keys: nobody loses a key unseen, and the keys that move things everywhere stay.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Command } from './commands.ts';
import { boundKey, commandFor, conflictsOf, fitnessOf, parseShortcuts } from './shortcuts.ts';

const command = (id: string, keys?: string): Command => ({
  id,
  title: id,
  section: 'View',
  ...(keys === undefined ? {} : { keys }),
  run: () => undefined,
});
const all = [command('live', '1'), command('extract', 'E'), command('add', 'N'), command('quiet')];

describe('changed keys', () => {
  it('replace, add and take away', () => {
    const changed = { extract: 'X', quiet: 'Q', add: '' };
    expect(all.map((entry) => boundKey(entry, changed))).toEqual(['1', 'X', undefined, 'Q']);
    expect(commandFor(all, 'X', changed)?.id).toBe('extract');
    expect(commandFor(all, 'E', changed)).toBeUndefined();
    expect(commandFor(all, 'N', changed)).toBeUndefined();
  });

  it('name who has the key already', () => {
    expect(conflictsOf(all, 'quiet', 'E', {}).map((entry) => entry.id)).toEqual(['extract']);
    expect(conflictsOf(all, 'extract', 'E', {})).toEqual([]);
    expect(conflictsOf(all, 'quiet', 'E', { extract: 'X' })).toEqual([]);
  });

  it('given by the reader win over those of the code', () => {
    expect(commandFor(all, '1', { quiet: '1' })?.id).toBe('quiet');
  });

  it('are refused where they would take movement away or cannot be written', () => {
    for (const keys of ['Enter', 'Tab', 'ArrowDown', 'Escape', ' ', 'Mod+Enter']) expect(fitnessOf(keys)).toBe('fixed');
    for (const keys of ['`', 'Shift', 'Mod+Control', 'F5']) expect(fitnessOf(keys)).toBe('never');
    for (const keys of ['E', '/', '?', 'Mod+K', 'Mod+Shift+P']) expect(fitnessOf(keys)).toBe('fits');
    expect(parseShortcuts({ a: 'E', b: 5, c: 'Tab', d: '' })).toEqual({ a: 'E', d: '' });
    expect(parseShortcuts(null)).toEqual({});
  });
});

describe('keys of the code', () => {
  const top = join(import.meta.dirname, '..');
  const keysIn = (file: string): string[] =>
    [...readFileSync(join(top, file), 'utf8').matchAll(/\bkeys: '([^']+)'/g)].map(([, keys = '']) => keys);

  it('of a panel are none that the shell has everywhere', () => {
    const everywhere = new Set(keysIn(join('shell', 'shell-commands.ts')));
    expect(everywhere).toContain('Z');
    const files = readdirSync(join(top, 'panels'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.tsx?$/.test(name),
    );
    const twice = files.flatMap((file) =>
      keysIn(join('panels', file))
        .filter((keys) => everywhere.has(keys))
        .map((keys) => `${keys} in ${file}`),
    );
    expect(files.length).toBeGreaterThan(50);
    expect(twice).toEqual([]);
  });
});
