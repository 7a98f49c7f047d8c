// Venues ban an address that asks too often: whoever asks, the budget holds, and what matters most goes first.
import { expect, test, vi } from 'vitest';
import { type Turn, Turns } from './turns.ts';

const taken = async (
  turns: Turns,
  asked: readonly (readonly [Turn, string, number?])[],
): Promise<{ order: string[]; settle: () => void }> => {
  const order: string[] = [];
  for (const [turn, name, weight = 1] of asked) {
    void turns.acquire(weight, turn).then((answered) => {
      if (answered) order.push(name);
      answered?.();
    });
  }
  await Promise.resolve();
  return { order, settle: () => undefined };
};

test('lines dial first, lists next, repair before candles; within a rank first come, first served', async () => {
  vi.useFakeTimers();
  const turns = new Turns({ weight: 1, perMs: 100 });
  const { order } = await taken(turns, [
    ['candles', 'now'],
    ['candles', 'c'],
    ['repair', 'r1'],
    ['repair', 'r2'],
    ['list', 'l'],
    ['dial', 'd'],
  ]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(order).toEqual(['now', 'd', 'l', 'r1', 'r2', 'c']);
  vi.useRealTimers();
});

test('the budget holds over all ranks, and candles take no more than a fifth of it', async () => {
  vi.useFakeTimers();
  const turns = new Turns({ weight: 10, perMs: 1000 });
  const { order } = await taken(
    turns,
    Array.from({ length: 30 }, (_, n) => ['candles', `c${n}`] as const),
  );
  await vi.advanceTimersByTimeAsync(1);
  expect(order.length).toBe(2);
  for (let n = 0; n < 30; n += 1)
    void turns.acquire(1, 'repair').then((answered) => {
      order.push(`r${n}`);
      answered?.();
    });
  await vi.advanceTimersByTimeAsync(1);
  expect(order.length).toBe(10);
  expect(order.slice(2).every((name) => name.startsWith('r'))).toBe(true);
  await vi.advanceTimersByTimeAsync(1000);
  expect(order.length).toBe(20);
  vi.useRealTimers();
});

test('pages take no more than two fifths of the budget, and while they wait for their share candles go', async () => {
  vi.useFakeTimers();
  const turns = new Turns({ weight: 10, perMs: 1000 });
  const { order } = await taken(turns, [
    ...Array.from({ length: 30 }, (_, n) => ['pages', `p${n}`] as const),
    ...Array.from({ length: 30 }, (_, n) => ['candles', `c${n}`] as const),
  ]);
  await vi.advanceTimersByTimeAsync(1);
  expect(order).toEqual(['p0', 'p1', 'p2', 'p3', 'c0', 'c1']);
  for (let n = 0; n < 30; n += 1)
    void turns.acquire(1, 'repair').then((answered) => {
      order.push(`r${n}`);
      answered?.();
    });
  await vi.advanceTimersByTimeAsync(1);
  expect(order.slice(6)).toEqual(['r0', 'r1', 'r2', 'r3']);
  vi.useRealTimers();
});

test('what a venue said when it refused is told until it answers, and only while somebody waits', async () => {
  vi.useFakeTimers();
  const turns = new Turns({ weight: 100, perMs: 1000 });
  turns.refused(500, 'too many');
  expect(turns.refusing).toEqual({ sinceMs: 0, forMs: 500, note: 'too many' });
  await vi.advanceTimersByTimeAsync(501);
  expect(turns.refusing).toEqual({ sinceMs: 501, forMs: 0, note: 'too many' });
  // Nobody asks any more: whether it answers is not known.
  await vi.advanceTimersByTimeAsync(30_000);
  expect(turns.refusing).toBeNull();
  const answered = await turns.acquire(1, 'repair');
  const next = turns.acquire(1, 'repair');
  expect(turns.refusing).toMatchObject({ forMs: 0, note: 'too many' });
  turns.refused(500, 'still too many');
  answered?.();
  expect(turns.refusing).toEqual({ sinceMs: 30_501, forMs: 2000, note: 'still too many' });
  await vi.advanceTimersByTimeAsync(2001);
  const last = await next;
  turns.granted();
  expect(turns.refusing).toBeNull();
  last?.();
  turns.away(100, 'in trouble');
  expect(turns.refusing).toEqual({ sinceMs: 0, forMs: 100, note: 'in trouble' });
  vi.useRealTimers();
});

test('a closed venue is left alone by all; one in trouble is asked by dialling lines only, with growing pauses', async () => {
  vi.useFakeTimers();
  const turns = new Turns({ weight: 100, perMs: 1000 });
  expect(turns.refusing).toBeNull();
  turns.refused(500, 'too many');
  const closed = await taken(turns, [['dial', 'd']]);
  await vi.advanceTimersByTimeAsync(499);
  expect(closed.order).toEqual([]);
  await vi.advanceTimersByTimeAsync(2);
  expect(closed.order).toEqual(['d']);

  turns.heard(false);
  turns.heard(false);
  const troubled = await taken(turns, [
    ['repair', 'r'],
    ['dial', 'd'],
  ]);
  expect(troubled.order).toEqual(['d']);
  await vi.advanceTimersByTimeAsync(251);
  expect(troubled.order).toEqual(['d', 'r']);
  for (let n = 0; n < 12; n += 1) {
    turns.heard(false);
    await vi.advanceTimersByTimeAsync(15_000);
  }
  turns.heard(false);
  const long = await taken(turns, [['repair', 'r']]);
  await vi.advanceTimersByTimeAsync(7000);
  expect(long.order).toEqual([]);
  turns.heard(true);
  await taken(turns, [['list', 'l']]);
  await vi.advanceTimersByTimeAsync(1);
  expect(long.order).toEqual(['r']);
  vi.useRealTimers();
});

test('a server in trouble that names a time keeps nobody from dialling', async () => {
  vi.useFakeTimers();
  const turns = new Turns({ weight: 100, perMs: 1000 });
  turns.away(60_000, 'REST answered 503');
  const { order } = await taken(turns, [
    ['repair', 'r'],
    ['dial', 'd'],
  ]);
  // What the dialling line hears does not make the other answer come.
  turns.heard(true);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(order).toEqual(['d']);
  expect(turns.refusing).toMatchObject({ note: 'REST answered 503' });
  await vi.advanceTimersByTimeAsync(1001);
  expect(order).toEqual(['d', 'r']);
  vi.useRealTimers();
});

test('a process that begins while the venue refuses asks one question at a time, like the one before it would have', async () => {
  vi.useFakeTimers();
  const past = { spent: [], closedUntilMs: performance.now() + 500 };
  const turns = new Turns({ weight: 100, perMs: 1000 }, { past, spent: () => undefined, closed: () => undefined });
  expect(turns.refusing).toEqual({ sinceMs: 0, forMs: 500, note: null });
  const asked: (() => void)[] = [];
  for (let n = 0; n < 20; n += 1) void turns.acquire(1, 'repair').then((answered) => answered && asked.push(answered));
  await vi.advanceTimersByTimeAsync(501);
  expect(asked).toHaveLength(1);
  turns.granted();
  asked[0]?.();
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toHaveLength(20);
  vi.useRealTimers();
});

test('who no longer wants its turn is passed over', async () => {
  const turns = new Turns({ weight: 1, perMs: 20 });
  const stop = new AbortController();
  const answered = await turns.acquire(1, 'repair');
  const gone = turns.acquire(1, 'repair', stop.signal);
  const next = turns.acquire(1, 'repair');
  stop.abort();
  expect(await gone).toBeNull();
  answered?.();
  expect(await next).not.toBeNull();
});

test('nobody else is let go while what is under way may still be counted', async () => {
  vi.useFakeTimers();
  const turns = new Turns({ weight: 1, perMs: 100 });
  const answered = await turns.acquire(1, 'repair');
  const next = await taken(turns, [['dial', 'd']]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(next.order).toEqual([]);
  answered?.();
  await vi.advanceTimersByTimeAsync(99);
  expect(next.order).toEqual([]);
  await vi.advanceTimersByTimeAsync(2);
  expect(next.order).toEqual(['d']);
  vi.useRealTimers();
});
