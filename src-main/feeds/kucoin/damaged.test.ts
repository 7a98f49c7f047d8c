// Damaged KuCoin frames: nothing crashes, both paths agree, no trade is invented.
import { describeDamage, isInvented, type Told } from '../damage.fixture.ts';
import { decodeGeneral } from './general.ts';
import { kucoinPerp, kucoinSpot } from './kucoin.ts';
import { kucoinPerpSamples, kucoinSpotSamples } from './samples.fixture.ts';

const told: Told = {
  side: ({ side }) => (typeof side === 'string' ? side : undefined),
  time: ({ time, ts }) => time ?? ts,
};

for (const [feed, samples] of [
  [kucoinSpot, kucoinSpotSamples],
  [kucoinPerp, kucoinPerpSamples],
] as const) {
  describeDamage({
    name: `kucoin ${feed.market}`,
    feed,
    general: decodeGeneral,
    samples,
    recordings: ['kucoin'],
    invented: (frame, row) => isInvented(frame, row, told),
    rowsIn: (message) => message,
  });
}
