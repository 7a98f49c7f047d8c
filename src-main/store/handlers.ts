// What the store answers: every request of the contract that it owns.
import { ok } from '../../src-shared/base/result.ts';
import type { Handlers } from '../base/parent-port.ts';
import type { Jobs } from './jobs/index.ts';
import { type JobContext, knownUntilUs } from './jobs/job.ts';
import { judgeCoin, judgeStreams, streamsOfCoin } from './warehouse/coin.ts';
import { pictureSql, readPicture } from './warehouse/picture.ts';
import { countSql, readCounts, relation, steady, streamName, tickPage, withNeighbours } from './warehouse/queries.ts';

/** The handlers of the store; serve them when the warehouse is open. */
export function storeHandlers(context: JobContext, jobs: Jobs): Handlers {
  const { archive, warehouse, settings } = context;
  const { catalog } = warehouse;
  return {
    'archive.ticks': ({ fromUs, toUs, venue, market, symbol, cursor, limit }) =>
      tickPage(archive, { fromUs, toUs }, { venue, market, symbol }, cursor, limit),

    'archive.instruments': (filter) =>
      ok({
        instruments: catalog.instruments
          .list(filter)
          .map(({ venue, market, symbol, base, quote, contractSize, state, listedUs }) => ({
            venue,
            market,
            symbol,
            base,
            quote,
            contractSize,
            state,
            listedUs,
          })),
      }),

    'archive.seal': ({ beforeUs }) => jobs.seal.seal(beforeUs),

    'gaps.list': (filter) =>
      ok({ gaps: catalog.gaps.list(filter).map(({ stream: _, nextAttemptUs: __, ...gap }) => gap) }),

    'gaps.coverage': (filter) => ok({ coverage: catalog.coverage.list(filter) }),

    'gaps.repair': ({ ids }) => ok({ queued: jobs.recover.request(ids ?? null) }),

    'listings.list': ({ limit }) =>
      ok({
        listings: catalog.listings
          .list(limit)
          .map((listing) => ({ ...listing, extract: jobs.extracts.ofListing(listing.id) ?? null })),
      }),

    'listings.add': ({ coin, atUs, title }) => jobs.listings.add(coin, atUs, title),

    'listings.extract': (input) => jobs.extracts.begin(input),

    'listings.extract-wait': ({ jobId }, { signal }) => jobs.extracts.wait(jobId, signal),

    'listings.extract-cancel': ({ jobId }) => jobs.extracts.cancel(jobId),

    'listings.verdict': async ({ coin, fromUs, toUs }) => {
      const streams = await judgeCoin(archive, settings, coin, { fromUs, toUs }, fromUs, await knownUntilUs(context));
      return streams.ok ? ok({ streams: streams.value }) : streams;
    },

    'listings.window': async ({ coin, atUs, beforeUs, afterUs, buckets }) => {
      const window = { fromUs: atUs - beforeUs, toUs: atUs + afterUs };
      const streams = streamsOfCoin(archive, settings, coin, window);
      // One reading serves counts and picture: the rows are put aside on this connection only.
      const read = await warehouse.duck.with((connection) =>
        steady(archive, async () => {
          const rows = relation(archive, streams.recorded, withNeighbours(window));
          await connection.run(`CREATE OR REPLACE TEMP TABLE seen_window AS ${rows}`);
          const all = 'SELECT * FROM seen_window';
          return {
            counts: readCounts(await connection.rows(countSql(all, window, atUs))),
            pictures: readPicture(await connection.rows(pictureSql(all, window, buckets)), window, buckets),
          };
        }),
      );
      if (!read.ok) return read;
      const { counts, pictures } = read.value;
      const verdicts = judgeStreams(archive, streams, window, counts, await knownUntilUs(context));
      return ok({
        coin: streams.coin,
        window,
        atUs,
        streams: verdicts.map((verdict) => {
          const found = streams.recorded.find(
            (stream) => streamName(stream) === streamName({ ...verdict, channel: verdict.channel ?? '' }),
          );
          return {
            instrument: found?.instrument ?? verdict.instrument,
            venue: verdict.venue,
            quote: found?.quote ?? '',
            rows: verdict.rows,
            verdict: verdict.verdict,
            reasons: verdict.reasons,
            buckets: (found && pictures.get(streamName(found))) ?? [],
          };
        }),
      });
    },
  };
}
