// The SQL in which ticks leave the warehouse: hot rows and sealed Parquet as one relation with exact decimal text, each key once.
// Pure text building. Promises: digits come back as the venue sent them; a row held twice comes out once, its lines OR-ed.
import { parseDecimal } from '../../../src-shared/base/decimal.ts';
import type { Us, Window } from '../../../src-shared/base/time.ts';
import type { Instrument } from '../../../src-shared/market/instrument.ts';

/** A stream as the warehouse numbers it. */
export interface StreamKey {
  readonly no: number;
  readonly venue: string;
  readonly market: string;
  readonly symbol: string;
  readonly channel: string;
}

/** A stream with what is needed to give its quantities in base coins. */
export interface StreamRow extends StreamKey {
  /** Base coins in one unit of quantity, decimal text; null where it cannot be known. */
  readonly contractSize: string | null;
  /** It is known to hold from here on: before, the venue's list said another. 0: no other was ever read. */
  readonly sizedUs: Us;
}

/** Columns of a sealed file, in order. */
export const sealedColumns =
  'venue, market, symbol, channel, id, price, qty, base_qty, side, event_us, recv_us, origin, lines, frame, flags';

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** In spot markets of every venue here the quantity is in base coins, also while the venue's list has not been read. */
export function contractSizeOf(market: string, instrument: Instrument | undefined): string | null {
  if (instrument) return instrument.contractSize;
  return market === 'spot' ? '1' : null;
}

/** Text of mantissa and scale, digit by digit: 5 at scale 3 is 0.005. */
function decimalText(mantissa: string, scale: string): string {
  const digits = `CAST(${mantissa} AS VARCHAR)`;
  const padded = `lpad(${digits}, CAST(greatest(length(${digits}), CAST(${scale} AS INTEGER) + 1) AS INTEGER), '0')`;
  return `CASE WHEN ${scale} = 0 THEN ${digits} ELSE left(${padded}, -CAST(${scale} AS INTEGER)) || '.' || right(${padded}, CAST(${scale} AS INTEGER)) END`;
}

/** A relation (stream, venue, market, symbol, channel, size_m, size_s, size_us) of these streams. */
export function streamRelation(streams: readonly StreamRow[]): string {
  const rows = streams.map((stream) => {
    const size = stream.contractSize === null ? undefined : parseDecimal(stream.contractSize);
    // The mantissa of a quantity has up to 18 digits; a contract size beyond 18 more would not fit 38 digits.
    const fits = size && size.mantissa > 0n && size.mantissa < 10n ** 18n;
    return `(${stream.no}, ${quote(stream.venue)}, ${quote(stream.market)}, ${quote(stream.symbol)}, ${quote(stream.channel)}, ${fits ? `${size.mantissa}::HUGEINT, ${size.scale}` : 'NULL::HUGEINT, NULL::INTEGER'}, ${stream.sizedUs}::BIGINT)`;
  });
  const values =
    rows.length > 0
      ? `VALUES ${rows.join(', ')}`
      : "SELECT 0, '', '', '', '', NULL::HUGEINT, NULL::INTEGER, 0::BIGINT WHERE false";
  return `(SELECT * FROM (${values}) v(stream, venue, market, symbol, channel, size_m, size_s, size_us))`;
}

function within(window: Window, prefix: string): string {
  return `${prefix}event_us >= ${window.fromUs} AND ${prefix}event_us < ${window.toUs}`;
}

/** Hot rows of these streams in the window, in sealed columns plus stream and num (the id as a number where it is one), and what else is named. */
export function hotRows(streams: readonly StreamRow[], window: Window, filtered: boolean, also = ''): string {
  const price = `coalesce(t.price_text, ${decimalText('t.price', 't.price_scale')})`;
  const qty = `coalesce(t.qty_text, ${decimalText('t.qty', 't.qty_scale')})`;
  const base = `CASE WHEN d.size_m IS NULL OR t.event_us < d.size_us THEN NULL WHEN d.size_m = 1 AND d.size_s = 0 THEN ${qty} WHEN t.qty_text IS NOT NULL THEN NULL ELSE ${decimalText('(CAST(t.qty AS HUGEINT) * d.size_m)', '(CAST(t.qty_scale AS INTEGER) + d.size_s)')} END`;
  const only = filtered ? ` AND t.stream IN (${streams.map((stream) => stream.no).join(', ') || '-1'})` : '';
  return `SELECT d.venue, d.market, d.symbol, d.channel, coalesce(t.id_text, CAST(t.id AS VARCHAR)) AS id,
    ${price} AS price, ${qty} AS qty, ${base} AS base_qty,
    CASE t.side WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' ELSE 'unknown' END AS side, t.event_us, t.recv_us,
    CASE t.origin WHEN 1 THEN 'backfill' ELSE 'live' END AS origin, t.lines, t.frame, t.flags, t.stream, t.id AS num${also}
  FROM tick t JOIN ${streamRelation(streams)} d ON d.stream = t.stream WHERE ${within(window, 't.')}${only}`;
}

/** The id as a number where its text is one. */
export function numOfText(id: string): string {
  return `CASE WHEN length(${id}) <= 18 AND regexp_full_match(${id}, '0|[1-9][0-9]*') THEN CAST(${id} AS BIGINT) END`;
}

/** The same of sealed files. Rows whose stream the catalog no longer knows are still given (stream null). */
export function sealedRows(
  files: readonly string[],
  streams: readonly StreamRow[],
  window: Window,
  filtered: boolean,
): string {
  const symbols = [...new Set(streams.map((stream) => stream.symbol))];
  // The symbols are named as constants so that row groups are skipped by their statistics.
  const only = filtered ? ` AND symbol IN (${symbols.map(quote).join(', ') || "''"})` : '';
  return `SELECT p.venue, p.market, p.symbol, p.channel, p.id, p.price, p.qty, p.base_qty, p.side, p.event_us, p.recv_us, p.origin, p.lines, p.frame, p.flags, d.stream,
    ${numOfText('p.id')} AS num
  FROM (SELECT ${sealedColumns} FROM read_parquet([${files.map(quote).join(', ')}], hive_partitioning = false) WHERE ${within(window, '')}${only}) p
  ${filtered ? 'JOIN' : 'LEFT JOIN'} ${streamRelation(streams)} d ON d.venue = p.venue AND d.market = p.market AND d.symbol = p.symbol AND d.channel = p.channel`;
}

/** Values of a row beside its key, frame and lines. */
const ALL_VALUES = ['price', 'qty', 'base_qty', 'side', 'event_us', 'recv_us', 'origin', 'flags'] as const;
/** What counting needs of them: leaving the rest unread halves the time. */
const COUNTED_VALUES = ['event_us', 'origin', 'flags'] as const;

/**
 * Rows of a window in sealed columns (and stream, num), each key once: the first received copy's values, the lines of all copies and
 * sightings. counted: only the columns that counting needs.
 */
export function windowRows(parts: readonly string[], counted = false): string {
  const values = counted ? COUNTED_VALUES : ALL_VALUES;
  const first = values.map((name) => `arg_min(r.${name}, r.frame) AS ${name}`).join(', ');
  const read = `venue, market, symbol, channel, id, ${values.join(', ')}, lines, frame, stream, num`;
  return `WITH r AS MATERIALIZED (${parts.map((part) => `SELECT ${read} FROM (${part})`).join('\nUNION ALL\n')}),
  seen AS (SELECT s.stream, coalesce(s.id_text, CAST(s.id AS VARCHAR)) AS id, bit_or(s.lines) AS lines FROM sighting s
    WHERE s.stream IN (SELECT DISTINCT stream FROM r)
      AND (s.id_text IS NOT NULL OR s.id BETWEEN (SELECT min(num) FROM r) AND (SELECT max(num) FROM r)) GROUP BY ALL)
  SELECT r.venue, r.market, r.symbol, r.channel, r.id, ${first},
    bit_or(r.lines | coalesce(s.lines, 0)) AS lines, min(r.frame) AS frame, any_value(r.stream) AS stream, any_value(r.num) AS num
  FROM r LEFT JOIN seen s ON s.stream = r.stream AND s.id = r.id
  GROUP BY r.venue, r.market, r.symbol, r.channel, r.id`;
}

/**
 * windowRows of hot rows alone, for any number of them in bounded memory: keys are grouped with nothing but numbers beside them, which DuckDB can put
 * aside on disk (texts in aggregates it cannot), and each kept row is then taken by its row number. more: further conditions on tick t.
 */
export function hotWindowRows(streams: readonly StreamRow[], window: Window, more = ''): string {
  const condition = `${within(window, 't.')}${more}`;
  const ids = `FROM tick t WHERE ${condition}`;
  return `WITH kept AS NOT MATERIALIZED (SELECT t.stream, t.id, t.id_text, arg_min(t.rowid, t.frame) AS row_no, bit_or(t.lines) AS lines
    ${ids} GROUP BY t.stream, t.id, t.id_text),
  seen AS (SELECT s.stream, s.id, s.id_text, bit_or(s.lines) AS lines FROM sighting s
    WHERE s.id_text IS NOT NULL OR s.id BETWEEN (SELECT min(t.id) ${ids}) AND (SELECT max(t.id) ${ids}) GROUP BY ALL),
  chosen AS (SELECT k.row_no, k.lines | coalesce(s.lines, 0) AS lines FROM kept k
    LEFT JOIN seen s ON s.stream = k.stream AND s.id IS NOT DISTINCT FROM k.id AND s.id_text IS NOT DISTINCT FROM k.id_text)
  SELECT h.* EXCLUDE (row_no) REPLACE (chosen.lines AS lines)
  FROM (${hotRows(streams, window, false, ', t.rowid AS row_no')}${more}) h JOIN chosen ON chosen.row_no = h.row_no`;
}

/** Order of ticks everywhere: event time, then id. Ids of one length compare as text as they do as numbers. */
export const tickOrder = 'event_us, length(id), id, venue, market, symbol, channel';

/** Line numbers of a bit mask as text: 3 is "0+1"; a tick that no line saw has "". */
export const linesText = `concat_ws('+', ${Array.from({ length: 8 }, (_, line) => `CASE WHEN lines & ${1 << line} > 0 THEN '${line}' END`).join(', ')})`;

/** The columns that people get, in the order of the `ticks` command. */
export const exportColumns = `venue, market, symbol, channel, id, price, qty, base_qty AS "baseQty", side, event_us AS "eventUs", recv_us AS "recvUs", origin, ${linesText} AS lines`;
