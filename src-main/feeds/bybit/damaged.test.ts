// Damaged Bybit frames: nothing crashes, both paths agree, no trade is invented.
import type { CollectedRow } from '../collecting-sink.fixture.ts';
import { describeDamage } from '../damage.fixture.ts';
import { bybitPerp, bybitSpot } from './bybit.ts';
import { decodeGeneral } from './general.ts';
import { bybitRows, bybitSamples } from './sample-frames.fixture.ts';

/** An accepted row must stand in the frame as JSON.parse reads it, with these very texts, under the topic of its symbol. */
function invented(frame: Buffer, row: CollectedRow): boolean {
  const parsed: { topic?: unknown; data?: unknown } = JSON.parse(frame.toString('utf8'));
  if (parsed.topic !== `publicTrade.${row.symbol}` || !Array.isArray(parsed.data)) return true;
  const rows: readonly Record<string, unknown>[] = parsed.data;
  const stands = rows.some(
    (one) =>
      one.s === row.symbol &&
      one.i === row.id &&
      one.p === row.price &&
      one.v === row.qty &&
      String(one.S).toLowerCase() === row.side &&
      (one.T === row.eventUs / 1000 || one.T === row.eventUs),
  );
  return !stands || Number(row.price) <= 0 || Number(row.qty) <= 0;
}

for (const feed of [bybitSpot, bybitPerp]) {
  describeDamage({
    name: `bybit ${feed.market}`,
    feed,
    general: decodeGeneral,
    samples: bybitSamples,
    rowsPerSample: bybitRows,
    // The recording holds many frames of ended formats: they are read like anything else, and refused.
    recordings: ['bybit'],
    invented,
    rowsIn: ({ data }) => data,
  });
}
