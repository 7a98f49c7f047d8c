// Keys are what keeps a trade from being stored twice, or a new one from being taken for an old one: every id must stay itself.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Key, KeyBudget, KeyTable } from './keys.ts';
import { DOUBTFUL, NEW, SEEN, sequenceUnique } from './sequence.ts';
import { StreamState } from './stream-state.ts';

const key = new Key();

function take(id: number | string): Key {
  if (typeof id === 'number') key.ofNumber(id);
  else key.ofText(id);
  return key;
}

/** Ids as venues give them, and any other. */
const ids = fc.oneof(
  fc.maxSafeNat(),
  fc.uuid(),
  fc.bigInt(10n ** 16n, 10n ** 19n).map(String),
  fc.integer({ min: 0, max: 50 }),
  fc.integer({ min: 0, max: 50 }).map(String),
  fc.string({ minLength: 1, maxLength: 200 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => text.isWellFormed()),
);

describe('keys', () => {
  it('are remembered as a map remembers them, through growth and forgetting', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(ids, fc.nat(3)), { maxLength: 400 }), (steps) => {
        const table = new KeyTable();
        const map = new Map<number | string, number>();
        for (const [running, [id, what]] of steps.entries()) {
          if (what === 3 && running % 97 === 0) {
            table.clear();
            map.clear();
          }
          expect(table.get(take(id))).toBe(map.get(id));
          if (what === 0) continue;
          table.set(take(id), running);
          map.set(id, running);
          expect(table.size).toBe(map.size);
        }
        for (const [id, running] of map) expect(table.get(take(id))).toBe(running);
      }),
      { numRuns: 200 },
    );
  });

  it('that lie in a message are the same as their text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uuid(), fc.bigInt(10n ** 16n, 10n ** 19n).map(String)), fc.nat(20), (id, from) => {
        const table = new KeyTable();
        table.set(take(id), 5);
        key.ofBytes(Buffer.from(`${'x'.repeat(from)}${id}"`), from, from + id.length);
        expect(table.get(key)).toBe(5);
        key.ofBytes(Buffer.from(id), 0, id.length - 1);
        expect(table.get(key)).toBeUndefined();
      }),
    );
  });

  it('of one hash are told by their bytes', () => {
    const table = new KeyTable();
    const hash = take('a').hash;
    const forged = (text: string): Key => {
      key.ofText(text);
      key.hash = hash;
      return key;
    };
    for (let n = 0; n < 100; n += 1) table.set(forged(`id-${n}`), n);
    for (let n = 0; n < 100; n += 1) expect(table.get(forged(`id-${n}`))).toBe(n);
    expect(table.get(forged('id-100'))).toBeUndefined();
    expect(table.get(forged('id-1x'))).toBeUndefined();
  });

  it('that are a number and the same digits as text are two', () => {
    const table = new KeyTable();
    table.set(take(7), 1);
    expect(table.get(take('7'))).toBeUndefined();
    table.set(take('7'), 2);
    expect(table.get(take(7))).toBe(1);
    for (const id of [0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53 - 2 ** 32 - 1]) {
      expect(table.get(take(id))).toBeUndefined();
      table.set(take(id), id);
    }
    for (const id of [0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) expect(table.get(take(id))).toBe(id);
  });

  it('run into tens of thousands, ascending ones spread', () => {
    const table = new KeyTable();
    const first = 23_715_934_308_417_536n;
    for (let n = 0; n < 30_000; n += 1) table.set(take(String(first + BigInt(n))), n);
    expect(table.size).toBe(30_000);
    for (let n = 0; n < 30_000; n += 1) expect(table.get(take(String(first + BigInt(n))))).toBe(n);
    expect(table.get(take(String(first + 30_000n)))).toBeUndefined();
  });
});

describe('keys of many streams', () => {
  it('stay within their budget; what is forgotten for it is asked for, and never taken for new', () => {
    const T0 = 1_790_000_000_000_000;
    const budget = new KeyBudget(20_000);
    const names = Array.from({ length: 100 }, (_, n) => `S${n}USDT`);
    const streams = names.map(
      (symbol, n) => new StreamState(n, { venue: 'bybit', market: 'spot', symbol, channel: 'trade' }, 'unique', budget),
    );
    let running = 0;
    let most = 0;
    const see = (stream: StreamState, id: string, us: number): number => {
      running += 1;
      return sequenceUnique(stream, take(id), us, running, running);
    };
    // Five minutes at 1,000 a second: 300,000 keys.
    for (let n = 0; n < 300_000; n += 1) {
      const stream = streams[n % 100] as StreamState;
      const us = T0 + n * 1000;
      expect(see(stream, `id-${n}`, us)).toBe(NEW);
      if (n >= 8000 && n % 977 === 0)
        expect(see(streams[(n - 8000) % 100] as StreamState, `id-${n - 8000}`, us - 8e6)).toBe(SEEN);
      if (n >= 60_000 && n % 977 === 0)
        expect(see(streams[(n - 60_000) % 100] as StreamState, `id-${n - 60_000}`, us - 60e6)).toBe(DOUBTFUL);
      most = Math.max(most, budget.held);
    }
    expect(most).toBeLessThan(2 * budget.most);
    expect(budget.held).toBe(streams.reduce((sum, stream) => sum + stream.recent.size + stream.older.size, 0));
  });
});
