// Damaged Binance frames: nothing crashes, both paths agree, no trade is invented.
import { describeDamage } from '../damage.fixture.ts';
import { binanceSamples } from '../sample-frames.fixture.ts';
import { binancePerp, binanceSpot } from './binance.ts';
import { decodeGeneral } from './general.ts';

for (const feed of [binanceSpot, binancePerp]) {
  describeDamage({
    name: `binance ${feed.market}`,
    feed,
    general: decodeGeneral,
    samples: binanceSamples,
    recordings: ['binance', 'binance.bulk'],
  });
}
