// What is drawn must be what was traded: no tick of a moment lost, no stream moved against another.
import { expect, it } from 'vitest';
import { addBars, columnsOf, drawnAt, streamKey } from './series-columns.ts';

it('puts streams on one axis and keeps every tick of a moment', () => {
  const a = { at: [-1_000_000, 0, 0, 0, 2_000_000], price: [100, 101, 105, 99, 110] };
  const b = { at: [0, 1_500_000], price: [7, 8] };
  const { seconds, values } = columnsOf([a, b], (price, stream) => (stream === 0 ? price - 100 : price));
  expect([...seconds]).toEqual([-1, 0, 0, 0, 0, 1.5, 2]);
  expect(values).toEqual([
    [0, 1, 5, -1, null, null, 10],
    [null, null, null, null, 7, 8, null],
  ]);
  expect(columnsOf([], () => 1)).toEqual({ seconds: new Float64Array(0), values: [] });
});

it('adds the bars of streams by their begin', () => {
  const bars = (at: number[], volume: number[]) => ({
    bars: { at, volume, bought: volume.map((one) => one / 2), trades: at.map(() => 1) },
  });
  expect(addBars([bars([0, 5_000_000], [1, 2]), bars([5_000_000, 10_000_000], [4, 8])])).toEqual({
    seconds: [0, 5, 10],
    volume: [1, 6, 8],
    bought: [0.5, 3, 4],
    trades: [1, 2, 1],
  });
});

it('finds the price that holds at a moment', () => {
  const stream = { at: [0, 10, 10, 20], price: [1, 2, 3, 4] };
  expect([-1, 0, 9, 10, 15, 99].map((us) => drawnAt(stream, us))).toEqual([null, 1, 1, 3, 3, 4]);
  expect(streamKey({ instrument: 'a' })).not.toBe(streamKey({ instrument: 'a', channel: 'trade' }));
});
