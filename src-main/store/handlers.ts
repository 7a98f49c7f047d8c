// What the store answers: every request of the contract that it owns.
import { join } from 'node:path';
import { fail, ok } from '../../src-shared/base/result.ts';
import { happeningKinds } from '../../src-shared/contract/live.ts';
import { fresh } from '../base/fresh.ts';
import type { Handlers } from '../base/parent-port.ts';
import { livingWriter } from '../journal/lock.ts';
import { readSeries, readSeriesAt, versionsOf } from './jobs/extract-series.ts';
import type { Jobs } from './jobs/index.ts';
import { type JobContext, knownUntilUs } from './jobs/job.ts';
import type { StreamRates } from './stream-rates.ts';
import { judgeCoin, judgeCounted, judgeFiltered, lookUpCoin } from './warehouse/coin.ts';
import { drawCoin } from './warehouse/coin-picture.ts';
import { knownCoverage } from './warehouse/known-coverage.ts';
import { streamName, tickPage } from './warehouse/queries.ts';
import type { Snapshots } from './warehouse/snapshot.ts';

/** The handlers of the store; serve them when the warehouse is open. */
export function storeHandlers(context: JobContext, jobs: Jobs, snapshots: Snapshots, rates: StreamRates): Handlers {
  const { archive, warehouse } = context;
  const { catalog } = warehouse;
  // Each look at the lock takes a dozen turns of a loop that may be busy storing.
  const isWritten = fresh(async () => (await livingWriter(join(archive.dataDir, 'journal'))) !== null, 1000, 5000);
  return {
    'archive.ticks': ({ fromUs, toUs, venue, market, symbol, cursor, limit }) =>
      tickPage(archive, { fromUs, toUs }, { venue, market, symbol }, cursor, limit),

    'lines.log': ({ line, before, limit }) => ok({ entries: catalog.lineLog.of(line, before, limit) }),

    'live.movers': ({ by, limit }) => ok(rates.top(by, limit)),

    'live.happened': ({ kinds, limit }) =>
      ok({ entries: catalog.happened.list(new Set(kinds ?? happeningKinds), limit) }),

    'archive.instruments': (filter) => ok({ instruments: catalog.instruments.list(filter) }),

    'instruments.history': ({ limit, ...filter }) => ok({ changes: catalog.instruments.history(filter).slice(-limit) }),

    'archive.seal': ({ beforeUs }) => jobs.seal.seal(beforeUs),

    'archive.snapshot': ({ fromUs, toUs, hot }) =>
      snapshots.take(
        fromUs === undefined && toUs === undefined
          ? null
          : { fromUs: fromUs ?? 0, toUs: toUs ?? Number.MAX_SAFE_INTEGER },
        hot,
      ),

    'archive.judge': async ({ fromUs, toUs, mark, streams }) => {
      // Where in the window history alone gave trades was not counted: anywhere.
      const anywhere = { unseenFromUs: fromUs, unseenToUs: toUs };
      const counts = new Map(
        streams.map((count) => [streamName(count), { ...count, ...anywhere, firstTradeUs: null }]),
      );
      const known = { readUntilUs: await knownUntilUs(context), mark };
      const verdicts = await judgeCounted(archive, counts, { fromUs, toUs }, known);
      if (!verdicts.ok) return verdicts;
      return ok({
        streams: streams.map((count) => {
          const known = archive.instrument(count.venue, count.market, count.symbol);
          const judged = verdicts.value.get(streamName(count));
          return {
            verdict: judged?.verdict ?? 'incomplete',
            reasons: [...(judged?.reasons ?? ['the catalog does not know this stream'])],
            instrument: judged?.instrument ?? count.symbol,
            base: known?.base ?? '',
            quote: known?.quote ?? '',
          };
        }),
      });
    },

    'gaps.list': (filter) =>
      ok({ gaps: catalog.gaps.list(filter).map(({ stream: _, nextAttemptUs: __, ...gap }) => gap) }),

    'gaps.coverage': async (filter) => ok({ coverage: knownCoverage(archive, filter, await isWritten()) }),

    'gaps.repair': (input) => ok(jobs.repairs.begin(input)),

    'gaps.repair-cancel': ({ jobId }) => jobs.repairs.cancel(jobId),

    'gaps.repair-status': ({ jobId }) => jobs.repairs.status(jobId),

    'gaps.reconcile': (input) => ok(jobs.comparisons.begin(input)),

    'gaps.reconcile-cancel': ({ jobId }) => jobs.comparisons.cancel(jobId),

    'gaps.reconcile-status': ({ jobId }) => jobs.comparisons.status(jobId),

    'gaps.reconciled': (filter) => ok({ streams: jobs.reconcile.figures(filter) }),

    'gaps.verdict': async ({ fromUs, toUs, ...filter }) => {
      const streams = await judgeFiltered(archive, filter, { fromUs, toUs }, await knownUntilUs(context));
      return streams.ok ? ok({ streams: streams.value }) : streams;
    },

    'listings.list': ({ limit }) =>
      ok({
        listings: catalog.listings
          .list(limit)
          .map((listing) => ({ ...listing, extract: jobs.extracts.ofListing(listing.id) ?? null })),
      }),

    'listings.coin': ({ coin }) => ok(lookUpCoin(archive, coin)),

    'listings.add': ({ coin, atUs, title }) => jobs.listings.add(coin, atUs, title),

    'listings.extract': (input) => jobs.extracts.begin(input),

    'listings.extract-wait': ({ jobId }, { signal }) => jobs.extracts.wait(jobId, signal),

    'listings.extract-cancel': ({ jobId }) => jobs.extracts.cancel(jobId),

    'listings.extract-status': ({ jobId }) => {
      const job = jobs.extracts.get(jobId);
      return job ? ok(job) : fail('extract.unknown-job', `there is no extract ${jobId}`);
    },

    'listings.versions': ({ coin, atUs }) =>
      ok({
        versions: versionsOf(catalog.jobs.doneAround(coin.trim().toUpperCase(), atUs), (id) => {
          const gap = catalog.gaps.get(id);
          return gap?.state === 'repaired' || gap?.state === 'venue-hole' ? gap.closedUs : null;
        }),
      }),

    'listings.series': ({ jobId, ...order }) => readSeries(archive, context.settings, jobs.extracts.get(jobId), order),

    'listings.series-at': ({ jobId, align, atUs }) =>
      readSeriesAt(archive, context.settings, jobs.extracts.get(jobId), align, atUs),

    'listings.verdict': async ({ coin, fromUs, toUs, atUs = fromUs }) => {
      const streams = await judgeCoin(
        archive,
        context.settings,
        coin,
        { fromUs, toUs },
        atUs,
        await knownUntilUs(context),
      );
      return streams.ok ? ok({ streams: streams.value }) : streams;
    },

    'listings.window': async ({ coin, atUs, beforeUs, afterUs, buckets }) => {
      const window = { fromUs: atUs - beforeUs, toUs: atUs + afterUs };
      return await drawCoin(archive, context.settings, {
        coin,
        window,
        atUs,
        buckets,
        readUntilUs: await knownUntilUs(context),
      });
    },
  };
}
