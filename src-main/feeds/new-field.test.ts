// A venue adds a field in front of those that we know, from one day to the next: every trade is read all the same, and the line still
// knows that it is data and of which symbol, or two lines could no longer be compared.
import { describe, expect, test } from 'vitest';
import { bybitSamples } from './bybit/sample-frames.fixture.ts';
import { collectingSink } from './collecting-sink.fixture.ts';
import type { Feed } from './feed.ts';
import { gateSamples } from './gate/samples.fixture.ts';
import { feeds } from './index.ts';
import { kucoinPerpSamples, kucoinSpotSamples } from './kucoin/samples.fixture.ts';
import { okxSamples } from './okx/samples.fixture.ts';
import { phemexSamples } from './phemex/sample-frames.fixture.ts';
import { binanceSamples, upbitSamples } from './sample-frames.fixture.ts';

const samples: Readonly<Partial<Record<Feed['venue'], readonly string[]>>> = {
  binance: binanceSamples,
  bybit: bybitSamples,
  gate: gateSamples,
  kucoin: [...kucoinSpotSamples, ...kucoinPerpSamples],
  okx: okxSamples,
  phemex: phemexSamples,
  upbit: upbitSamples,
};
const NEW = ['"v":2,', '"route":"a-7","more":{"list":[1,"x"],"of":null},'];

function read(feed: Feed, text: string) {
  const bytes = Buffer.from(text);
  const sink = collectingSink();
  const verdict = feed.decode(bytes, sink);
  return {
    verdict,
    rows: sink.rows,
    rejected: sink.rejected,
    means: feed.classify(bytes, false).type,
    symbol: feed.symbolOf(bytes),
  };
}

describe.each(feeds.map((feed) => [`${feed.venue} ${feed.market}`, feed] as const))('%s', (_, feed) => {
  test('reads every trade of a frame that begins with what nobody knows', () => {
    let frames = 0;
    for (const sample of samples[feed.venue] ?? []) {
      const known = read(feed, sample);
      if (known.verdict.kind !== 'trades') continue;
      frames += 1;
      for (const field of NEW) expect(read(feed, `{${field}${sample.slice(1)}`), sample.slice(0, 120)).toEqual(known);
    }
    expect(frames).toBeGreaterThan(0);
  });
});
