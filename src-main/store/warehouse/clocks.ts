// The clocks of a coin's streams in a window: first trade, first abnormal tick. They stand beside the verdicts and never change one.
import type { Result } from '../../../src-shared/base/result.ts';
import { SECOND_US, type Window } from '../../../src-shared/base/time.ts';
import type { StreamVerdict } from '../../../src-shared/market/listing.ts';
import { type Abnormal, firstAbnormal, type Moment, PAST_US, type PastSecond } from './abnormal.ts';
import { type Archive, steady, streamName } from './queries.ts';
import { type StreamRow, sealedRows, streamRelation } from './rows-sql.ts';
import type { WindowCount } from './verdict.ts';

const NAME = 'venue, market, symbol, channel';

/** Rows of streams in a window, only what abnormality needs of them; a row that is held twice is one moment all the same. */
function rowsOf(archive: Archive, streams: readonly StreamRow[], window: Window): string {
  const numbers = streams.map((stream) => stream.no).join(', ');
  const hot = `SELECT d.venue, d.market, d.symbol, d.channel, t.event_us, coalesce(TRY_CAST(t.price_text AS DOUBLE), t.price / pow(10, t.price_scale)) AS p
    FROM tick t JOIN ${streamRelation(streams)} d ON d.stream = t.stream
    WHERE t.event_us >= ${window.fromUs} AND t.event_us < ${window.toUs} AND t.stream IN (${numbers})`;
  const files = archive.sealed(window).map((file) => file.path);
  if (files.length === 0) return hot;
  const sealed = sealedRows(files, streams, window, true);
  return `${hot} UNION ALL SELECT ${NAME}, event_us, TRY_CAST(price AS DOUBLE) AS p FROM (${sealed})`;
}

/** The first abnormal tick of each stream, by stream name; streams without one are left out. On a connection of its own, beside other readings. */
export function abnormalTicks(
  archive: Archive,
  streams: readonly StreamRow[],
  window: Window,
): Promise<Result<Map<string, Abnormal>>> {
  const { fromUs, toUs } = window;
  return steady(archive, async () => {
    const found = new Map<string, Abnormal>();
    if (streams.length === 0) return found;
    const past = new Map<string, PastSecond[]>();
    const moments = new Map<string, Moment[]>();
    // One reading serves both: the past by seconds (last price, moments of trade), the window by moments (lowest and highest price).
    const rows = await archive.rows(
      `WITH r AS MATERIALIZED (SELECT * FROM (${rowsOf(archive, streams, { fromUs: fromUs - PAST_US, toUs })}) WHERE p > 0 AND isfinite(p))
       SELECT ${NAME}, event_us // ${SECOND_US} * ${SECOND_US} AS us, arg_max(p, event_us) AS a, CAST(count(DISTINCT event_us) AS DOUBLE) AS b, true AS is_past
         FROM r WHERE event_us < ${fromUs} GROUP BY ALL
       UNION ALL SELECT ${NAME}, event_us, min(p), max(p), false FROM r WHERE event_us >= ${fromUs} GROUP BY ALL ORDER BY us`,
    );
    for (const row of rows) {
      const [us, a, b] = [Number(row.us), Number(row.a), Number(row.b)];
      const name = [row.venue, row.market, row.symbol, row.channel].join('\n');
      if (row.is_past === true) push(past, name, { us, price: a, moments: b });
      else push(moments, name, { us, low: a, high: b });
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

function push<V>(lists: Map<string, V[]>, name: string, value: V): void {
  const list = lists.get(name);
  if (list) list.push(value);
  else lists.set(name, [value]);
}
