// The clocks of a coin's streams in a window: first trade, first abnormal tick. They stand beside the verdicts and never change one.
import type { Result } from '../../../src-shared/base/result.ts';
import { SECOND_US, type Window } from '../../../src-shared/base/time.ts';
import type { StreamVerdict } from '../../../src-shared/market/listing.ts';
import type { Row } from '../../base/duck.ts';
import { type Abnormal, firstAbnormal, type Moment, PAST_US, type PastSecond } from './abnormal.ts';
import { type Archive, steady, streamName } from './queries.ts';
import { hotRows, type StreamRow, sealedRows } from './rows-sql.ts';
import type { WindowCount } from './verdict.ts';

/** Rows of streams in a window, only what abnormality needs of them; a row that is held twice is one moment all the same. */
function rowsOf(archive: Archive, streams: readonly StreamRow[], window: Window): string {
  const files = archive.sealed(window).map((file) => file.path);
  const parts = [hotRows(streams, window, true)];
  if (files.length > 0) parts.push(sealedRows(files, streams, window, true));
  const read = 'venue, market, symbol, channel, event_us, TRY_CAST(price AS DOUBLE) AS p';
  return parts.map((part) => `SELECT ${read} FROM (${part})`).join(' UNION ALL ');
}

const NAME = 'venue, market, symbol, channel';

/** The first abnormal tick of each stream, by stream name; streams without one are left out. */
export function abnormalTicks(
  archive: Archive,
  streams: readonly StreamRow[],
  window: Window,
  read: (sql: string) => Promise<readonly Row[]> = (sql) => archive.rows(sql),
): Promise<Result<Map<string, Abnormal>>> {
  const before = { fromUs: window.fromUs - PAST_US, toUs: window.fromUs };
  return steady(archive, async () => {
    const found = new Map<string, Abnormal>();
    if (streams.length === 0) return found;
    const past = new Map<string, PastSecond[]>();
    const pastRows = await read(
      `SELECT ${NAME}, event_us // ${SECOND_US} AS second, arg_max(p, event_us) AS price, count(DISTINCT event_us) AS moments
       FROM (${rowsOf(archive, streams, before)}) WHERE p > 0 AND isfinite(p) GROUP BY ALL ORDER BY second`,
    );
    for (const row of pastRows) {
      const second = { us: Number(row.second) * SECOND_US, price: Number(row.price), moments: Number(row.moments) };
      push(past, nameOf(row), second);
    }
    // Only streams with a past can have an abnormal tick.
    const known = streams.filter((stream) => past.has(streamName(stream)));
    if (known.length === 0) return found;
    const moments = new Map<string, Moment[]>();
    const rows = await read(
      `SELECT ${NAME}, event_us, min(p) AS low, max(p) AS high FROM (${rowsOf(archive, known, window)})
       WHERE p > 0 AND isfinite(p) GROUP BY ALL ORDER BY event_us`,
    );
    for (const row of rows) {
      push(moments, nameOf(row), { us: Number(row.event_us), low: Number(row.low), high: Number(row.high) });
    }
    for (const [name, list] of moments) {
      const abnormal = firstAbnormal(past.get(name) ?? [], list, window);
      if (abnormal) found.set(name, abnormal);
    }
    return found;
  });
}

/** The verdicts with their streams' clocks. */
export function withClocks(
  verdicts: readonly StreamVerdict[],
  counts: ReadonlyMap<string, WindowCount>,
  abnormal: ReadonlyMap<string, Abnormal>,
): StreamVerdict[] {
  return verdicts.map((verdict) => {
    if (verdict.channel === undefined) return verdict;
    const name = streamName({ ...verdict, channel: verdict.channel });
    return {
      ...verdict,
      firstTradeUs: counts.get(name)?.firstTradeUs ?? null,
      firstAbnormal: abnormal.get(name) ?? null,
    };
  });
}

function nameOf(row: Row): string {
  return [row.venue, row.market, row.symbol, row.channel].join('\n');
}

function push<V>(lists: Map<string, V[]>, name: string, value: V): void {
  const list = lists.get(name);
  if (list) list.push(value);
  else lists.set(name, [value]);
}
