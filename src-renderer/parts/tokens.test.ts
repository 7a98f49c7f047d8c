// Both themes can be read: every pair of text and ground that is used has AA contrast, and what must be seen without text has 3 to 1.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contrast, readTokens, type Tokens } from './contrast.ts';

const { dark, light } = readTokens(readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8'));

const grounds = ['--ground', '--surface', '--surface-raised', '--surface-hover', '--surface-pressed', '--field'];
const texts = ['--text', '--text-second', '--text-third', '--ok', '--busy', '--warn', '--bad', '--idle', '--accent'];
const venueLines = [...dark.keys()].filter((name) => name.startsWith('--venue-'));

/** Text and its ground, 4.5 to 1. */
const readable: readonly (readonly [string, string])[] = [
  ...texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)),
  ['--warn', '--warn-ground'],
  ['--text', '--warn-ground'],
  ['--bad', '--bad-ground'],
  ['--text', '--bad-ground'],
  ['--text-second', '--bad-ground'],
  ['--text', '--accent-ground'],
  ['--text-second', '--accent-ground'],
  ['--text-third', '--accent-ground'],
  ['--accent-text', '--accent'],
  ['--accent-text', '--accent-hover'],
  ['--accent-text', '--accent-pressed'],
  ['--chart-axis', '--surface'],
];

/** Shapes and lines and their ground, 3 to 1. */
const visible: readonly (readonly [string, string])[] = [
  ...['--ground', '--surface', '--surface-raised'].map((ground) => ['--line-field', ground] as const),
  ...grounds.map((ground) => ['--accent', ground] as const),
  ...[...venueLines, '--chart-total', '--chart-t0', '--chart-up', '--chart-down'].map(
    (line) => [line, '--surface'] as const,
  ),
];

function failures(tokens: Tokens, pairs: readonly (readonly [string, string])[], least: number): string[] {
  return pairs.flatMap(([one, other]) => {
    const ratio = contrast(tokens.get(one) ?? '', tokens.get(other) ?? '');
    return ratio < least ? [`${one} on ${other}: ${ratio.toFixed(2)}`] : [];
  });
}

describe.each([
  ['dark', dark],
  ['light', light],
])('the %s theme', (_name, tokens) => {
  it('has AA contrast for text', () => expect(failures(tokens, readable, 4.5)).toEqual([]));
  it('has 3 to 1 for edges and lines', () => expect(failures(tokens, visible, 3)).toEqual([]));
});

describe('the two themes', () => {
  it('set the same colours: none is forgotten in the light one', () => {
    const colours = [...dark].filter(([, value]) => /^(#|rgb)/.test(value)).map(([name]) => name);
    expect(colours.filter((name) => dark.get(name) === light.get(name))).toEqual([]);
  });
});

describe('contrast', () => {
  it('is what WCAG computes', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(() => contrast('red', '#ffffff')).toThrow(/no colour/);
  });
});
