// Tests of the settings form without a page: every setting has its field and its text, and the draft changes only where it is touched.
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
import { settingsEn, settingsKo } from '../../i18n/settings.ts';
import {
  asJson,
  change,
  replaceDraft,
  sameJson,
  settle,
  undoAll,
  undoAt,
  useDraft,
  valueAt,
  withValue,
  wordsOf,
} from './draft.ts';
import { allFields, fieldKeys, fieldsUnder, keyOf } from './form-model.ts';
import { parseSettingsFile } from './settings-file.ts';
import { kindOf, namesOf, symbolsOf } from './symbols-field.tsx';
import { fieldAt, usualVenue } from './words.ts';

describe('the form', () => {
  it('has a text in both languages for every setting of the schema, and for nothing else', () => {
    expect(fieldKeys().length).toBeGreaterThan(20);
    for (const { fields } of [settingsEn, settingsKo]) {
      expect(Object.keys(fields).sort()).toEqual(fieldKeys().sort());
      for (const { title, what } of Object.values(fields)) {
        expect(title.trim()).not.toBe('');
        expect(what.trim()).not.toBe('');
      }
    }
    for (const field of allFields()) {
      const unit = Object.entries(settingsEn.fields).find(([key]) => key === field.key)?.[1].unit;
      // A figure without its unit would be a riddle.
      if (field.field.kind === 'number') expect(unit, field.key).toBeTruthy();
    }
  });

  it('knows the kinds, ranges and usual values of the schema', () => {
    const at = (part: string, ...path: string[]) => fieldsUnder(part, ...path)[0];
    expect(at('notices', 'upbit', 'everySeconds')).toMatchObject({
      field: { kind: 'number', min: 1, max: 60, scale: 1 },
      usual: 2,
    });
    expect(at('disk', 'warnBytes')?.field).toMatchObject({ kind: 'number', scale: 1024 ** 3, max: null });
    expect(at('venues', 'upbit', 'lines')?.field).toEqual({ kind: 'choice', options: [1, 2] });
    expect(at('venues', 'upbit', 'markets')?.field).toMatchObject({ kind: 'several' });
    expect(at('extract', 'format')?.field).toMatchObject({ kind: 'choice', options: ['parquet', 'csv', 'jsonl'] });
    expect(keyOf(['venues', 'okx', 'endpoints', 'perp', 'ws'])).toBe('venues.*.endpoints.*.ws');
    expect(fieldAt(['venues', 'okx', 'symbols', 'quote', 0])?.key).toBe('venues.*.symbols');
  });

  it('gives a new venue settings that the recorder takes', () => {
    for (const venue of ['binance', 'upbit'] as const)
      expect(settingsSchema.safeParse({ version: 1, venues: { [venue]: usualVenue(venue) } }).success).toBe(true);
  });

  it('reads and writes the four ways to choose symbols', () => {
    for (const [kind, names] of [
      ['all', []],
      ['quote', ['USDT']],
      ['coin', ['BTC', 'SOL']],
      ['list', ['KRW-BTC']],
    ] as const) {
      const value = symbolsOf(kind, names);
      expect(kindOf(value)).toBe(kind);
      expect(namesOf(value)).toEqual(names);
    }
    expect(wordsOf(' BTC,ETH ; SOL\n')).toEqual(['BTC', 'ETH', 'SOL']);
  });
});

describe('the draft', () => {
  const inForce = settingsSchema.parse({ version: 1, venues: { upbit: { markets: ['spot'] } } });

  it('changes at one place and leaves the rest as it is', () => {
    const root = asJson(inForce);
    if (root === undefined) throw new Error('not JSON');
    const next = withValue(root, ['venues', 'upbit', 'lines'], 2);
    expect(valueAt(next, ['venues', 'upbit', 'lines'])).toBe(2);
    expect(valueAt(root, ['venues', 'upbit', 'lines'])).toBe(1);
    expect(valueAt(next, ['retention'])).toBe(valueAt(root, ['retention']));
    expect(sameJson(withValue(next, ['venues', 'upbit', 'lines'], 1), root)).toBe(true);
    expect(valueAt(withValue(root, ['venues', 'upbit'], undefined), ['venues'])).toEqual({});
    expect(withValue(root, ['venues', 'okx', 'lines'], undefined)).toEqual(root);
    expect(withValue({ a: ['x', 'y'] }, ['a', 0], undefined)).toEqual({ a: ['y'] });
    expect(valueAt(root, ['constructor'])).toBeUndefined();
  });

  it('is dirty while it differs, and comes back by undo', () => {
    settle(inForce);
    change(['retention', 'rawDays'], 9);
    change(['retention', 'hotHours'], 3);
    expect(useDraft.getState().dirty).toBe(true);
    undoAt(['retention', 'rawDays']);
    expect(valueAt(useDraft.getState().draft, ['retention'])).toEqual({ rawDays: 5, hotHours: 3 });
    change(['retention', 'hotHours'], 2);
    expect(useDraft.getState().dirty).toBe(false);
    replaceDraft({ version: 1, strange: true });
    expect(useDraft.getState().dirty).toBe(true);
    undoAll();
    expect(useDraft.getState()).toMatchObject({ dirty: false });
  });

  it('survives what others apply meanwhile, and says so', () => {
    settle(inForce);
    change(['retention', 'rawDays'], 9);
    settle({ ...inForce, retention: { rawDays: 5, hotHours: 7 } });
    expect(valueAt(useDraft.getState().draft, ['retention', 'rawDays'])).toBe(9);
    expect(useDraft.getState().movedOn).toBe(true);
    undoAll();
    expect(valueAt(useDraft.getState().draft, ['retention', 'hotHours'])).toBe(7);
  });

  it('reads a file, and nothing that is none', () => {
    expect(parseSettingsFile('\uFEFF{"version":1}')).toEqual({ version: 1 });
    expect(parseSettingsFile('{"version":1,}')).toBeUndefined();
  });
});
