// Damaged Binance frames: nothing crashes, both paths agree, no trade is invented.
import { describeDamage, isInvented, type Told } from '../damage.fixture.ts';
import { binanceSamples } from '../sample-frames.fixture.ts';
import { binancePerp, binanceSpot } from './binance.ts';
import { decodeGeneral } from './general.ts';

const told: Told = {
  // m: whether the buyer was the maker.
  side: ({ m }) => (m === true ? 'sell' : m === false ? 'buy' : undefined),
  time: ({ T }) => T,
};

for (const feed of [binanceSpot, binancePerp]) {
  describeDamage({
    name: `binance ${feed.market}`,
    feed,
    general: decodeGeneral,
    samples: binanceSamples,
    recordings: ['binance', 'binance.bulk'],
    invented: (frame, row) => isInvented(frame, row, told),
    rowsIn: (message) => message,
  });
}
