// What the store answers: every request of the contract that it owns.
import { ok } from '../../src-shared/base/result.ts';
import { happeningKinds } from '../../src-shared/contract/live.ts';
import type { Handlers } from '../base/parent-port.ts';
import type { Jobs } from './jobs/index.ts';
import { type JobContext, knownUntilUs } from './jobs/job.ts';
import type { StreamRates } from './stream-rates.ts';
import { judgeCoin, judgeFiltered } from './warehouse/coin.ts';
import { drawCoin } from './warehouse/coin-picture.ts';
import { tickPage } from './warehouse/queries.ts';

/** The handlers of the store; serve them when the warehouse is open. */
export function storeHandlers(context: JobContext, jobs: Jobs, rates: StreamRates): Handlers {
  const { archive, warehouse, settings } = context;
  const { catalog } = warehouse;
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

    'gaps.list': (filter) =>
      ok({ gaps: catalog.gaps.list(filter).map(({ stream: _, nextAttemptUs: __, ...gap }) => gap) }),

    'gaps.coverage': (filter) => ok({ coverage: catalog.coverage.list(filter) }),

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

    'listings.add': ({ coin, atUs, title }) => jobs.listings.add(coin, atUs, title),

    'listings.extract': (input) => jobs.extracts.begin(input),

    'listings.extract-wait': ({ jobId }, { signal }) => jobs.extracts.wait(jobId, signal),

    'listings.extract-cancel': ({ jobId }) => jobs.extracts.cancel(jobId),

    'listings.verdict': async ({ coin, fromUs, toUs, atUs = fromUs }) => {
      const streams = await judgeCoin(archive, settings, coin, { fromUs, toUs }, atUs, await knownUntilUs(context));
      return streams.ok ? ok({ streams: streams.value }) : streams;
    },

    'listings.window': async ({ coin, atUs, beforeUs, afterUs, buckets }) => {
      const window = { fromUs: atUs - beforeUs, toUs: atUs + afterUs };
      return await drawCoin(archive, settings, {
        coin,
        window,
        atUs,
        buckets,
        readUntilUs: await knownUntilUs(context),
      });
    },
  };
}
