// Repairs that somebody asked for: one gap, a stream, a window, everything. Each is a job with its place in the catalog.
// Promises: a job ends when every gap and window of it has ended or it is cancelled, also across restarts; progress is told, and how long it takes.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { formatIso, type Us } from '../../../src-shared/base/time.ts';
import type { RepairJob } from '../../../src-shared/contract/gaps.ts';
import type { RequestParsed } from '../../../src-shared/contract/index.ts';
import { marketSchema, venueSchema } from '../../../src-shared/market/instrument.ts';
import { feedOf } from '../../feeds/index.ts';
import type { RepairRecord, StoredGap } from '../warehouse/catalog.ts';
import { type Job, type JobContext, repeating } from './job.ts';
import type { Recover, RepairOutcome, WindowOrder } from './recover.ts';

export type RepairInput = RequestParsed<'gaps.repair'>;

export interface RepairJobs extends Job {
  begin(input: RepairInput): { jobId: string; queued: number };
  cancel(jobId: string): Result<Record<string, never>>;
  status(jobId: string): Result<RepairJob>;
}

/** The job of what nobody asked for by hand. */
export const AUTOMATIC = 'automatic';

const SHOWN = 20;
const KEPT = 200;
const TELL_MS = 500;
/** The pace is that of this long. */
const PACE_MS = 30_000;
const RETRIED: ReadonlySet<StoredGap['state']> = new Set(['open', 'repairing', 'partial']);

const windowSchema = z.object({
  item: z.string(),
  venue: venueSchema,
  market: marketSchema,
  symbol: z.string(),
  channel: z.string(),
  fromUs: z.number(),
  toUs: z.number(),
});

interface Live {
  readonly record: RepairRecord;
  readonly total: number;
  readonly left: Set<string>;
  readonly counts: Record<RepairOutcome, number>;
  /** performance.now() of the ends of late. */
  ends: number[];
}

const noCounts = (): Record<RepairOutcome, number> => ({ repaired: 0, partial: 0, unrecoverable: 0, 'venue-hole': 0 });

export function openRepairJobs(context: JobContext, recover: Recover): RepairJobs {
  const { catalog } = context.warehouse;
  const running = new Map<string, Live>();
  const automatic = { startedUs: context.nowUs(), counts: noCounts(), ends: [] as number[], idle: true };
  let changed = true;

  const launch = (
    record: RepairRecord,
    items: readonly { item: string; spec: string | null; outcome: string | null }[],
  ): void => {
    const live: Live = { record, total: items.length, left: new Set(), counts: noCounts(), ends: [] };
    const gaps: StoredGap[] = [];
    running.set(record.jobId, live);
    for (const { item, spec, outcome } of items) {
      if (outcome !== null) {
        if (isOutcome(outcome)) live.counts[outcome] += 1;
        continue;
      }
      live.left.add(item);
      const gap = spec === null ? catalog.gaps.get(item) : undefined;
      if (spec !== null) recover.wantWindow(windowSchema.parse(JSON.parse(spec)));
      else if (gap) gaps.push(gap);
      else note(live, item, 'repaired');
    }
    recover.want(gaps);
    finishIfOver(live);
    changed = true;
  };

  const note = (live: Live, item: string, outcome: RepairOutcome): void => {
    if (!live.left.delete(item)) return;
    live.counts[outcome] += 1;
    live.ends.push(performance.now());
    catalog.repairs.ended(live.record.jobId, item, outcome);
    changed = true;
  };

  const finishIfOver = (live: Live): void => {
    if (live.left.size > 0 || !running.has(live.record.jobId)) return;
    running.delete(live.record.jobId);
    catalog.repairs.finish(live.record.jobId, 'done', context.nowUs());
    catalog.repairs.prune(KEPT);
    const { repaired, partial, unrecoverable } = live.counts;
    const text = `${live.record.title}: ${live.total} asked for, ${repaired} repaired, ${live.counts['venue-hole']} holes of the venue itself, ${partial} in part, ${unrecoverable} beyond reach`;
    context.warehouse.catalog.ledger.add({ atUs: context.nowUs(), kind: 'repair', note: text });
    changed = true;
  };

  const heard = (item: string, outcome: RepairOutcome): void => {
    let asked = false;
    for (const live of running.values()) {
      if (!live.left.has(item)) continue;
      asked = true;
      note(live, item, outcome);
    }
    if (asked) return;
    if (automatic.idle)
      Object.assign(automatic, { startedUs: context.nowUs(), counts: noCounts(), ends: [], idle: false });
    automatic.counts[outcome] += 1;
    automatic.ends.push(performance.now());
    changed = true;
  };

  const progress = (
    total: number,
    counts: Live['counts'],
    ends: number[],
    startedMs: number,
  ): Pick<RepairJob, 'perSecond' | 'etaMs'> => {
    const now = performance.now();
    while (ends[0] !== undefined && ends[0] < now - PACE_MS) ends.shift();
    const spanMs = Math.min(PACE_MS, Math.max(1, startedMs));
    const perSecond = (ends.length * 1000) / spanMs;
    const left = total - sum(counts);
    return { perSecond, etaMs: left <= 0 ? 0 : perSecond > 0 ? Math.round((left * 1000) / perSecond) : null };
  };

  const told = (record: RepairRecord, total: number, counts: Live['counts'], ends: number[]): RepairJob => ({
    jobId: record.jobId,
    title: record.title,
    total,
    done: sum(counts),
    repaired: counts.repaired,
    partial: counts.partial,
    unrecoverable: counts.unrecoverable,
    venueHole: counts['venue-hole'],
    state: record.state,
    ...progress(total, counts, ends, (context.nowUs() - record.startedUs) / 1000),
    startedUs: record.startedUs,
  });

  const ofRecord = (record: RepairRecord): RepairJob => {
    const live = running.get(record.jobId);
    if (live) return told(record, live.total, live.counts, live.ends);
    const items = catalog.repairs.items(record.jobId);
    const counts = noCounts();
    for (const { outcome } of items) if (outcome !== null && isOutcome(outcome)) counts[outcome] += 1;
    return { ...told(record, items.length, counts, []), perSecond: 0, etaMs: record.state === 'running' ? null : 0 };
  };

  const automaticJob = (): RepairJob => {
    const { open, repairing } = catalog.gaps.counts();
    const done = sum(automatic.counts);
    automatic.idle = open + repairing === 0;
    const state = automatic.idle ? 'done' : 'running';
    const { startedUs, counts, ends } = automatic;
    return told(
      { jobId: AUTOMATIC, title: 'automatic repair', state, startedUs, endedUs: null },
      done + open + repairing,
      counts,
      ends,
    );
  };

  const telling = repeating(TELL_MS, async () => {
    for (const live of running.values()) {
      // Ids that came late may have closed a gap before anyone asked for it.
      for (const item of live.left) {
        if (item.startsWith('window-')) continue;
        const state = catalog.gaps.get(item)?.state;
        if (state === 'repaired' || state === 'venue-hole') note(live, item, state);
      }
      finishIfOver(live);
    }
    if (!changed) return;
    changed = running.size > 0;
    const shown = catalog.repairs.list(SHOWN).map(ofRecord);
    context.publish('gaps.repairs', { jobs: [automaticJob(), ...shown] });
  });

  recover.onEnd(heard);
  context.warehouse.on('gaps', () => {
    changed = true;
  });

  const begin = (input: RepairInput): { jobId: string; queued: number } => {
    const gaps = gapsOf(input);
    const windows = windowsOf(input);
    const jobId = randomUUID();
    const record: RepairRecord = {
      jobId,
      title: titleOf(input),
      state: 'running',
      startedUs: context.nowUs(),
      endedUs: null,
    };
    const items = [
      ...gaps.map((gap) => ({ item: gap.id, spec: null, outcome: null })),
      ...windows.map((order) => ({ item: order.item, spec: JSON.stringify(order), outcome: null })),
    ];
    catalog.repairs.put(record, items);
    launch(record, items);
    return { jobId, queued: items.length };
  };

  /** By id also what was given up: whoever names a gap wants it tried again. */
  const gapsOf = ({ ids, ...filter }: RepairInput): StoredGap[] => {
    if (ids) {
      const found = ids.map((id) => catalog.gaps.get(id)).filter((gap) => gap !== undefined);
      return found.filter((gap) => gap.state === 'unrecoverable' || RETRIED.has(gap.state));
    }
    return catalog.gaps.list({ ...filter, states: ['open', 'repairing', 'partial'] });
  };

  /** A stream and both ends: the venue is asked even where nothing is known to be missing. */
  const windowsOf = (input: RepairInput): WindowOrder[] => {
    const { ids, venue, market, symbol, fromUs, toUs } = input;
    if (ids || venue === undefined || symbol === undefined || fromUs === undefined || toUs === undefined) return [];
    const known = catalog.streams.find({ venue, symbol, ...(market === undefined ? {} : { market }) });
    const own = known.filter((stream) => stream.channel === feedOf(stream.venue, stream.market)?.channel);
    const feed = market === undefined ? undefined : feedOf(venue, market);
    const streams =
      own.length > 0 || !feed || market === undefined ? own : [{ venue, market, symbol, channel: feed.channel }];
    return streams.map((stream) => ({
      item: `window-${randomUUID()}`,
      venue: stream.venue,
      market: stream.market,
      symbol: stream.symbol,
      channel: stream.channel,
      fromUs,
      toUs: Math.min(toUs, context.nowUs()),
    }));
  };

  return {
    start: async () => {
      for (const record of catalog.repairs.list(KEPT).toReversed()) {
        if (record.state === 'running' && !running.has(record.jobId))
          launch(record, catalog.repairs.items(record.jobId));
      }
      await telling.start();
    },
    stop: () => telling.stop(),
    begin,
    cancel: (jobId) => {
      const live = running.get(jobId);
      if (!live) return catalog.repairs.get(jobId) ? ok({}) : unknown(jobId);
      running.delete(jobId);
      const others = new Set([...running.values()].flatMap((other) => [...other.left]));
      recover.unwant([...live.left].filter((item) => !others.has(item)));
      catalog.repairs.finish(jobId, 'cancelled', context.nowUs());
      changed = true;
      return ok({});
    },
    status: (jobId) => {
      if (jobId === AUTOMATIC) return ok(automaticJob());
      const record = catalog.repairs.get(jobId);
      return record ? ok(ofRecord(record)) : unknown(jobId);
    },
  };
}

function unknown(jobId: string): Result<never> {
  return fail('repair.unknown-job', `there is no repair ${jobId}`);
}

function isOutcome(text: string): text is RepairOutcome {
  return text === 'repaired' || text === 'partial' || text === 'unrecoverable' || text === 'venue-hole';
}

function sum(counts: Readonly<Record<RepairOutcome, number>>): number {
  return counts.repaired + counts.partial + counts.unrecoverable + counts['venue-hole'];
}

function titleOf({ ids, venue, market, symbol, fromUs, toUs }: RepairInput): string {
  if (ids) return ids.length === 1 ? `gap ${ids[0]}` : `${ids.length} gaps`;
  const stream = [venue, market, symbol].filter((part) => part !== undefined).join(':');
  const from = fromUs === undefined ? '' : ` from ${short(fromUs)}`;
  const to = toUs === undefined ? '' : ` to ${short(toUs)}`;
  return stream === '' && from === '' && to === ''
    ? 'every open gap'
    : `gaps of ${stream || 'all streams'}${from}${to}`;
}

function short(us: Us): string {
  return `${formatIso(us).slice(0, 19)}Z`;
}
