// A reader that takes ids where they lie in the message must get the very ids that one who takes texts gets, row by row.
import { expect, it } from 'vitest';
import { bybitSamples } from './bybit/sample-frames.fixture.ts';
import { idTextOf, newTickCells } from './cells.ts';
import { collectingSink } from './collecting-sink.fixture.ts';
import type { IdPlace, TickCells } from './feed.ts';
import { gateSamples } from './gate/samples.fixture.ts';
import { feeds } from './index.ts';
import { kucoinPerpSamples, kucoinSpotSamples } from './kucoin/samples.fixture.ts';
import { okxSamples } from './okx/samples.fixture.ts';
import { phemexSamples } from './phemex/sample-frames.fixture.ts';
import { binanceSamples, upbitSamples } from './sample-frames.fixture.ts';

const samples: readonly string[] = [
  ...binanceSamples,
  ...bybitSamples,
  ...gateSamples,
  ...kucoinSpotSamples,
  ...kucoinPerpSamples,
  ...okxSamples,
  ...phemexSamples,
  ...upbitSamples,
];

it('ids left in the message are the ids given as texts', () => {
  let left = 0;
  for (const feed of feeds) {
    for (const [index, sample] of samples.entries()) {
      // Not at the start of its buffer, as in a journal's batch.
      const before = `${'#'.repeat(index % 5)}`;
      const bytes = Buffer.from(`${before}${sample}##`);
      const [start, end] = [before.length, bytes.length - 2];
      const sink = collectingSink();
      const verdict = feed.decodeAt(bytes, start, end, sink);
      const place: IdPlace = { bytes, from: 0, to: 0 };
      const cells: TickCells = { ...newTickCells(), idAt: place };
      const ids: string[] = [];
      const accept = (): void => {
        if (cells.idNumber >= 0 || cells.idText !== '') {
          ids.push(idTextOf(cells));
          return;
        }
        left += 1;
        ids.push(Buffer.from(place.bytes.subarray(place.from, place.to)).toString());
        expect(cells.firstIdNumber).toBe(-1);
        place.to = place.from;
      };
      expect(feed.decodeAt(bytes, start, end, { cells, accept, reject: () => undefined })).toEqual(verdict);
      expect(ids, `${feed.venue} ${feed.market} ${sample.slice(0, 80)}`).toEqual(sink.rows.map((row) => row.id));
    }
  }
  expect(left).toBeGreaterThan(10);
});
