// Damaged OKX frames: nothing crashes, both paths agree, no trade is invented.
import type { CollectedRow } from '../collecting-sink.fixture.ts';
import { describeDamage } from '../damage.fixture.ts';
import { decodeGeneral } from './general.ts';
import { okxPerp, okxSpot } from './okx.ts';
import { okxPair, okxSamples } from './samples.fixture.ts';

interface Pushed {
  readonly arg?: { readonly channel?: unknown; readonly instId?: unknown };
  readonly data?: readonly Readonly<Record<string, unknown>>[];
}

/** By JSON.parse: the frame has a row of just these words, and price and quantity are over zero. */
function invented(frame: Buffer, row: CollectedRow): boolean {
  const pushed: Pushed = JSON.parse(frame.toString('utf8'));
  const known = (pushed.data ?? []).some(
    (one) =>
      one.instId === row.symbol &&
      one.tradeId === row.id &&
      one.px === row.price &&
      one.sz === row.qty &&
      one.side === row.side &&
      (Number(one.ts) * 1000 === row.eventUs || Number(one.ts) === row.eventUs),
  );
  const named = pushed.arg?.channel === row.channel && pushed.arg.instId === row.symbol;
  return !known || !named || Number(row.price) <= 0 || Number(row.qty) <= 0;
}

for (const feed of [okxSpot, okxPerp]) {
  describeDamage({
    name: `okx ${feed.market}`,
    feed,
    general: decodeGeneral,
    samples: [...okxSamples, okxPair],
    rowsPerSample: (sample) => (sample === okxPair ? 2 : 1),
    recordings: ['okx'],
    invented,
    rowsIn: ({ data }) => data,
  });
}
