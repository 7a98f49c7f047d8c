// What a screen shows of a coin's window: verdict, rows and the thinned picture of every stream, without writing anything.
import { ok, type Result } from '../../../src-shared/base/result.ts';
import type { Us, Window } from '../../../src-shared/base/time.ts';
import type { WindowPicture } from '../../../src-shared/contract/listings.ts';
import type { Settings } from '../../../src-shared/contract/settings.ts';
import type { OpenArchive } from './archive.ts';
import { abnormalTicks, withClocks } from './clocks.ts';
import { evidenceOf, judgeStreams, streamsOfCoin } from './coin.ts';
import { withFarIds } from './far-ids.ts';
import { pictureSql, readPicture } from './picture.ts';
import { countSql, readCounts, relation, steady, streamName, withNeighbours } from './queries.ts';

export interface PictureOrder {
  readonly coin: string;
  readonly window: Window;
  readonly atUs: Us;
  readonly buckets: number;
  readonly readUntilUs: Us;
}

export async function drawCoin(
  archive: OpenArchive,
  settings: Settings,
  order: PictureOrder,
): Promise<Result<WindowPicture>> {
  const { window, atUs, buckets } = order;
  const streams = streamsOfCoin(archive, settings, order.coin, window);
  const evidence = await evidenceOf(archive, streams.recorded, window, order.readUntilUs);
  const beside = abnormalTicks(archive, streams.recorded, window);
  // One reading serves counts and picture: the rows are put aside on this connection only.
  const read = await archive.duck.with((connection) =>
    steady(archive, async () => {
      const rows = relation(archive, streams.recorded, withNeighbours(window));
      await connection.run(`CREATE OR REPLACE TEMP TABLE seen_window AS ${rows}`);
      const all = 'SELECT * FROM seen_window';
      const near = readCounts(await connection.rows(countSql(all, window, atUs)));
      return {
        counts: await withFarIds(archive, streams.recorded, window, order.readUntilUs, near),
        pictures: readPicture(await connection.rows(pictureSql(all, window, buckets)), window, buckets),
      };
    }),
  );
  if (!read.ok) return read;
  const { counts, pictures } = read.value;
  const abnormal = await beside;
  if (!abnormal.ok) return abnormal;
  const verdicts = judgeStreams(streams, window, counts, evidence);
  return ok({
    coin: streams.coin,
    window: { fromUs: window.fromUs, toUs: window.toUs },
    atUs,
    streams: withClocks(verdicts, counts, abnormal.value).map((verdict) => {
      const name = streamName({ ...verdict, channel: verdict.channel ?? '' });
      return {
        instrument: verdict.instrument,
        venue: verdict.venue,
        market: verdict.market,
        symbol: verdict.symbol,
        channel: verdict.channel,
        quote: streams.recorded.find((stream) => streamName(stream) === name)?.quote ?? '',
        rows: verdict.rows,
        verdict: verdict.verdict,
        reasons: verdict.reasons,
        firstTradeUs: verdict.firstTradeUs ?? null,
        firstAbnormal: verdict.firstAbnormal ?? null,
        buckets: pictures.get(name) ?? [],
      };
    }),
  });
}
