// Damaged Upbit frames: nothing crashes, both paths agree, no trade is invented.
import { describeDamage } from '../damage.fixture.ts';
import { upbitSamples } from '../sample-frames.fixture.ts';
import { decodeGeneral } from './general.ts';
import { upbitSpot } from './upbit.ts';

describeDamage({
  name: 'upbit',
  feed: upbitSpot,
  general: decodeGeneral,
  samples: upbitSamples,
  recordings: ['upbit'],
});
