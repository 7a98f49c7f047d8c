// Damaged Upbit frames: nothing crashes, both paths agree, no trade is invented.
import { describeDamage, isInvented, type Told } from '../damage.fixture.ts';
import { upbitSamples } from '../sample-frames.fixture.ts';
import { decodeGeneral } from './general.ts';
import { upbitSpot } from './upbit.ts';

const told: Told = {
  // The side of the order that took: ASK sells.
  side: ({ ask_bid, ab }) => ({ ASK: 'sell', BID: 'buy' })[String(ask_bid ?? ab)],
  time: ({ trade_timestamp, ttms }) => trade_timestamp ?? ttms,
};

describeDamage({
  name: 'upbit',
  feed: upbitSpot,
  general: decodeGeneral,
  samples: upbitSamples,
  recordings: ['upbit'],
  invented: (frame, row) => isInvented(frame, row, told),
  // Several in the formats that send lists.
  rowsIn: (message) => message,
});
