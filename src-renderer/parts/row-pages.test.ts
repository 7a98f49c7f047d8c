// Only what is in sight is fetched, memory has a bound, and a result that still grows is shown to its present end.
import { describe, expect, it } from 'vitest';
import { fail, type Result } from '../../src-shared/base/result.ts';
import { createRowPages } from './row-pages.ts';

function source(rows: () => number) {
  const calls: {
    offset: number;
    limit: number;
    signal: AbortSignal;
    answer(result: Result<readonly number[]>): void;
  }[] = [];
  const pages = createRowPages<number>({
    pageRows: 10,
    keep: 3,
    fetch: (offset, limit, signal) =>
      new Promise((resolve) => {
        calls.push({ offset, limit, signal, answer: resolve });
      }),
  });
  const value = (offset: number): Result<readonly number[]> => ({
    ok: true,
    value: Array.from({ length: Math.max(0, Math.min(10, rows() - offset)) }, (_, at) => offset + at),
  });
  /** Answers all calls, also those that an answer leads to. */
  const settle = async (): Promise<void> => {
    while (calls.length > 0) {
      const call = calls.shift();
      call?.answer(value(call.offset));
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  return { pages, calls, value, settle };
}

describe('pages of rows', () => {
  it('fetches the pages in sight and nothing else', async () => {
    const { pages, calls, settle } = source(() => 1000);
    pages.want(505, 518, 1000);
    expect(calls.map((call) => call.offset)).toEqual([500, 510]);
    await settle();
    expect(pages.row(517)).toBe(517);
    expect(pages.row(0)).toBeUndefined();
    pages.want(506, 519, 1000);
    expect(calls).toEqual([]);
  });

  it('gives up what is no longer in sight, and keeps no more than its bound', async () => {
    const { pages, calls, settle } = source(() => 1000);
    pages.want(0, 30, 1000);
    const first = calls[0];
    pages.want(900, 910, 1000);
    expect(first?.signal.aborted).toBe(true);
    await settle();
    for (const from of [0, 100, 200, 300]) {
      pages.want(from, from + 10, 1000);
      await settle();
    }
    expect([0, 100, 200, 300].map((row) => pages.row(row))).toEqual([undefined, 100, 200, 300]);
  });

  it('fetches the last page again when more rows are told of', async () => {
    let rows = 4;
    const { pages, calls, settle } = source(() => rows);
    pages.want(0, 10, 4);
    await settle();
    expect(pages.row(3)).toBe(3);
    rows = 8;
    pages.want(0, 10, 8);
    expect(calls.map((call) => call.offset)).toEqual([0]);
    // What is here stays until the new page has come.
    expect(pages.row(3)).toBe(3);
    await settle();
    expect(pages.row(7)).toBe(7);
  });

  it('asks again for a page that was read before the last rows came', async () => {
    let rows = 4;
    const { pages, calls, value, settle } = source(() => rows);
    pages.want(0, 10, 4);
    pages.want(0, 10, 8);
    calls.shift()?.answer(value(0));
    await Promise.resolve();
    await Promise.resolve();
    expect(calls.map((call) => call.offset)).toEqual([0]);
    rows = 8;
    await settle();
    expect(pages.row(7)).toBe(7);
    expect(calls).toEqual([]);
  });

  it('asks a few times and no more for rows that never come', async () => {
    const { pages, calls, value } = source(() => 4);
    pages.want(0, 10, 8);
    let answered = 0;
    for (let call = calls.shift(); call && answered < 50; call = calls.shift()) {
      answered += 1;
      call.answer(value(call.offset));
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(answered).toBe(3);
    expect(pages.row(3)).toBe(3);
    pages.want(0, 9, 8);
    expect(calls.map((call) => call.offset)).toEqual([0]);
  });

  it('tells a failure once, and asks again when told to', async () => {
    const { pages, calls, settle } = source(() => 20);
    let told = 0;
    pages.subscribe(() => {
      told += 1;
    });
    pages.want(0, 10, 20);
    calls.shift()?.answer(fail('analysis.gone', 'the result is gone'));
    await Promise.resolve();
    await Promise.resolve();
    expect(pages.failure()?.code).toBe('analysis.gone');
    pages.want(0, 10, 20);
    expect(calls).toEqual([]);
    pages.retry();
    await settle();
    expect(pages.failure()).toBeNull();
    expect(pages.row(9)).toBe(9);
    expect(told).toBe(3);
  });

  it('reads any range in order, over pages that are here and pages that are not', async () => {
    const { pages, settle } = source(() => 35);
    pages.want(10, 20, 35);
    await settle();
    const reading = pages.read(8, 33, 35);
    await settle();
    await settle();
    const result = await reading;
    expect(result.ok && result.value).toEqual(Array.from({ length: 25 }, (_, at) => at + 8));
  });
});
