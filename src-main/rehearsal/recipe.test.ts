// A recipe that cannot be played is refused by name, and every recipe that ships can be played.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRecipe, readRecipe } from './recipe.ts';

const recipes = join(import.meta.dirname, '..', '..', 'resources', 'recipes');

function complaint(raw: unknown): string {
  const result = parseRecipe(raw);
  return result.ok ? 'accepted' : result.failure.message;
}

const btc = { base: 'BTC', price: 1, ratePerSecond: 1 };

describe('recipes', () => {
  it.each(readdirSync(recipes))('%s can be played', (name) => {
    expect(readRecipe(join(recipes, name))).toMatchObject({ ok: true });
  });

  it('names what is wrong', () => {
    expect(complaint({ version: 1, instruments: [btc], instrumnts: [] })).toContain('instrumnts');
    expect(complaint({ version: 1 })).toContain('nothing would be printed');
    expect(complaint({ version: 1, instruments: [{ ...btc, ratePerSecond: -1 }] })).toContain(
      'instruments.0.ratePerSecond',
    );
    expect(complaint({ version: 1, instruments: [btc, btc] })).toContain('given twice');
    expect(complaint({ version: 1, instruments: [btc], listing: [{ coin: 'POD', atSeconds: 1 }] })).toContain(
      'POD is not among',
    );
    expect(complaint({ version: 1, instruments: [btc], faults: [{ atSeconds: 1, kind: 'skew' }] })).toContain(
      'skew needs ms',
    );
    expect(complaint({ version: 1, instruments: [btc], faults: [{ atSeconds: 1, kind: 'explode' }] })).toContain(
      'faults.0.kind',
    );
  });

  it('says when the file is missing or no JSON', () => {
    expect(readRecipe('/no/such/recipe.json')).toMatchObject({
      ok: false,
      failure: { code: 'rehearsal.recipe-unreadable' },
    });
    expect(readRecipe(import.meta.filename)).toMatchObject({
      ok: false,
      failure: { code: 'rehearsal.recipe-invalid' },
    });
  });
});
