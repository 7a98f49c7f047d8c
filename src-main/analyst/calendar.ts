// Days: what each holds by venue and by stream, with gaps and verdicts. Counting and judging go on in the background, newest first.
// Promises: an answer never waits for files that were not counted yet, it says how much is missing; a verdict is the store's own, out of counted ids.
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US, type Us, type Window } from '../../src-shared/base/time.ts';
import type { CalendarCell, CalendarDay, DayStream, Reach } from '../../src-shared/contract/days.ts';
import type { EventValue, RequestOutput, RequestParsed } from '../../src-shared/contract/index.ts';
import type { Gap } from '../../src-shared/market/gap.ts';
import { marketSchema, type Venue, venueSchema } from '../../src-shared/market/instrument.ts';
import type { Log } from '../base/log.ts';
import type { ParentPort } from '../base/parent-port.ts';
import { gapPages } from './gap-pages.ts';
import type { Snapshot, SnapshotSource } from './snapshot.ts';
import type { StreamCount, Summary } from './summary.ts';

export interface CalendarOptions {
  readonly summary: Summary;
  readonly snapshots: SnapshotSource;
  readonly ask: ParentPort['ask'];
  readonly publish: (value: EventValue<'analysis.summary'>) => void;
  readonly nowUs: () => Us;
  readonly log: Log;
}

const RESOLVED: ReadonlySet<Gap['state']> = new Set(['repaired', 'venue-hole']);
const OPEN: ReadonlySet<Gap['state']> = new Set(['open', 'repairing']);

type Verdicts = NonNullable<CalendarCell['verdicts']>;
type Judged = RequestOutput<'archive.judge'>['streams'][number];

/** Streams of one question to the store: it judges them on the thread that commits. */
const BATCH = 100;
/** The last seconds are still on their way. */
const SETTLED_US = 15 * SECOND_US;
/** A day that still grows is judged anew after this. */
const AGAIN_US = MINUTE_US;
/** Comparisons with candles better a verdict without a sign in the day itself: what is unproved is judged anew after this. */
const COMPARED_US = 10 * MINUTE_US;

const NOT_READ = 'the hours of this window are not sealed yet, and hot hours were not read';

/** What days show of a gap; there may be very many, so nothing else of them is held. */
type DayGap = Pick<Gap, 'venue' | 'market' | 'symbol' | 'channel' | 'state' | 'fromUs' | 'toUs'>;

interface Known {
  readonly fingerprint: string;
  readonly atUs: Us;
  readonly verdicts: Verdicts;
}

interface Wanted {
  readonly key: string;
  readonly fingerprint: string;
  readonly venue: string;
  readonly ticks: number;
  readonly window: Window;
  /** Of the snapshot whose rows are counted. */
  readonly mark: number;
  /** Why not all of its rows are counted; undefined: they are. */
  readonly lacking: string | undefined;
}

export class Calendar {
  readonly #options: CalendarOptions;
  readonly #known = new Map<string, Known>();
  readonly #unreadable = new Map<string, string>();
  #files: Snapshot['sealed'] = [];
  #wanted: Wanted[] = [];
  /** Of the calendar that was asked for last: its sealed files, those not counted yet, and its venue-days. */
  #sealed: ReadonlySet<string> = new Set();
  #pending = new Set<string>();
  #venueDays: readonly string[] = [];
  #working: Promise<void> | undefined;
  #left = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: CalendarOptions) {
    this.#options = options;
  }

  async calendar(input: RequestParsed<'analysis.calendar'>): Promise<Result<RequestOutput<'analysis.calendar'>>> {
    const offsetUs = input.offsetMinutes * MINUTE_US;
    const window = {
      fromUs: dayFloor(input.fromUs, offsetUs),
      toUs: dayFloor(input.toUs - 1, offsetUs) + DAY_US,
    };
    const read = await this.#alone(async () => {
      const found = await this.#read(window);
      return found.ok ? ok({ ...found.value, rows: await this.#options.summary.cells(window, offsetUs) }) : found;
    });
    if (!read.ok) return read;
    const { snapshot, gaps, left, rows } = read.value;
    const uncounted = new Set(left.map((file) => file.path));
    const days = new Map<Us, RequestOutput<'analysis.calendar'>['days'][number]>();
    const dayAt = (us: Us) => {
      const dayUs = dayFloor(us, offsetUs);
      const found = days.get(dayUs) ?? { dayUs, files: 0, bytes: 0, pendingRows: 0 };
      days.set(dayUs, found);
      return found;
    };
    for (const file of snapshot.sealed) {
      if (file.hourUs < window.fromUs || file.hourUs >= window.toUs) continue;
      const day = dayAt(file.hourUs);
      day.files += 1;
      day.bytes += file.bytes;
      if (uncounted.has(file.path)) day.pendingRows += file.rows;
    }
    const cells = new Map<string, CalendarCell>();
    for (const row of rows) {
      const cell = emptyCell(Number(row.day_us), venueSchema.parse(row.venue));
      cells.set(`${cell.dayUs} ${cell.venue}`, {
        ...cell,
        ticks: Number(row.n),
        streams: Number(row.streams),
        firstUs: Number(row.first_us),
        lastUs: Number(row.last_us),
      });
      dayAt(cell.dayUs);
    }
    for (const gap of gaps) {
      const last = Math.min(window.toUs - 1, gap.toUs ?? this.#options.nowUs());
      for (let dayUs = dayFloor(Math.max(window.fromUs, gap.fromUs), offsetUs); dayUs <= last; dayUs += DAY_US) {
        const key = `${dayUs} ${gap.venue}`;
        cells.set(key, withGap(cells.get(key) ?? emptyCell(dayUs, gap.venue), gap));
        dayAt(dayUs);
      }
    }
    this.#wish([...cells.values()], [...days.values()], snapshot, left);
    const told = [...cells.values()].map((cell) => ({ ...cell, verdicts: this.#verdictsOf(cell) }));
    return ok({
      days: [...days.values()].toSorted((a, b) => a.dayUs - b.dayUs),
      cells: told.toSorted((a, b) => a.dayUs - b.dayUs || (a.venue < b.venue ? -1 : 1)),
      reach: snapshot.reach,
    });
  }

  async day(input: RequestParsed<'analysis.day'>): Promise<Result<RequestOutput<'analysis.day'>>> {
    const window = {
      fromUs: Math.floor(input.fromUs / HOUR_US) * HOUR_US,
      toUs: Math.ceil(input.toUs / HOUR_US) * HOUR_US,
    };
    if (window.toUs - window.fromUs > 31 * DAY_US)
      return fail('analysis.window', 'a day was asked for: at most 31 days are counted by stream');
    const read = await this.#counted(window, input.venue);
    if (!read.ok) return read;
    const { snapshot, gaps, counts } = read.value;
    const lacking = this.#lackingOf(window, snapshot.sealed);
    const judged = await this.#judge(counts, settledWindow(window, snapshot.reach), snapshot.mark, lacking);
    if (!judged.ok) return judged;
    const byStream = Map.groupBy(gaps, (gap) => [gap.venue, gap.market, gap.symbol, gap.channel].join('\n'));
    return ok({
      reach: snapshot.reach,
      streams: counts.map((count, index): DayStream => {
        const own = byStream.get([count.venue, count.market, count.symbol, count.channel].join('\n')) ?? [];
        const word = judged.value[index];
        return {
          venue: venueSchema.parse(count.venue),
          market: marketSchema.parse(count.market),
          symbol: count.symbol,
          channel: count.channel,
          instrument: word?.instrument ?? count.symbol,
          base: word?.base ?? '',
          quote: word?.quote ?? '',
          ticks: count.rows,
          bytes: count.bytes,
          firstUs: count.firstUs,
          lastUs: count.lastUs,
          gaps: own.length,
          unresolvedGaps: own.filter((gap) => !RESOLVED.has(gap.state)).length,
          openGaps: own.filter((gap) => OPEN.has(gap.state)).length,
          verdict: word?.verdict ?? 'incomplete',
          reasons: [...(word?.reasons ?? [])],
        };
      }),
    });
  }

  async leave(): Promise<void> {
    this.#left = true;
    await this.#working;
  }

  /** What a window holds by stream, all of its files counted. Sealed ones, which may take long, are counted while others are answered. */
  async #counted(
    window: Window,
    venue: RequestParsed<'analysis.day'>['venue'],
  ): Promise<Result<{ snapshot: Snapshot; gaps: DayGap[]; counts: StreamCount[] }>> {
    for (;;) {
      const read = await this.#alone(async () => {
        const found = await this.#read(window);
        if (!found.ok) return found;
        const whole = found.value.left.length === 0;
        return ok({ ...found.value, counts: whole ? await this.#options.summary.streams(window, venue) : null });
      });
      if (!read.ok) return read;
      const { snapshot, gaps, left, counts } = read.value;
      if (counts) return ok({ snapshot, gaps, counts });
      for (const file of left) {
        const counted = await this.#count(file);
        if (!counted.ok) return counted;
      }
    }
  }

  /**
   * One after another: the counts of hot hours are those of one snapshot. Two that follow different ones at once would take each other's counts
   * away, and a day that holds trades would look empty.
   */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const own = before.then(work);
    this.#turn = own.then(
      () => undefined,
      () => undefined,
    );
    return own;
  }

  /** What there is in a window and beside it; hot parts are counted at once, sealed files are given back. */
  async #read(window: Window): Promise<Result<{ snapshot: Snapshot; gaps: DayGap[]; left: Snapshot['sealed'] }>> {
    const around = { fromUs: window.fromUs - HOUR_US, toUs: window.toUs + HOUR_US };
    const [taken, gaps] = await Promise.all([this.#options.snapshots.take(around), this.#gaps(window)]);
    if (!taken.ok) return taken;
    if (!gaps.ok) return gaps;
    const hot = new Set(taken.value.hot.map((file) => file.path));
    const uncounted = await this.#options.summary.follow(around, taken.value);
    for (const file of uncounted.filter(({ path }) => hot.has(path))) {
      const counted = await this.#count(file);
      if (!counted.ok) return counted;
    }
    const names = new Set(uncounted.map(({ path }) => path));
    const left = taken.value.sealed.filter(({ path }) => names.has(path) && !this.#unreadable.has(path));
    return ok({ snapshot: taken.value, gaps: gaps.value, left });
  }

  async #gaps(window: Window): Promise<Result<DayGap[]>> {
    const all: DayGap[] = [];
    for await (const page of gapPages(this.#options.ask, window)) {
      if (!page.ok) return page;
      for (const { venue, market, symbol, channel, state, fromUs, toUs } of page.value)
        all.push({ venue, market, symbol, channel, state, fromUs, toUs });
    }
    return ok(all);
  }

  async #count(file: Parameters<Summary['count']>[0]): Promise<Result<void>> {
    try {
      await this.#options.summary.count(file);
      return ok(undefined);
    } catch (error) {
      return fail('analysis.count', `${file.path} could not be counted: ${reasonOf(error)}`, { retry: true });
    }
  }

  /** What is not known of the calendar that was asked for last becomes the background's work. */
  #wish(
    cells: readonly CalendarCell[],
    days: readonly CalendarDay[],
    { sealed, reach, mark }: Snapshot,
    left: Snapshot['sealed'],
  ): void {
    this.#files = left.toSorted((a, b) => b.hourUs - a.hourUs);
    const pending = new Set(days.filter((day) => day.pendingRows > 0).map((day) => day.dayUs));
    const nowUs = this.#options.nowUs();
    const all = cells.filter((cell) => cell.ticks > 0);
    this.#wanted = all
      .filter((cell) => !pending.has(cell.dayUs))
      .map((cell) => {
        const whole = { fromUs: cell.dayUs, toUs: cell.dayUs + DAY_US };
        const window = settledWindow(whole, reach);
        const lacking = this.#lackingOf(whole, sealed);
        const fingerprint = `${fingerprintOf(cell, window)} ${lacking ?? ''}`;
        return { key: keyOf(cell), fingerprint, venue: cell.venue, ticks: cell.ticks, window, mark, lacking };
      })
      .filter(({ key, fingerprint }) => {
        const known = this.#known.get(key);
        if (known === undefined) return true;
        const ageUs = nowUs - known.atUs;
        return known.fingerprint === fingerprint
          ? known.verdicts.unproved > 0 && ageUs > COMPARED_US
          : ageUs > AGAIN_US;
      })
      .toSorted((a, b) => b.window.fromUs - a.window.fromUs);
    this.#sealed = new Set(sealed.map(({ path }) => path));
    this.#pending = new Set(left.map(({ path }) => path));
    this.#venueDays = all.map(keyOf);
    this.#work();
  }

  #work(): void {
    this.#working ??= this.#loop().finally(() => {
      this.#working = undefined;
    });
  }

  async #loop(): Promise<void> {
    while (!this.#left) {
      const [file] = this.#files;
      const [wish] = this.#wanted;
      if (file) {
        this.#files = this.#files.slice(1);
        const counted = await this.#count(file);
        this.#pending.delete(file.path);
        if (!counted.ok) this.#unreadable.set(file.path, counted.failure.message);
      } else if (wish) {
        this.#wanted = this.#wanted.slice(1);
        await this.#judgeDay(wish);
      } else return;
      this.#tell();
    }
  }

  async #judgeDay({ key, fingerprint, venue, ticks, window, mark, lacking }: Wanted): Promise<void> {
    const whole = { fromUs: window.fromUs, toUs: window.fromUs + DAY_US };
    const counts = await this.#options.summary.streams(whole, venue);
    // A later question has taken counts away (a part was sealed, or grew) and what comes in their place is not counted yet: it wishes anew.
    if (counts.reduce((sum, { rows }) => sum + rows, 0) < ticks) return;
    const judged = await this.#judge(counts, window, mark, lacking);
    if (!judged.ok) {
      this.#options.log.warn({ venue, reason: judged.failure.message }, 'a day could not be judged');
      return;
    }
    const verdicts: Verdicts = { proven: 0, covered: 0, unproved: 0, incomplete: 0 };
    for (const { verdict } of judged.value) verdicts[verdict] += 1;
    this.#known.set(key, { fingerprint, atUs: this.#options.nowUs(), verdicts });
  }

  /** Why not all rows of a window can be counted: a sealed file of it does not read. */
  #lackingOf({ fromUs, toUs }: Window, sealed: Snapshot['sealed']): string | undefined {
    const inside = sealed.filter(({ hourUs }) => hourUs >= fromUs && hourUs < toUs);
    return inside.map(({ path }) => this.#unreadable.get(path)).find((reason) => reason !== undefined);
  }

  async #judge(
    counts: readonly StreamCount[],
    window: Window,
    mark: number,
    lacking: string | undefined,
  ): Promise<Result<Judged[]>> {
    const unread = lacking ?? (window.fromUs === window.toUs ? NOT_READ : undefined);
    if (unread !== undefined) return ok(counts.map((count) => incomplete(count, unread)));
    const all: Judged[] = [];
    for (let at = 0; at < counts.length; at += BATCH) {
      const streams = counts.slice(at, at + BATCH).map(({ bytes: _, ...count }) => ({
        ...count,
        venue: venueSchema.parse(count.venue),
        market: marketSchema.parse(count.market),
      }));
      const judged = await this.#options.ask('archive.judge', { ...window, mark, streams });
      if (!judged.ok) return judged;
      all.push(...judged.value.streams);
    }
    return ok(all);
  }

  #verdictsOf(cell: CalendarCell): Verdicts | null {
    return this.#known.get(keyOf(cell))?.verdicts ?? null;
  }

  #tell(): void {
    const failed = [...this.#unreadable.keys()].filter((path) => this.#sealed.has(path)).length;
    this.#options.publish({
      files: this.#sealed.size,
      counted: this.#sealed.size - this.#pending.size - failed,
      failed,
      note: [...this.#unreadable.values()].at(-1) ?? '',
      venueDays: this.#venueDays.length,
      judged: this.#venueDays.filter((key) => this.#known.has(key)).length,
      atUs: this.#options.nowUs(),
    });
  }
}

/** The begin of the day that holds a time, of days that begin offsetUs before UTC's. */
export function dayFloor(us: Us, offsetUs: Us): Us {
  return Math.floor((us + offsetUs) / DAY_US) * DAY_US - offsetUs;
}

/** A window that ends where the record has settled, or where the sealed hours end if no others were read; empty when it lies behind them. */
function settledWindow({ fromUs, toUs }: Window, { hotUntilUs, sealedUntilUs }: Reach): Window {
  if (hotUntilUs === null) return { fromUs, toUs: Math.max(fromUs, Math.min(toUs, sealedUntilUs ?? fromUs)) };
  const settledUs = Math.floor((hotUntilUs - SETTLED_US) / SECOND_US) * SECOND_US;
  return { fromUs, toUs: Math.max(fromUs + SECOND_US, Math.min(toUs, settledUs)) };
}

/** The word on a stream whose rows were not all read. */
function incomplete({ symbol }: StreamCount, reason: string): Judged {
  return { verdict: 'incomplete', reasons: [reason], instrument: symbol, base: '', quote: '' };
}

function emptyCell(dayUs: Us, venue: Venue): CalendarCell {
  return {
    dayUs,
    venue,
    ticks: 0,
    streams: 0,
    firstUs: null,
    lastUs: null,
    gaps: 0,
    unresolvedGaps: 0,
    openGaps: 0,
    verdicts: null,
  };
}

function withGap(cell: CalendarCell, gap: DayGap): CalendarCell {
  return {
    ...cell,
    gaps: cell.gaps + 1,
    unresolvedGaps: cell.unresolvedGaps + (RESOLVED.has(gap.state) ? 0 : 1),
    openGaps: cell.openGaps + (OPEN.has(gap.state) ? 1 : 0),
  };
}

function keyOf({ dayUs, venue }: Pick<CalendarCell, 'dayUs' | 'venue'>): string {
  return `${dayUs} ${venue}`;
}

/** What a verdict depends on; it is made anew when this is another. */
function fingerprintOf({ ticks, gaps, unresolvedGaps, openGaps, lastUs }: CalendarCell, { toUs }: Window): string {
  return [ticks, gaps, unresolvedGaps, openGaps, lastUs, toUs].join(' ');
}
