// The venue's newest page of trades against what is stored, where neither ids nor candles tell of a frame that no line received.
// Promises: what a page adds is stored and told, every stream in turn before its pace carries it out of the page; what lies between two pages is
// never called compared, nor what a page says that the store could not read whole.
import { type Failure, fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { formatIso, MINUTE_US, SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Feed } from '../../feeds/feed.ts';
import { feedOf, feeds, isComparedByPages } from '../../feeds/index.ts';
import type { Stream } from '../warehouse/catalog.ts';
import { reachesUs } from '../warehouse/page-reach.ts';
import { openHistoryReads } from './history-read.ts';
import { type Job, type JobContext, pause, repeating } from './job.ts';
import { judgedMinutes, missedGaps, unseenRows } from './page-judgement.ts';

export interface PageCheck {
  /** From when to when the stream has been compared by this page; null: the page told nothing. */
  readonly compared: Window | null;
  /** Trades that had reached no line. */
  readonly missed: number;
  /** What the page does not reach; empty: all that was asked for. */
  readonly note: string;
}

export interface Pages extends Job {
  /** Asks for the stream's page now and compares it as far back as fromUs, if it reaches. */
  check(stream: Stream, fromUs: Us, signal: AbortSignal): Promise<Result<PageCheck>>;
  /** Compares those of these streams that are compared by pages until this time, or as far as it gets within the time. Gives how many are left. */
  cover(
    streams: readonly Pick<Stream, 'no'>[],
    untilUs: Us,
    withinMs: number,
    signal: AbortSignal,
    told?: (left: number) => void,
  ): Promise<number>;
}

const LOOK_MS = 1000;
/** A stream is compared this often, or sooner when a page does not reach that far. */
const EVERY_US = MINUTE_US;
/** Asked again when this part of the page's reach has passed. */
const PART = 0.4;
const AT_ONCE = 4;
const AGAIN_US = 5 * SECOND_US;
const LONGEST_AGAIN_US = 5 * MINUTE_US;
const READ_MS = 60_000;
const UNREAD = "not all of the venue's page could be read, so nothing is compared with it";

interface Turn {
  readonly stream: Stream;
  readonly dueUs: Us;
  readonly urgent: boolean;
}

export function openPages(context: JobContext): Pages {
  const { warehouse, archive } = context;
  const { catalog } = warehouse;
  const running = new Map<number, Promise<Result<PageCheck>>>();
  const working = new Set<Promise<unknown>>();
  const asking = new Map<string, number>();
  /** When a stream was asked for last, and when again after a failure. */
  const askedAt = new Map<number, Us>();
  const later = new Map<number, { readonly us: Us; readonly waitUs: Us }>();
  const wanted = new Set<number>();
  const stopping = new AbortController();
  const reads = openHistoryReads(warehouse);

  const frontiers = (): Map<number, Us> =>
    new Map(catalog.reconciled.frontiers().map((one) => [one.stream, one.nextUs]));

  /** How far a stream has been looked at; the first time, from when it is covered. null: it is not. */
  const frontier = (stream: Stream, all = frontiers()): Us | null => {
    const known = all.get(stream.no);
    if (known !== undefined) return known;
    const { venue, market, symbol } = stream;
    const covered = catalog.coverage.list({ venue, market, symbol, fromUs: 0, toUs: context.nowUs() });
    if (covered.length === 0) return null;
    const firstUs = covered.reduce((least, one) => Math.min(least, one.fromUs), Number.POSITIVE_INFINITY);
    catalog.reconciled.begin(stream.no, firstUs);
    return firstUs;
  };

  const read = async (until: () => boolean, signal: AbortSignal): Promise<boolean> => {
    const end = performance.now() + READ_MS;
    while (!until() && performance.now() < end) if (!(await pause(20, signal))) return false;
    return until();
  };

  const compare = async (feed: Feed, stream: Stream, fromUs: Us, signal: AbortSignal): Promise<Result<PageCheck>> => {
    const known = frontier(stream);
    if (known === null) return fail('pages.uncovered', `${nameOf(stream)} is not recorded`);
    const wantUs = Math.min(fromUs, known);
    const askedUs = context.nowUs();
    askedAt.set(stream.no, askedUs);
    const name = `${feed.venue} ${feed.market}`;
    asking.set(name, (asking.get(name) ?? 0) + 1);
    const { venue, market, symbol, channel } = stream;
    const gapId = `page-${stream.no}`;
    reads.begin(gapId);
    const hole = { venue: feed.venue, market: feed.market, symbol, channel, fromId: null, toId: null };
    const asked = await context
      .ask(
        'recording.backfill',
        { ...hole, gapId, fromUs: wantUs, toUs: Math.max(askedUs, wantUs), compare: true },
        signal,
      )
      .finally(() => asking.set(name, (asking.get(name) ?? 1) - 1));
    if (!asked.ok) return asked;
    const { lastFrame, pages, reached, note, refused = false, oldestUs, newestUs } = asked.value;
    if (note !== '' || pages === 0) return fail('pages.reply', `${nameOf(stream)}: ${note}`, { retry: !refused });
    const answeredUs = context.nowUs();
    // A trade that is only late is given the time to come on a line as well.
    const settled = (): boolean =>
      context.position().frame >= lastFrame && context.position().readUntilUs >= answeredUs + feed.latenessUs;
    if (!(await read(settled, signal)))
      return fail('pages.unread', `${nameOf(stream)}: the store has not read the page yet`, { retry: true });
    const seen = reads.end(gapId);
    if (!seen || seen.refused > 0 || (seen.rows === 0 && oldestUs !== undefined)) {
      catalog.reconciled.put(stream.no, [], null, UNREAD);
      return fail('history.unread', `${nameOf(stream)}: ${UNREAD}`);
    }
    const untilUs = askedUs - feed.latenessUs;
    // The oldest time of a page may be cut in the middle.
    const beginUs = reached ? wantUs : oldestUs === undefined ? null : Math.max(wantUs, oldestUs + 1);
    const nothing = ok({ compared: null, missed: 0, note: unreachedNote(wantUs, known, beginUs, untilUs) });
    if (beginUs === null || newestUs === undefined || beginUs >= untilUs) return nothing;
    const rows = await unseenRows(archive, stream, { fromUs: beginUs, toUs: untilUs }, newestUs);
    if (!rows.ok) return rows;
    // A page that lags says nothing of what came after it was made.
    const toUs = rows.value.lags ? Math.min(untilUs, newestUs) : untilUs;
    if (beginUs >= toUs) return nothing;
    const page = { fromUs: beginUs, toUs };
    const unread = unreachedNote(wantUs, known, beginUs, toUs);
    const filter = { venue, market, symbol, fromUs: Math.min(page.fromUs, wantUs), toUs };
    const gaps = catalog.gaps.list(filter).filter((gap) => gap.stream === stream.no);
    const coverage = catalog.coverage.list(filter);
    const missedUs = rows.value.missed.filter((us) => us < toUs);
    const facts = missedGaps(stream, missedUs, { gaps, coverage, nowUs: context.nowUs(), frame: lastFrame });
    const whole = { fromUs: Math.floor(filter.fromUs / MINUTE_US) * MINUTE_US, toUs };
    const minutes = judgedMinutes({
      page,
      knownUs: known,
      gaps: catalog.gaps.list({ ...filter, ...whole }).filter((gap) => gap.stream === stream.no),
      coverage: catalog.coverage.list({ ...filter, ...whole }),
      equal: catalog.reconciled.spans(stream.no, whole, 'equal'),
      partial: catalog.reconciled.spans(stream.no, whole, 'partial'),
    });
    const missed = facts.reduce((sum, { trades }) => sum + trades, 0);
    catalog.transaction(() => {
      catalog.gaps.apply(facts.map(({ fact }) => fact));
      const text =
        missed > 0 ? (facts.at(-1)?.fact.evidence ?? null) : beginUs !== null && beginUs > known ? unread : null;
      catalog.reconciled.put(stream.no, minutes, toUs, text);
    });
    if (facts.length > 0) warehouse.emit('gaps', undefined);
    return ok({ compared: page, missed, note: unread });
  };

  /** What one comparison throws is trouble with this stream, which is compared again later. */
  const attempt: typeof compare = async (feed, stream, fromUs, signal) => {
    try {
      return await compare(feed, stream, fromUs, signal);
    } catch (error) {
      warehouse.log.error({ err: error }, `${nameOf(stream)} could not be compared: ${reasonOf(error)}`);
      return fail('pages.failed', `${nameOf(stream)} could not be compared: ${reasonOf(error)}`, { retry: true });
    }
  };

  /** One at a time per stream. */
  const check = async (stream: Stream, fromUs: Us, signal: AbortSignal): Promise<Result<PageCheck>> => {
    const feed = feedOf(stream.venue, stream.market);
    if (!feed || !isComparedByPages(feed)) return fail('pages.none', `${nameOf(stream)} is not compared by pages`);
    for (let before = running.get(stream.no); before; before = running.get(stream.no)) await before;
    const both = AbortSignal.any([signal, stopping.signal]);
    const work = attempt(feed, stream, fromUs, both).then((result) => {
      const { waitUs = AGAIN_US / 2 } = later.get(stream.no) ?? {};
      if (result.ok || both.aborted) later.delete(stream.no);
      else {
        const nextUs = Math.min(LONGEST_AGAIN_US, isUnasked(result.failure) ? AGAIN_US : waitUs * 2);
        later.set(stream.no, { us: context.nowUs() + nextUs, waitUs: nextUs });
      }
      return result;
    });
    running.set(stream.no, work);
    working.add(work);
    return await work.finally(() => {
      working.delete(work);
      if (running.get(stream.no) === work) running.delete(stream.no);
    });
  };

  /** Minutes that a gap kept out and whose gap is repaired by now: the page that filled it is the comparison. */
  const free = (feed: Feed): void => {
    for (const { stream, fromUs, toUs } of catalog.reconciled.freed(feed, 1000)) {
      const minutes = Array.from({ length: Math.round((toUs - fromUs) / MINUTE_US) }, (_, n) => ({
        minuteUs: fromUs + n * MINUTE_US,
        result: 'equal' as const,
      }));
      catalog.reconciled.put(stream, minutes, null, null);
    }
  };

  const turns = async (feed: Feed, streams: readonly Stream[]): Promise<Turn[]> => {
    const now = context.nowUs();
    const all = frontiers();
    const reaches = await reachesUs(archive, feed, streams, now);
    return streams.flatMap((stream): Turn[] => {
      if (running.has(stream.no) || (later.get(stream.no)?.us ?? 0) > now) return [];
      const known = frontier(stream, all);
      if (known === null || !isCarried(stream, known)) return [];
      const urgent = wanted.has(stream.no);
      const everyUs = Math.min(EVERY_US, PART * (reaches.get(stream.no) ?? Number.POSITIVE_INFINITY));
      const lastUs = Math.max(askedAt.get(stream.no) ?? 0, known);
      return urgent || lastUs + everyUs <= now ? [{ stream, dueUs: lastUs + everyUs, urgent }] : [];
    });
  };

  /** Something of it was covered since it was last looked at. */
  const isCarried = ({ venue, market, symbol }: Stream, fromUs: Us): boolean =>
    catalog.coverage.list({ venue, market, symbol, fromUs, toUs: context.nowUs() }).length > 0;

  const job = repeating(LOOK_MS, async (signal) => {
    for (const feed of feeds) {
      if (!isComparedByPages(feed)) continue;
      const streams = archive
        .streams()
        .filter(
          ({ venue, market, channel }) => venue === feed.venue && market === feed.market && channel === feed.channel,
        );
      if (streams.length === 0) continue;
      free(feed);
      const name = `${feed.venue} ${feed.market}`;
      let left = AT_ONCE - (asking.get(name) ?? 0);
      if (left <= 0) continue;
      const due = (await turns(feed, streams)).toSorted(
        (a, b) => Number(b.urgent) - Number(a.urgent) || a.dueUs - b.dueUs || a.stream.no - b.stream.no,
      );
      for (const { stream } of due) {
        if (left <= 0 || signal.aborted) break;
        left -= 1;
        wanted.delete(stream.no);
        void check(stream, Number.POSITIVE_INFINITY, signal);
      }
    }
  });

  return {
    start: job.start,
    stop: async () => {
      stopping.abort();
      await job.stop();
      await Promise.allSettled(working);
    },
    check,
    cover: async (streams, untilUs, withinMs, signal, told) => {
      const numbers = new Set(streams.map((stream) => stream.no));
      const own = archive.streams().filter((stream) => {
        const feed = feedOf(stream.venue, stream.market);
        return numbers.has(stream.no) && feed && isComparedByPages(feed) && stream.channel === feed.channel;
      });
      const end = performance.now() + withinMs;
      const open = (): Stream[] =>
        own.filter((stream) => {
          const known = frontier(stream);
          return known !== null && known < untilUs && isCarried(stream, known);
        });
      for (let left = open(); left.length > 0; left = open()) {
        for (const { no } of left) wanted.add(no);
        told?.(left.length);
        job.soon();
        if (performance.now() >= end || !(await pause(100, signal))) return left.length;
      }
      return 0;
    },
  };
}

/** What of the time since wantUs the page says nothing of. */
function unreachedNote(wantUs: Us, knownUs: Us, beginUs: Us | null, toUs: Us): string {
  if (beginUs === null) return 'the page of the venue holds no trade, so it says nothing of what was before it';
  if (beginUs <= wantUs) return '';
  const fromUs = Math.min(wantUs, knownUs);
  const until = `${formatIso(Math.min(beginUs, toUs)).slice(0, 19)}Z`;
  return `the venue's page begins at ${until}: what was printed from ${formatIso(fromUs).slice(0, 19)}Z until then was compared only as far as earlier pages did`;
}

function nameOf({ venue, market, symbol }: Stream): string {
  return `${venue} ${market} ${symbol}`;
}

/** Failures that say nothing of the venue: nobody asked it. */
function isUnasked({ code }: Failure): boolean {
  return /^(?:process|host|request|recording|pages)\./.test(code);
}
