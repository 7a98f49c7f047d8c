// Tests of what the page of an extract says of prices: a wrong figure there is a wrong trade.
import { expect, test } from 'vitest';
import { parseIso, SECOND_US } from '../../../src-shared/base/time.ts';
import type { Gap } from '../../../src-shared/market/gap.ts';
import { gapTable } from './report.ts';
import { moveOf, streamPicture, ticksOf } from './report-picture.ts';

const AT = 1_760_000_000_000_000;
const bucket = (second: number, open: number, close: number) => ({
  us: AT + second * SECOND_US,
  open,
  high: Math.max(open, close),
  low: Math.min(open, close),
  close,
  volume: 1,
  ticks: 1,
});
const stream = (...buckets: ReturnType<typeof bucket>[]) => ({
  instrument: 'upbit:spot:<ABC>-KRW',
  quote: 'KRW',
  buckets,
});

test('moves are from the first price of the window, so that a run before t0 is not hidden', () => {
  const move = moveOf(
    stream(bucket(-20, 100, 100), bucket(-2, 100, 140), bucket(5, 140, 170), bucket(19, 170, 150)),
    AT,
  );
  expect(move).toMatchObject({ first: 100, before: 140, last: 150, peak: 170, peakUs: AT + 5 * SECOND_US });
  expect(move?.percent).toBeCloseTo(70);
  expect(moveOf(stream(bucket(3, 10, 9)), AT)).toMatchObject({ before: null, peak: 9 });
  expect(moveOf(stream(), AT)).toBeUndefined();
});

test('axes carry round values', () => {
  expect(ticksOf(0.0420196, 0.0714572, 3)).toEqual([0.05, 0.06, 0.07].map((value) => expect.closeTo(value)));
  expect(ticksOf(-20, 20, 9)).toEqual([-20, -15, -10, -5, -0, 5, 10, 15, 20].map((value) => expect.closeTo(value)));
  expect(ticksOf(5, 5, 4)).toEqual([5]);
});

test('a picture shows what is not known, and its names are text', () => {
  const window = { fromUs: AT - 20 * SECOND_US, toUs: AT + 20 * SECOND_US };
  const drawn = stream(bucket(-20, 1e-8, 2e-8), bucket(19, 3e-8, 3e-8));
  const scene = { window, atUs: AT, moments: [{ us: AT + SECOND_US, name: 'detected' }] };
  const html = streamPicture(drawn, 0, scene, [{ fromUs: AT - 5 * SECOND_US, toUs: AT + 60 * SECOND_US }]);
  expect(html).toContain('class="hole"');
  expect(html).toContain('detected');
  expect(html).toContain('&lt;ABC&gt;');
  expect(html).not.toMatch(/NaN|Infinity|e-8|<ABC>/);
});

test('a gap is told in both languages, with the date of either zone', () => {
  const gap: Gap = {
    id: '3-1',
    venue: 'upbit',
    market: 'spot',
    symbol: 'KRW-BTC',
    channel: 'trade',
    state: 'venue-hole',
    cause: 'disconnect',
    fromUs: parseIso('2026-11-20T15:00:02.500Z') ?? 0,
    toUs: null,
    fromId: null,
    toId: null,
    deadlineUs: null,
    attempts: 0,
    evidence: [],
    openedUs: 0,
    closedUs: null,
  };
  const html = gapTable([gap]);
  expect(html).toContain(
    '<span lang="en">disconnect, venue-hole</span><span lang="ko">연결 끊김, 거래소 자체 공백</span>',
  );
  expect(html).toContain('2026-11-20 15:00:02.500 UTC · 2026-11-21 00:00:02.500 KST');
});
