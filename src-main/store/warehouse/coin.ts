// Which streams belong to a coin, and what can be said of each in a window.
// Promises: a stream of the coin is never left out because a venue's list was not read; what was not recorded is named.
import { nearestOf } from '../../../src-shared/base/nearest.ts';
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Settings } from '../../../src-shared/contract/settings.ts';
import type { Coverage, Verdict } from '../../../src-shared/market/gap.ts';
import {
  type Instrument,
  instrumentName,
  type Market,
  marketSchema,
  type Venue,
  venueSchema,
  venues,
} from '../../../src-shared/market/instrument.ts';
import type { StreamVerdict } from '../../../src-shared/market/listing.ts';
import { feedOf, isComparedByPages } from '../../feeds/index.ts';
import type { OpenArchive } from './archive.ts';
import type { SeenInstrument, StoredGap } from './catalog.ts';
import { abnormalTicks, withClocks } from './clocks.ts';
import { countWithIds } from './far-ids.ts';
import { matches, streamName, type TickFilter, withFacts } from './queries.ts';
import type { StreamRow } from './rows-sql.ts';
import { judge, minutesOf, noRows, uncovered, type WindowCount } from './verdict.ts';

/** Quote currencies, the more usual as a quote the earlier: of two known ones the earlier is the quote. */
const QUOTES = [
  'KRW',
  'EUR',
  'TRY',
  'BRL',
  'JPY',
  'GBP',
  'AUD',
  'USDT',
  'USDC',
  'FDUSD',
  'USD1',
  'USDE',
  'TUSD',
  'BUSD',
  'DAI',
  'USD',
  'BTC',
  'XBT',
  'ETH',
  'BNB',
];
const SUFFIXES = new Set(['SWAP', 'PERP', 'PERPETUAL', 'SPOT']);

/** The coin of a symbol by the way venues build names (KRW-ABC, ABCUSDT, ABC_USDT, ABC-USDT-SWAP); undefined when that is not clear. */
export function coinOfSymbol(symbol: string): string | undefined {
  const parts = symbol.split(/[-_/]/).filter((part) => part !== '' && !SUFFIXES.has(part.toUpperCase()));
  if (parts.length === 2) {
    const [first = '', second = ''] = parts.map((part) => part.toUpperCase());
    const [a, b] = [QUOTES.indexOf(first), QUOTES.indexOf(second)];
    if (a < 0 && b < 0) return undefined;
    if (a < 0) return first;
    if (b < 0) return second;
    return a < b ? second : first;
  }
  if (parts.length !== 1 || symbol.includes('-') || symbol.includes('_')) return undefined;
  // One venue marks spot names with a small s in front.
  const name = /^s[A-Z0-9]/.test(symbol) ? symbol.slice(1) : symbol;
  const upper = name.toUpperCase();
  const quotes = QUOTES.filter((quote) => upper.endsWith(quote) && upper.length > quote.length);
  const longest = quotes.toSorted((x, y) => y.length - x.length)[0];
  return longest === undefined ? undefined : upper.slice(0, -longest.length);
}

/** A stream of a coin. no is -1 when it was subscribed but never gave a trade. */
export interface CoinStream extends StreamRow {
  readonly venue: Venue;
  readonly market: Market;
  readonly instrument: string;
  readonly quote: string;
  readonly listedUs: Us | null;
  readonly absentUs: Us | null;
  readonly endedUs: Us | null;
}

export interface CoinStreams {
  readonly coin: string;
  /** Streams that were recorded at some time. */
  readonly recorded: readonly CoinStream[];
  /** Instruments that the settings want and that were never recorded, and those that nobody asked for. */
  readonly wanted: readonly Instrument[];
  readonly unwanted: readonly Instrument[];
  /** The venue markets that the settings record. */
  readonly asked: readonly { readonly venue: Venue; readonly market: Market }[];
}

/** True when the settings ask for this instrument. */
export function isWanted(
  settings: Settings,
  instrument: Pick<Instrument, 'venue' | 'market' | 'symbol' | 'base' | 'quote'>,
): boolean {
  const venue = settings.venues[instrument.venue];
  if (!venue?.enabled || !venue.markets.includes(instrument.market)) return false;
  const { symbols } = venue;
  if (symbols === 'all') return true;
  if ('quote' in symbols) return symbols.quote.includes(instrument.quote);
  if ('coin' in symbols) return symbols.coin.includes(instrument.base);
  return symbols.includes(instrument.symbol);
}

/** Between which times an instrument may have traded, as far as its venue's lists tell. */
function boundsOf(
  archive: OpenArchive,
  known: SeenInstrument | undefined,
): { listedUs: Us | null; absentUs: Us | null; endedUs: Us | null } {
  if (!known) return { listedUs: null, absentUs: null, endedUs: null };
  // One that is only announced did not trade as of the newest list.
  const waits = known.state === 'pre-launch' ? archive.catalog.instruments.wholeUs(known.venue, known.market) : null;
  return { listedUs: known.listedUs, absentUs: waits ?? known.absentUs, endedUs: known.endedUs };
}

/** False when the venue's lists say that it did not trade anywhere in the window. */
function mayHaveTraded(archive: OpenArchive, one: SeenInstrument, window: Window): boolean {
  const { listedUs, absentUs, endedUs } = boundsOf(archive, one);
  return Math.max(listedUs ?? 0, absentUs ?? 0) < window.toUs && (endedUs === null || endedUs > window.fromUs);
}

/** A name that differs in more letters is another coin, not a mistyped one: two letters of a long name, one of a short one. */
const mistyped = (coin: string): number => (coin.length > 4 ? 2 : 1);
const NEAR_NAMES = 3;

/** Whether a coin is known: by a venue's list, past or present, or by a stream that was recorded. null: no list was read yet. */
export function lookUpCoin(archive: OpenArchive, coinText: string): { listed: boolean | null; near: string[] } {
  const coin = coinText.trim().toUpperCase();
  if (archive.catalog.instruments.list({ coin }).length > 0) return { listed: true, near: [] };
  const recorded = archive.streams().some((stream) => {
    const base = archive.instrument(stream.venue, stream.market, stream.symbol)?.base;
    return (base ? base.toUpperCase() : coinOfSymbol(stream.symbol)) === coin;
  });
  if (recorded) return { listed: true, near: [] };
  const all = archive.catalog.instruments.list();
  const near = nearestOf(coin, [...new Set(all.map(({ base }) => base.toUpperCase()))], mistyped(coin));
  return { listed: all.length > 0 ? false : null, near: near.slice(0, NEAR_NAMES) };
}

/** Everything that is or should be recorded of a coin. */
export function streamsOfCoin(archive: OpenArchive, settings: Settings, coinText: string, window: Window): CoinStreams {
  const coin = coinText.trim().toUpperCase();
  const isCoin = (venue: string, market: string, symbol: string): boolean => {
    const base = archive.instrument(venue, market, symbol)?.base;
    return base ? base.toUpperCase() === coin : coinOfSymbol(symbol) === coin;
  };
  const recorded = new Map<string, CoinStream>();
  const symbols = new Set<string>();
  const add = (stream: StreamRow & { venue: Venue; market: Market }): void => {
    const known = archive.instrument(stream.venue, stream.market, stream.symbol);
    symbols.add(`${stream.venue}:${stream.market}:${stream.symbol}`);
    recorded.set(streamName(stream), {
      ...stream,
      instrument: instrumentName({
        base: '',
        quote: '',
        ...known,
        venue: stream.venue,
        market: stream.market,
        symbol: stream.symbol,
      }),
      quote: known?.quote ?? '',
      ...boundsOf(archive, known),
    });
  };
  const streams = archive.streams().filter((stream) => isCoin(stream.venue, stream.market, stream.symbol));
  const facts = withFacts(archive, streams);
  streams.forEach((stream, index) => {
    const fact = facts[index];
    if (fact) add({ ...fact, venue: stream.venue, market: stream.market });
  });
  // Subscribed and covered, but no trade ever came: still a stream with a verdict.
  for (const covered of archive.catalog.coverage.list(near(window))) {
    if (symbols.has(`${covered.venue}:${covered.market}:${covered.symbol}`)) continue;
    if (!isCoin(covered.venue, covered.market, covered.symbol)) continue;
    const channel = feedOf(covered.venue, covered.market)?.channel ?? 'trade';
    add({
      no: -1,
      venue: covered.venue,
      market: covered.market,
      symbol: covered.symbol,
      channel,
      contractSize: null,
      sizedUs: 0,
    });
  }
  const unrecorded = archive.catalog.instruments
    .list({ coin })
    .filter((one) => !symbols.has(`${one.venue}:${one.market}:${one.symbol}`));
  return {
    coin,
    recorded: [...recorded.values()].toSorted((a, b) =>
      a.instrument < b.instrument ? -1 : a.instrument > b.instrument ? 1 : 0,
    ),
    wanted: unrecorded.filter((one) => isWanted(settings, one) && mayHaveTraded(archive, one, window)),
    unwanted: unrecorded.filter((one) => !isWanted(settings, one)),
    asked: venues.flatMap((venue) => {
      const found = settings.venues[venue];
      return found?.enabled ? found.markets.map((market) => ({ venue, market })) : [];
    }),
  };
}

/** Coverage is looked for a little beyond the window: a reason may have to say when it ended. */
function near(window: Window): Window {
  return { fromUs: window.fromUs - SECOND_US, toUs: window.toUs + SECOND_US };
}

/**
 * Coverage as it can be relied on: a line that is open may have been dead since its last frame, which nobody notices for up to a minute, so it
 * counts until shortly before that.
 */
function coverageOf(
  archive: OpenArchive,
  filter: { readonly venue: Venue; readonly market: Market; readonly symbol: string },
  window: Window,
): Coverage[] {
  return archive.catalog.coverage.carried({ ...filter, ...near(window) }).map(({ lineNo, ...interval }) => {
    const heardUs = interval.toUs === null ? archive.heardUs(lineNo) : null;
    return heardUs === null ? interval : { ...interval, toUs: Math.max(interval.fromUs, heardUs - SECOND_US) };
  });
}

/** True while a line that is open for one of these streams has not been heard since the window's end: wait, for it may be quiet or dead. */
export function isUnheard(archive: OpenArchive, streams: CoinStreams, window: Window): boolean {
  return streams.recorded.some(({ venue, market, symbol }) =>
    archive.catalog.coverage
      .carried({ venue, market, symbol, ...near(window) })
      .some(
        ({ toUs, lineNo }) =>
          toUs === null && (archive.heardUs(lineNo) ?? window.toUs + SECOND_US) < window.toUs + SECOND_US,
      ),
  );
}

/** How long after the end of a window its last trades may still arrive: the slowest venue of the coin. */
export function latenessOf(streams: CoinStreams): Us {
  const found = [...streams.recorded, ...streams.wanted].map((one) => feedOf(one.venue, one.market)?.latenessUs ?? 0);
  return Math.max(2 * SECOND_US, ...found);
}

/** How long a batch that is being written is waited for: commits take milliseconds, a disk that refuses takes as long as it likes. */
const HALFWAY_MS = 5000;

/** What the catalog says of streams in a window. */
export interface WindowEvidence {
  readonly readUntilUs: Us;
  /** The rows of what the catalog says could not be waited for. */
  readonly unsettled: boolean;
  readonly streams: ReadonlyMap<string, StreamEvidence>;
}

interface StreamEvidence {
  readonly gaps: readonly StoredGap[];
  readonly coverage: readonly Coverage[];
  readonly reconciled: readonly Window[] | null;
}

/**
 * What the catalog says of these streams now. Read it before their rows are: what a gap was filled with is then among them, while evidence
 * of after the reading would call a gap filled whose trades were not read.
 */
export async function evidenceOf(
  archive: OpenArchive,
  streams: readonly CoinStream[],
  window: Window,
  readUntilUs: Us,
): Promise<WindowEvidence> {
  return await archive.halfway.read(HALFWAY_MS, (agree) => ({
    readUntilUs,
    unsettled: !agree,
    streams: new Map(streams.map((stream) => [streamName(stream), streamEvidence(archive, stream, window)])),
  }));
}

function isSubscribed({ venue, market, channel }: CoinStream): boolean {
  const feed = feedOf(venue, market);
  return feed === undefined || channel === feed.channel;
}

function streamEvidence(archive: OpenArchive, stream: CoinStream, window: Window): StreamEvidence {
  const feed = feedOf(stream.venue, stream.market);
  const filter = { venue: stream.venue, market: stream.market, symbol: stream.symbol };
  return {
    gaps: archive.catalog.gaps.list({ ...filter, ...window }).filter((gap) => gap.channel === stream.channel),
    coverage: isSubscribed(stream) ? coverageOf(archive, filter, window) : [],
    reconciled:
      feed && (feed.candles || isComparedByPages(feed)) && stream.channel === feed.channel && stream.no >= 0
        ? archive.catalog.reconciled.spans(stream.no, minutesOf(window), 'equal')
        : null,
  };
}

const noEvidence: StreamEvidence = { gaps: [], coverage: [], reconciled: null };

function judgeRecorded(
  streams: readonly CoinStream[],
  window: Window,
  counts: ReadonlyMap<string, WindowCount>,
  evidence: WindowEvidence,
): StreamVerdict[] {
  return streams.flatMap((stream): StreamVerdict[] => {
    const feed = feedOf(stream.venue, stream.market);
    const count = counts.get(streamName(stream)) ?? noRows;
    const own = isSubscribed(stream);
    // A channel that was recorded once and is not subscribed says nothing of windows in which it has no trade.
    if (!own && count.rows + count.before + count.after === 0) return [];
    const { verdict, reasons, gaps } = judge({
      ...(evidence.streams.get(streamName(stream)) ?? noEvidence),
      window,
      // Ids are promised to follow each other only on the channel that is subscribed, and only that one is covered.
      idRule: own && feed?.idRule === 'contiguous' ? 'contiguous' : 'unique',
      count,
      listedUs: stream.listedUs,
      absentUs: stream.absentUs,
      endedUs: stream.endedUs,
      readUntilUs: evidence.readUntilUs,
      unsettled: evidence.unsettled,
      latenessUs: feed?.latenessUs ?? 0,
      comparedWith: feed && isComparedByPages(feed) ? 'pages' : 'candles',
    });
    const { instrument, venue, market, symbol, channel } = stream;
    return [
      {
        instrument,
        venue,
        market,
        symbol,
        channel,
        rows: count.rows,
        verdict,
        reasons: [...reasons],
        gaps: [...gaps],
      },
    ];
  });
}

/** The verdict of every stream of a coin; a coin that was never recorded has one verdict that says so. */
export function judgeStreams(
  streams: CoinStreams,
  window: Window,
  counts: ReadonlyMap<string, WindowCount>,
  evidence: WindowEvidence,
): StreamVerdict[] {
  const verdicts = judgeRecorded(streams.recorded, window, counts, evidence);
  const never = (instrument: Instrument, reason: string): StreamVerdict => ({
    instrument: instrumentName(instrument),
    venue: instrument.venue,
    market: instrument.market,
    symbol: instrument.symbol,
    rows: 0,
    verdict: 'incomplete',
    reasons: [reason],
    gaps: [],
  });
  verdicts.push(
    ...streams.wanted.map((one) => never(one, 'never recorded: the settings ask for it, but no line has carried it')),
  );
  // Where nothing at all was recorded, the instruments that nobody asked for are what the answer is about.
  if (verdicts.length === 0) {
    verdicts.push(...streams.unwanted.map((one) => never(one, 'never recorded: the settings do not ask for it')));
  }
  if (verdicts.length === 0) {
    for (const { venue, market } of streams.asked) {
      verdicts.push({
        instrument: `${venue}:${market}:${streams.coin}`,
        venue,
        market,
        symbol: '',
        rows: 0,
        verdict: 'incomplete',
        reasons: [`never recorded: ${venue} ${market} has no instrument of ${streams.coin} that this recorder knows`],
        gaps: [],
      });
    }
  }
  return verdicts;
}

const WORST_FIRST: readonly Verdict[] = ['incomplete', 'unproved', 'covered', 'proven'];

/** What can be said of several streams together: the weakest word. Nothing recorded is incomplete. */
export function weakest(streams: readonly StreamVerdict[], coin: string): { verdict: Verdict; reasons: string[] } {
  if (streams.length === 0) {
    return {
      verdict: 'incomplete',
      reasons: [`never recorded: no venue is set up and no instrument of ${coin} is known`],
    };
  }
  const verdict = WORST_FIRST.find((word) => streams.some((stream) => stream.verdict === word)) ?? 'incomplete';
  const named = streams.filter((stream) => stream.verdict === verdict);
  const names = named.slice(0, 5).map((stream) => stream.instrument);
  const more = named.length > names.length ? ` and ${named.length - names.length} more` : '';
  return {
    verdict,
    reasons: [`${verdict}: ${names.join(', ')}${more} (${named.length} of ${streams.length} streams)`],
  };
}

/** Rows and verdict per stream without writing anything. */
export async function judgeCoin(
  archive: OpenArchive,
  settings: Settings,
  coin: string,
  window: Window,
  atUs: Us,
  readUntilUs: Us,
): Promise<Result<StreamVerdict[]>> {
  const streams = streamsOfCoin(archive, settings, coin, window);
  const evidence = await evidenceOf(archive, streams.recorded, window, readUntilUs);
  const [counts, abnormal] = await Promise.all([
    countWithIds(archive, streams.recorded, window, atUs, readUntilUs),
    abnormalTicks(archive, streams.recorded, window),
  ]);
  if (!counts.ok) return counts;
  if (!abnormal.ok) return abnormal;
  const verdicts = judgeStreams(streams, window, counts.value, evidence);
  return ok(withClocks(verdicts, counts.value, abnormal.value));
}

/** The same of streams by name, whatever their coin. */
export async function judgeFiltered(
  archive: OpenArchive,
  filter: TickFilter,
  window: Window,
  readUntilUs: Us,
): Promise<Result<StreamVerdict[]>> {
  const streams = withFacts(
    archive,
    archive.streams().filter((stream) => matches(stream, filter)),
  );
  const recorded = streams.map((stream) => recordedStream(archive, stream));
  if (recorded.length === 0)
    return fail(
      'verdict.unknown-stream',
      `no stream ${filter.venue ?? 'any venue'} ${filter.market ?? ''} ${filter.symbol ?? ''} was ever recorded`.replaceAll(
        / +/g,
        ' ',
      ),
    );
  const evidence = await evidenceOf(archive, recorded, window, readUntilUs);
  const counts = await countWithIds(archive, recorded, window, window.fromUs, readUntilUs);
  if (!counts.ok) return counts;
  return ok(judgeRecorded(recorded, window, counts.value, evidence));
}

function recordedStream(archive: OpenArchive, stream: StreamRow): CoinStream {
  const venue = venueSchema.parse(stream.venue);
  const market = marketSchema.parse(stream.market);
  const known = archive.instrument(venue, market, stream.symbol);
  const instrument = instrumentName({ base: '', quote: '', ...known, venue, market, symbol: stream.symbol });
  return { ...stream, venue, market, instrument, quote: known?.quote ?? '', ...boundsOf(archive, known) };
}

/**
 * The same of streams whose rows somebody else has counted: by their names as `streamName` gives them. mark: that of the snapshot that the rows
 * came from; what was said after it counts as not said. Fails with `archive.outdated` when that is too long ago to tell.
 */
export async function judgeCounted(
  archive: OpenArchive,
  counts: ReadonlyMap<string, WindowCount>,
  window: Window,
  { readUntilUs, mark }: { readonly readUntilUs: Us; readonly mark: number },
): Promise<Result<ReadonlyMap<string, StreamVerdict>>> {
  const streams = withFacts(
    archive,
    archive.streams().filter((stream) => counts.has(streamName(stream))),
  ).map((stream) => recordedStream(archive, stream));
  const now = await evidenceOf(archive, streams, window, readUntilUs);
  const [settled, equal] = [archive.catalog.gaps.settledSince(mark), archive.catalog.reconciled.equalSince(mark)];
  if (!settled || !equal)
    return fail('archive.outdated', 'what was counted was read too long ago to be judged; read it again', {
      retry: true,
    });
  const [late, minutes] = [new Set(settled), Map.groupBy(equal, ({ stream }) => stream)];
  const evidence = new Map(
    streams.map((stream) => {
      const said = now.streams.get(streamName(stream)) ?? noEvidence;
      const lately = minutes.get(stream.no) ?? [];
      const before: StreamEvidence = {
        ...said,
        gaps: said.gaps.map((gap) => (late.has(gap.id) ? { ...gap, state: 'repairing' } : gap)),
        reconciled:
          said.reconciled && lately.length > 0
            ? said.reconciled.flatMap((span) => uncovered(span, lately))
            : said.reconciled,
      };
      return [streamName(stream), before] as const;
    }),
  );
  const verdicts = judgeRecorded(streams, window, counts, { ...now, streams: evidence });
  return ok(new Map(verdicts.map((one) => [streamName({ ...one, channel: one.channel ?? '' }), one])));
}
