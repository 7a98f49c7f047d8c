// What is stored of each minute of a stream: the exact sum of its quantities and the number of its trades, over hot rows and sealed files.
// Promises: whole numbers only, summed as 128-bit integers by scale; a quantity that is no plain decimal makes its minute unsummable, never wrong.
import type { Result } from '../../../src-shared/base/result.ts';
import { MINUTE_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import type { Archive } from './queries.ts';
import { relation, steady } from './queries.ts';
import type { StreamRow } from './rows-sql.ts';

export interface MinuteSum {
  /** Sum of qty = mantissa / 10^scale. */
  readonly mantissa: bigint;
  readonly scale: number;
  readonly count: number;
  /** Rows whose quantity could not be added. */
  readonly unsummed: number;
}

/** Sums by stream number and begin of the minute; minutes without a row are absent. window: whole minutes. */
export function minuteSums(
  archive: Archive,
  streams: readonly StreamRow[],
  window: Window,
): Promise<Result<Map<number, Map<Us, MinuteSum>>>> {
  return steady(archive, async () => {
    // Hot rows alone are each there once; where files overlap, a row may be held twice and has to be told apart by its key.
    const sealed = archive.sealed(window).length > 0;
    const rows = await archive.rows(sealed ? mixedSql(archive, streams, window) : hotSql(streams, window));
    const found = new Map<number, Map<Us, MinuteSum>>();
    for (const row of rows) {
      const stream = Number(row.stream);
      const minuteUs = Number(row.minute) * MINUTE_US;
      const minutes = found.get(stream) ?? new Map<Us, MinuteSum>();
      found.set(stream, minutes);
      const part: MinuteSum = {
        mantissa: BigInt(String(row.mantissa ?? '0')),
        scale: Number(row.scale ?? 0),
        count: Number(row.n),
        unsummed: Number(row.unsummed),
      };
      minutes.set(minuteUs, addSums(minutes.get(minuteUs), part));
    }
    return found;
  });
}

export function addSums(a: MinuteSum | undefined, b: MinuteSum): MinuteSum {
  if (!a) return b;
  const scale = Math.max(a.scale, b.scale);
  const scaled = (one: MinuteSum): bigint => one.mantissa * 10n ** BigInt(scale - one.scale);
  return {
    mantissa: scaled(a) + scaled(b),
    scale,
    count: a.count + b.count,
    unsummed: a.unsummed + b.unsummed,
  };
}

const PLAIN = `'(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?'`;

function hotSql(streams: readonly StreamRow[], { fromUs, toUs }: Window): string {
  const numbers = streams.map((stream) => stream.no).join(', ') || '-1';
  return `SELECT stream, event_us // ${MINUTE_US} AS minute, qty_scale AS scale, CAST(sum(qty) FILTER (WHERE qty_text IS NULL) AS VARCHAR) AS mantissa,
      count(*) AS n, count(qty_text) AS unsummed
    FROM tick WHERE event_us >= ${fromUs} AND event_us < ${toUs} AND stream IN (${numbers}) GROUP BY ALL`;
}

function mixedSql(archive: Archive, streams: readonly StreamRow[], window: Window): string {
  return `WITH e AS (SELECT stream, event_us // ${MINUTE_US} AS minute, qty, regexp_full_match(qty, ${PLAIN}) AND length(qty) <= 30 AS plain
      FROM (${relation(archive, streams, window)}))
    SELECT stream, minute, CASE WHEN plain AND contains(qty, '.') THEN length(qty) - strpos(qty, '.') ELSE 0 END AS scale,
      CAST(sum(CASE WHEN plain THEN CAST(replace(qty, '.', '') AS HUGEINT) END) AS VARCHAR) AS mantissa,
      count(*) AS n, count(*) FILTER (WHERE NOT plain) AS unsummed
    FROM e GROUP BY ALL`;
}
