// OKX frames by their meaning: any key order, any extra keys. The exact reading that the fast path must agree with.
import { Side } from '../../../src-shared/market/tick.ts';
import { fillId, fillPrice, fillQty, fillTime, isSymbol, quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, TickCells, TickSink } from '../feed.ts';
import { control, other, quarantine, trades } from '../verdicts.ts';

/** One row a trade. */
export const SINGLES = 'trades-all';
/** One row per taker order and price: `count` trades merged under the last one's id. */
export const MERGED = 'trades';

const PONG = Buffer.from('pong');

export function isPong(frame: Uint8Array): boolean {
  return frame.length === PONG.length && PONG.equals(frame);
}

/** Any frame of an OKX v5 connection. */
export function decodeGeneral(frame: Uint8Array, sink: TickSink): FrameVerdict {
  if (isPong(frame)) return control('pong');
  const parsed = parseJson(frame);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const value = parsed.value;
  if (!(value instanceof JsonObject)) return quarantine(`an object expected, found ${quoted(value)}`);
  if (value.has('event')) return decodeEvent(value);
  if (value.has('table')) return quarantine('legacy: a `table` frame of API v3');
  const arg = value.get('arg');
  if (!(arg instanceof JsonObject)) return quarantine(`arg: ${quoted(arg)} names no channel`);
  const channel = arg.get('channel');
  if (typeof channel !== 'string' || channel === '') return quarantine(`channel: ${quoted(channel)} is not a name`);
  if (channel !== SINGLES && channel !== MERGED) return other(`channel ${channel.slice(0, 40)}`);
  const symbol = arg.get('instId');
  if (typeof symbol !== 'string' || !isSymbol(symbol)) return quarantine(`instId: ${quoted(symbol)} is not a symbol`);
  const rows = value.get('data');
  if (!Array.isArray(rows) || rows.length === 0) return quarantine(`data: ${quoted(rows)} is not a list of trades`);
  decodeRows(symbol, channel, rows, sink);
  return trades;
}

/** Replies to requests, errors, notices. */
function decodeEvent(value: JsonObject): FrameVerdict {
  const event = value.get('event');
  if (typeof event !== 'string' || event === '') return quarantine(`event: ${quoted(event)} is not a name`);
  return value.has('data') ? quarantine('an event that holds data') : control(event.slice(0, 40));
}

/** Rows of one symbol, judged one by one. */
export function decodeRows(symbol: string, channel: string, rows: readonly JsonValue[], sink: TickSink): void {
  rows.forEach((row, i) => {
    const reason = row instanceof JsonObject ? fillRow(symbol, channel, row, sink.cells) : 'a trade expected';
    if (reason === '') sink.accept();
    else sink.reject(i, reason);
  });
}

function fillRow(symbol: string, channel: string, row: JsonObject, cells: TickCells): string {
  const instId = row.get('instId');
  if (instId !== symbol) return `instId: ${quoted(instId)} is not ${symbol}`;
  cells.symbol = symbol;
  cells.channel = channel;
  return (
    inQuotes('tradeId', row.get('tradeId'), (value) => fillId(cells, 'tradeId', value)) ||
    fillPrice(cells, 'px', row.get('px'), false) ||
    fillQty(cells, 'sz', row.get('sz'), false) ||
    fillSide(cells, row.get('side')) ||
    inQuotes('ts', row.get('ts'), (value) => fillTime(cells, 'ts', value)) ||
    extras(row) ||
    fillCount(cells, channel, row.get('count'))
  );
}

/** OKX writes whole numbers in quotes. */
function inQuotes(name: string, value: JsonValue | undefined, fill: (value: JsonNumber) => string): string {
  return typeof value === 'string' ? fill(new JsonNumber(value)) : `${name}: ${quoted(value)} is not a text`;
}

/** side is the taker's (API guide, "Trades channel"). */
function fillSide(cells: TickCells, value: JsonValue | undefined): string {
  if (value !== 'buy' && value !== 'sell') return `side: ${quoted(value)} is neither buy nor sell`;
  cells.side = value === 'buy' ? Side.buy : Side.sell;
  return '';
}

const WHOLE = /^(?:0|[1-9]\d{0,19})$/;

/** Of `count` merged trades the row has the last one's id, so it stands for ids tradeId-count+1 to tradeId. */
function fillCount(cells: TickCells, channel: string, value: JsonValue | undefined): string {
  if (value === undefined) return '';
  const count = typeof value === 'string' && WHOLE.test(value) ? Number(value) : 0;
  if (count < 1 || (cells.idNumber >= 0 && count > cells.idNumber + 1))
    return `count: ${quoted(value)} is not a number of trades`;
  if (channel === MERGED && cells.idNumber >= 0) cells.firstIdNumber = cells.idNumber - count + 1;
  return '';
}

/** Fields that a row can do without, but that show damage when their type is wrong. */
function extras(row: JsonObject): string {
  const source = row.get('source');
  if (source !== undefined && !(typeof source === 'string' && WHOLE.test(source)))
    return `source: ${quoted(source)} is not a number`;
  const sequence = row.get('seqId');
  if (sequence !== undefined && !(sequence instanceof JsonNumber && WHOLE.test(sequence.text)))
    return `seqId: ${quoted(sequence)} is not a number`;
  return '';
}
