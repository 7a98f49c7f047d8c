// A venue in trouble answers with lists that hold nothing or little: what is recorded must not end because of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ok, type Result, unwrap } from '../../src-shared/base/result.ts';
import { binanceSpot } from '../feeds/binance/binance.ts';
import { type JournalWriter, openJournal } from '../journal/writer.ts';
import { WallClock } from './clock.ts';
import { ListPoll, type SymbolList } from './list-poll.ts';

let dir: string;
let journal: JournalWriter;
let list: readonly string[] = [];
const names = (count: number, prefix = 'S'): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}USDT`);

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'list-'));
  journal = unwrap(await openJournal(dir));
});
afterEach(async () => {
  await journal.close();
  rmSync(dir, { recursive: true, force: true });
});

function poll(doubtMs?: number): ListPoll {
  return new ListPoll({
    feed: binanceSpot,
    rest: {
      get: async () => {
        const symbols = list.map((symbol) => {
          const base = symbol.replace('USDT', '');
          return { symbol, status: 'TRADING', baseAsset: base, quoteAsset: 'USDT' };
        });
        return ok({ status: 200, headers: {}, body: Buffer.from(JSON.stringify({ symbols })) });
      },
    },
    lineNo: journal.line({ venue: 'binance', market: 'spot', line: 0, role: 'rest', slot: 0 }),
    journal,
    clock: new WallClock(),
    worker: null,
    ...(doubtMs === undefined ? {} : { doubtMs }),
  });
}

const never = new AbortController().signal;
const told = (asked: Result<SymbolList>): string =>
  asked.ok ? `${asked.value.instruments.length}` : asked.failure.code;

test('an empty list, or one that lacks most of the symbols, is not believed; others are', async () => {
  const lists = poll();
  list = names(100);
  expect(told(await lists.ask(never))).toBe('100');
  list = [];
  expect(told(await lists.ask(never))).toBe('instruments.doubtful');
  list = names(49);
  const asked = await lists.ask(never);
  expect(asked).toMatchObject({ ok: false, failure: { retry: true } });
  expect(asked.ok ? '' : asked.failure.message).toContain('holds only 49 of 100 symbols');
  list = [...names(60), ...names(5, 'NEW')];
  expect(told(await lists.ask(never))).toBe('65');
});

test('a list that lacks most of the symbols is believed when the venue stays with it, an empty one never', async () => {
  const lists = poll(0);
  list = names(100);
  await lists.ask(never);
  list = [];
  expect(told(await lists.ask(never))).toBe('instruments.doubtful');
  list = names(3);
  expect(told(await lists.ask(never))).toBe('3');
});

test('an empty list is no news where nothing was ever listed, and none after a restart', async () => {
  list = [];
  expect(told(await poll().ask(never))).toBe('0');
  const lists = poll();
  list = names(1);
  const first = await lists.ask(never);
  const again = poll();
  again.knows(first.ok ? first.value.instruments : []);
  list = [];
  expect(told(await again.ask(never))).toBe('instruments.doubtful');
});

test('after a restart a list that lacks most of what was known is no more believed than before it', async () => {
  list = names(100);
  const first = await poll().ask(never);
  const again = poll();
  again.knows(first.ok ? first.value.instruments : []);
  list = names(49);
  expect(told(await again.ask(never))).toBe('instruments.doubtful');
  list = names(60);
  expect(told(await again.ask(never))).toBe('60');
});
