// A gap asked for too late is lost for good, and a page asked twice is budget that another gap needed.
import { expect, test } from 'vitest';
import type { StoredGap } from '../warehouse/catalog.ts';
import { earlyUs } from './recover.ts';
import { answeredWith, inOrder } from './repair-order.ts';

const S = 1_000_000;
const NOW = 1_763_600_400 * S;

function gap(id: string, more: Partial<StoredGap> = {}): StoredGap {
  return {
    id,
    stream: 1,
    venue: 'upbit',
    market: 'spot',
    symbol: 'KRW-ABC',
    channel: 'trade',
    state: 'open',
    cause: 'disconnect',
    fromUs: NOW - 100 * S,
    toUs: NOW - 90 * S,
    fromId: null,
    toId: null,
    deadlineUs: null,
    attempts: 0,
    evidence: [],
    openedUs: NOW - 90 * S,
    closedUs: null,
    nextAttemptUs: null,
    ...more,
  };
}

test('what is about to be lost first, then what was asked for, then the nearest deadline; what is lost already last', () => {
  const gaps = [
    gap('none'),
    gap('week', { deadlineUs: NOW + 600_000 * S }),
    gap('wanted', { deadlineUs: NOW + 700_000 * S }),
    gap('minute', { deadlineUs: NOW + 60 * S }),
    gap('second', { deadlineUs: NOW + S }),
    gap('lost', { deadlineUs: NOW - S }),
  ];
  const order = inOrder(gaps, {
    nowUs: NOW,
    wanted: (one) => one.id === 'wanted',
  });
  expect(order.map(({ id }) => id)).toEqual(['second', 'minute', 'wanted', 'week', 'none', 'lost']);
});

test('one page answers every gap of its stream, and none of another', () => {
  const all = [gap('a'), gap('b', { fromUs: NOW - 5000 * S, toUs: NOW - 4000 * S }), gap('c', { stream: 2 })];
  expect(answeredWith(all[0] as StoredGap, all, true).map(({ id }) => id)).toEqual(['b']);
  expect(answeredWith(all[0] as StoredGap, all, false)).toEqual([]);
});

test('elsewhere those close to each other are asked for as one, as far as the chain goes', () => {
  const at = (id: string, from: number, to: number): StoredGap =>
    gap(id, { fromUs: NOW + from * S, toUs: NOW + to * S });
  const all = [at('a', 0, 1), at('b', 3, 4), at('c', 8, 9), at('d', 60, 61), gap('v', { cause: 'volume' })];
  expect(
    answeredWith(all[1] as StoredGap, all, false)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(['a', 'c']);
  const ids = (id: string, from: number, to: number): StoredGap =>
    gap(id, { fromId: String(from), toId: String(to), fromUs: NOW + from * S, toUs: NOW + to * S });
  const numbered = [ids('a', 100, 105), ids('b', 300, 310), ids('c', 5000, 5002), at('t', 106, 107)];
  expect(answeredWith(numbered[0] as StoredGap, numbered, false).map(({ id }) => id)).toEqual(['b']);
});

test('an answer that ended before its gap did is asked for again at once when the venue has had its lateness, and soon until then', () => {
  expect(earlyUs(NOW, NOW - S, 5 * S)).toBe(NOW + 2 * S);
  expect(earlyUs(NOW, NOW - 4 * S, 5 * S)).toBe(NOW + 1.25 * S);
  expect(earlyUs(NOW, NOW - 60 * S, 5 * S)).toBe(NOW + S / 4);
});
