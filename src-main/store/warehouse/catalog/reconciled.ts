// Which minutes of a stream have been compared with the venue's candles, and what came of it. Promises: a minute has one result, its
// newest; neighbours of one result are one row, so that a year of equal minutes costs no more than one.
import type Database from 'better-sqlite3';
import { MINUTE_US, type Us, type Window } from '../../../../src-shared/base/time.ts';
import { Recent } from '../recent.ts';

/** excluded: inside a gap that is not repaired (where ids prove nothing: whose repair has not ended). partial: no line covered the whole minute. */
export type MinuteResult = 'equal' | 'differing' | 'excluded' | 'partial';

export interface Minute {
  readonly minuteUs: Us;
  readonly result: MinuteResult;
}

export interface Frontier {
  readonly stream: number;
  /** The first minute that has not been looked at. */
  readonly nextUs: Us;
  readonly note: string;
}

export interface Figure {
  readonly equal: number;
  readonly differing: number;
  readonly notComparable: number;
  readonly lastUs: Us | null;
}

export interface Freed extends Window {
  readonly stream: number;
}

export interface ReconciledMinutes {
  /** Results of whole minutes, in order; nextUs: how far the stream has been looked at now (null: as before). One durable step. */
  put(stream: number, minutes: readonly Minute[], nextUs: Us | null, note: string | null): void;
  frontiers(): Frontier[];
  /** The first sight of a stream. */
  begin(stream: number, nextUs: Us): void;
  /** Minutes of a window with this result, as intervals. */
  spans(stream: number, window: Window, result: MinuteResult): Window[];
  /** Minutes that were found equal after a mark; null when that is too long ago to know. */
  equalSince(mark: number): Freed[] | null;
  figure(stream: number): Figure;
  /** Those of every stream of which a minute has been looked at. */
  figures(): Map<number, Figure>;
  /** Why a stream's comparison stands where it does, of those of which there is something to say. */
  notes(): Map<number, string>;
  /** Minutes of one market that a gap excluded which by now is repaired. */
  freed(market: MarketKey, limit: number): Freed[];
  /** Those whose repair has ended by now, whether it filled the gap or not. */
  ended(market: MarketKey, limit: number): Freed[];
}

interface MarketKey {
  readonly venue: string;
  readonly market: string;
}

interface FigureRow {
  result: MinuteResult;
  n: number;
  last: Us;
}

/** The figure of a stream of which no minute has been looked at. */
export const nothingCompared: Figure = { equal: 0, differing: 0, notComparable: 0, lastUs: null };

function added(figure: Figure, { result, n, last }: FigureRow): Figure {
  const name = result === 'equal' || result === 'differing' ? result : 'notComparable';
  return { ...figure, [name]: figure[name] + n, lastUs: Math.max(figure.lastUs ?? 0, last) };
}

interface Span {
  from_us: number;
  to_us: number;
  result: MinuteResult;
}

export function openReconciled(database: Database.Database): ReconciledMinutes {
  const touching = database.prepare<[number, number, number], Span>(
    'SELECT from_us, to_us, result FROM reconcile_span WHERE stream = ? AND from_us <= ? AND to_us >= ? ORDER BY from_us',
  );
  const remove = database.prepare('DELETE FROM reconcile_span WHERE stream = ? AND from_us = ?');
  const insert = database.prepare('INSERT INTO reconcile_span (stream, from_us, to_us, result) VALUES (?, ?, ?, ?)');
  const begin = database.prepare(
    "INSERT INTO reconcile_stream (stream, next_us, note) VALUES (?, ?, '') ON CONFLICT DO NOTHING",
  );
  const advance = database.prepare(
    'UPDATE reconcile_stream SET next_us = max(next_us, coalesce(?, next_us)), note = coalesce(?, note) WHERE stream = ?',
  );
  const frontiers = database.prepare<[], Frontier>(
    'SELECT stream, next_us AS nextUs, note FROM reconcile_stream ORDER BY next_us, stream',
  );
  const figure = database.prepare<[number], FigureRow>(
    `SELECT result, sum(to_us - from_us) / ${MINUTE_US} AS n, max(to_us) AS last FROM reconcile_span WHERE stream = ? GROUP BY result`,
  );
  const figures = database.prepare<[], FigureRow & { stream: number }>(
    `SELECT stream, result, sum(to_us - from_us) / ${MINUTE_US} AS n, max(to_us) AS last FROM reconcile_span GROUP BY stream, result`,
  );
  const notes = database.prepare<[], { stream: number; note: string }>(
    "SELECT stream, note FROM reconcile_stream WHERE note <> ''",
  );
  const freedUnless = (standing: string): string =>
    `SELECT s.stream, s.from_us AS fromUs, s.to_us AS toUs FROM reconcile_span s JOIN stream t ON t.no = s.stream
     WHERE s.result = 'excluded' AND NOT EXISTS (
       SELECT 1 FROM gap g WHERE g.stream = s.stream AND ${standing} AND g.cause <> 'volume'
         AND g.from_us < s.to_us AND (g.to_us IS NULL OR g.to_us >= s.from_us))
     AND t.venue = ? AND t.market = ? ORDER BY s.from_us LIMIT ?`;
  const freed = database.prepare<[string, string, number], Freed>(
    freedUnless("g.state NOT IN ('repaired', 'venue-hole')"),
  );
  const ended = database.prepare<[string, string, number], Freed>(
    freedUnless("(g.state IN ('open', 'repairing') OR (g.state IN ('partial', 'unrecoverable') AND g.to_us IS NULL))"),
  );

  const equalLately = new Recent<Freed>();

  /** Puts one interval in the place of whatever was there, and joins it with neighbours of the same result. */
  const place = (stream: number, fromUs: Us, toUs: Us, result: MinuteResult): void => {
    let [from, to] = [fromUs, toUs];
    const keep: Span[] = [];
    for (const span of touching.all(stream, toUs, fromUs)) {
      remove.run(stream, span.from_us);
      if (span.result === result) {
        from = Math.min(from, span.from_us);
        to = Math.max(to, span.to_us);
        continue;
      }
      if (span.from_us < fromUs) keep.push({ ...span, to_us: Math.min(span.to_us, fromUs) });
      if (span.to_us > toUs) keep.push({ ...span, from_us: Math.max(span.from_us, toUs) });
    }
    for (const span of keep) insert.run(stream, span.from_us, span.to_us, span.result);
    insert.run(stream, from, to, result);
  };

  return {
    put: database.transaction((stream: number, minutes: readonly Minute[], nextUs: Us | null, note: string | null) => {
      let at = 0;
      while (at < minutes.length) {
        const first = minutes[at] as Minute;
        let end = at + 1;
        while (
          minutes[end]?.result === first.result &&
          minutes[end]?.minuteUs === first.minuteUs + (end - at) * MINUTE_US
        )
          end += 1;
        const toUs = first.minuteUs + (end - at) * MINUTE_US;
        if (first.result === 'equal') equalLately.add({ stream, fromUs: first.minuteUs, toUs });
        place(stream, first.minuteUs, toUs, first.result);
        at = end;
      }
      advance.run(nextUs, note, stream);
    }),
    frontiers: () => frontiers.all(),
    begin: (stream, nextUs) => {
      begin.run(stream, nextUs);
    },
    spans: (stream, window, result) =>
      touching
        .all(stream, window.toUs, window.fromUs)
        .filter((span) => span.result === result)
        .map((span) => ({ fromUs: span.from_us, toUs: span.to_us })),
    equalSince: (mark) => equalLately.since(mark),
    figure: (stream) => figure.all(stream).reduce(added, nothingCompared),
    figures: () => {
      const found = new Map<number, Figure>();
      for (const { stream, ...row } of figures.all())
        found.set(stream, added(found.get(stream) ?? nothingCompared, row));
      return found;
    },
    notes: () => new Map(notes.all().map(({ stream, note }) => [stream, note])),
    freed: ({ venue, market }, limit) => freed.all(venue, market, limit),
    ended: ({ venue, market }, limit) => ended.all(venue, market, limit),
  };
}
