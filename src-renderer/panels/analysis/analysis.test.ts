// A text that was written must not be lost, whatever dies; and a query must be asked with the values that the form shows.
import { describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { createDraftKeeper, type KeeperState } from './draft-keeper.ts';
import { laterUs, mergeDrafts, newDraft, type QueryDraft, shortSql } from './drafts.ts';
import { boundsOf, formOf, namedIn, parseInterval, parseTime, valuesOf } from './parameters.ts';

const draft = (change: Partial<QueryDraft> = {}): QueryDraft => ({
  id: 'a',
  title: '',
  sql: 'SELECT 1',
  parameters: {},
  analysisId: null,
  position: 0,
  updatedUs: 1,
  ...change,
});

function keeperWith(shelfText: string | null, keep: (draft: QueryDraft) => Promise<Result<unknown>>) {
  let text = shelfText;
  let states: KeeperState[] = [];
  const timers: { ms: number; run: () => void }[] = [];
  const dropped: string[] = [];
  const keeper = createDraftKeeper({
    shelf: {
      read: () => text,
      write: (next) => {
        text = next;
      },
    },
    keep,
    drop: async (id) => {
      dropped.push(id);
      return ok({});
    },
    after: (ms, run) => {
      const timer = { ms, run };
      timers.push(timer);
      return () => {
        const at = timers.indexOf(timer);
        if (at >= 0) timers.splice(at, 1);
      };
    },
    onState: (state) => {
      states = [...states, state];
    },
  });
  /** Runs what waits, and what follows from the answers. */
  const tick = async (): Promise<void> => {
    for (const timer of timers.splice(0)) timer.run();
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  };
  return { keeper, tick, timers, dropped, shelf: () => text, state: () => states.at(-1) };
}

describe('the keeper of drafts', () => {
  it('writes into the browser at once and tells the host once per burst', async () => {
    const kept: string[] = [];
    const { keeper, tick, shelf, state } = keeperWith(null, async (one) => {
      kept.push(one.sql);
      return ok({});
    });
    keeper.changed(draft({ sql: 'S' }));
    keeper.changed(draft({ sql: 'SE' }));
    expect(shelf()).toContain('"SE"');
    expect(kept).toEqual([]);
    await tick();
    expect(kept).toEqual(['SE']);
    expect(state()).toEqual({ waiting: 0, trouble: null });
    expect(shelf()).not.toContain('SE');
  });

  it('holds what the host could not take, says why, and tries until it has it', async () => {
    let up = false;
    const kept: string[] = [];
    const { keeper, tick, shelf, state } = keeperWith(null, async (one) => {
      if (!up) return fail('link.lost', 'there is no link to the host', { retry: true });
      kept.push(one.sql);
      return ok({});
    });
    keeper.changed(draft({ sql: 'SELECT 2' }));
    await tick();
    expect(state()).toMatchObject({ waiting: 1, trouble: { message: 'there is no link to the host' } });
    expect(shelf()).toContain('SELECT 2');
    up = true;
    await tick();
    expect(kept).toEqual(['SELECT 2']);
    expect(state()?.waiting).toBe(0);
  });

  it('sends what an earlier visit left, and does not bring back what was closed', async () => {
    const kept: string[] = [];
    const left = JSON.stringify({ drafts: [draft({ sql: 'left' })], dropped: ['gone'] });
    const { keeper, tick, dropped } = keeperWith(left, async (one) => {
      kept.push(one.sql);
      return ok({});
    });
    expect(keeper.unkept().drafts.map((one) => one.sql)).toEqual(['left']);
    expect([...keeper.unkept().dropped]).toEqual(['gone']);
    await tick();
    expect([kept, dropped]).toEqual([['left'], ['gone']]);
  });

  it('does not lose what is written while the host is being told', async () => {
    const kept: string[] = [];
    let answer: (result: Result<unknown>) => void = () => undefined;
    const { keeper, tick } = keeperWith(null, (one) => {
      kept.push(one.sql);
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    keeper.changed(draft({ sql: 'one' }));
    await tick();
    keeper.changed(draft({ sql: 'two' }));
    answer(ok({}));
    await tick();
    await tick();
    expect(kept).toEqual(['one', 'two']);
  });

  it('takes a torn note for none', () => {
    expect(keeperWith('{"drafts": [', async () => ok({})).keeper.unkept().drafts).toEqual([]);
  });
});

describe('drafts', () => {
  it('count by their newer copy, in the order of their tabs', () => {
    const merged = mergeDrafts(
      [draft({ id: 'a', sql: 'host', updatedUs: 5, position: 1 }), draft({ id: 'b', position: 0 })],
      [draft({ id: 'a', sql: 'here', updatedUs: 6, position: 1 }), draft({ id: 'c', position: 2 })],
      new Set(['b']),
    );
    expect(merged.map(({ id, sql }) => [id, sql])).toEqual([
      ['a', 'here'],
      ['c', 'SELECT 1'],
    ]);
  });

  it('are later than their last copy even when the clock goes back', () => {
    expect(laterUs(draft({ updatedUs: 100 }), 50)).toBe(101);
    expect(newDraft([draft({ position: 4 })], {}, 7)).toMatchObject({ position: 5, updatedUs: 7 });
  });

  it('are named by their first words', () => {
    expect(shortSql('-- all\nSELECT  *\n FROM trade')).toBe('SELECT * FROM trade');
    expect(shortSql('x'.repeat(99), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});

describe('parameters', () => {
  it('are those that the SQL names outside of strings and comments', () => {
    expect(namedIn('SELECT \'$no\', "$no" -- $no\n, $coin /* $no */ WHERE a > $from AND b = $coin AND c = $1')).toEqual(
      ['coin', 'from'],
    );
    const described = { name: 'from', type: 'time', label: { en: 'From', ko: '부터' }, initial: 'now-1h' } as const;
    expect(formOf('SELECT $from, $x', [described]).map(({ name, type }) => [name, type])).toEqual([
      ['from', 'time'],
      ['x', 'text'],
    ]);
  });

  it('read lengths and times as people write them', () => {
    const now = 1_000_000_000_000_000;
    expect(['20', '20s', '5m', '1.5h', 'soon'].map(parseInterval)).toEqual([20, 20, 300, 5400, undefined]);
    expect(parseTime('now-1h', 'UTC', now)).toBe(now - 3_600_000_000);
    expect(parseTime('2026-11-21 09:00', 'KST', now)).toBe(Date.UTC(2026, 10, 21) * 1000);
    expect(parseTime('2026-11-21 09:00 KST', 'UTC', now)).toBe(Date.UTC(2026, 10, 21) * 1000);
    expect(parseTime('2026-11-21', 'UTC', now)).toBe(Date.UTC(2026, 10, 21) * 1000);
    expect(parseTime('1763683200000000', 'KST', now)).toBe(1_763_683_200_000_000);
    expect(parseTime('now-x', 'UTC', now)).toBeUndefined();
  });

  it('tell the first text that is no value', () => {
    const form = formOf('$n $t', [
      { name: 'n', type: 'number', label: { en: 'n', ko: 'n' }, initial: '5' },
      { name: 't', type: 'time', label: { en: 't', ko: 't' }, initial: 'now' },
    ]);
    expect(valuesOf(form, {}, 'UTC', 7)).toEqual({ values: { n: 5, t: 7 } });
    expect(valuesOf(form, { n: 'many' }, 'UTC', 7)).toEqual({ trouble: { kind: 'badNumber', name: 'n' } });
  });

  it('refuse a whole number that would be rounded', () => {
    const form = formOf('$n', [{ name: 'n', type: 'number', label: { en: '', ko: '' }, initial: '' }]);
    const read = (n: string) => valuesOf(form, { n }, 'UTC', 7);
    expect(read('9007199254740991')).toEqual({ values: { n: 9_007_199_254_740_991 } });
    for (const text of ['9007199254740993', ' -9007199254740993 ', '9007199254740992.0'])
      expect(read(text)).toEqual({ trouble: { kind: 'longNumber', name: 'n' } });
    expect(read('1e20')).toEqual({ values: { n: 1e20 } });
    expect(read('0.1')).toEqual({ values: { n: 0.1 } });
  });

  it('bound the time by a name or by two moments', () => {
    expect(boundsOf('1h', 7_200_000_000)).toEqual({ fromUs: 3_600_000_000 });
    expect(boundsOf('all', 1)).toEqual({});
    expect(boundsOf('100-200', 1)).toEqual({ fromUs: 100, toUs: 200 });
    expect(boundsOf(undefined, 1)).toEqual({});
  });
});
