// Gate frames by their meaning: any key order, any extra keys. The exact reading that the fast path must agree with.
import { Side } from '../../../src-shared/market/tick.ts';
import {
  EARLIEST_MS,
  fillId,
  fillPrice,
  fillQty,
  isSymbol,
  LATEST_MS,
  MAX_NUMBER_TEXT,
  quoted,
  wholeText,
} from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, TickCells, TickSink } from '../feed.ts';
import { control, other, quarantine, trades } from '../verdicts.ts';

export const SPOT = 'spot.trades';
export const FUTURES = 'futures.trades';

/** Channels on which the venue speaks to its client, not of a market. */
const CONTROL = /^(?:spot|futures)\.(?:ping|pong|system|login)$/;

/** Any frame of a Gate connection, spot or futures. */
export function decodeGeneral(frame: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(frame);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const value = parsed.value;
  if (!(value instanceof JsonObject)) return quarantine(`an object expected, found ${quoted(value)}`);
  const method = value.get('method');
  if (typeof method === 'string') return quarantine(`legacy: ${quoted(method)} of API v3`);
  const channel = value.get('channel');
  if (channel === undefined && value.get('type') === 'upgrade') return control('upgrade');
  if (typeof channel !== 'string' || channel === '') return quarantine(`channel: ${quoted(channel)} is not a name`);
  if (CONTROL.test(channel)) return control(channel);
  if (channel !== SPOT && channel !== FUTURES) return other(`channel ${channel.slice(0, 40)}`);
  const error = value.get('error');
  if (error !== undefined && error !== null) return control('error');
  const event = value.get('event');
  if (event === 'subscribe' || event === 'unsubscribe') return control(event);
  if (event !== 'update') return quarantine(`event: ${quoted(event)} is no event of ${channel}`);
  const result = value.get('result');
  if (channel === SPOT) {
    if (!(result instanceof JsonObject)) return quarantine(`result: ${quoted(result)} is not a trade`);
    take(fillSpot(result, sink.cells), 0, sink);
    return trades;
  }
  if (!Array.isArray(result) || result.length === 0)
    return quarantine(`result: ${quoted(result)} is not a list of trades`);
  result.forEach((row: JsonValue, i) => {
    take(row instanceof JsonObject ? fillFutures(row, sink.cells) : 'a trade expected', i, sink);
  });
  return trades;
}

export function take(reason: string, index: number, sink: TickSink): void {
  if (reason === '') sink.accept();
  else sink.reject(index, reason);
}

/** A spot trade of the channel, or of the history, which writes id and times as texts. */
export function fillSpot(row: JsonObject, cells: TickCells): string {
  const symbol = row.get('currency_pair');
  if (typeof symbol !== 'string' || !isSymbol(symbol)) return `currency_pair: ${quoted(symbol)} is not a symbol`;
  cells.symbol = symbol;
  cells.channel = SPOT;
  const id = row.get('id');
  const side = row.get('side');
  if (side !== 'buy' && side !== 'sell') return `side: ${quoted(side)} is neither buy nor sell`;
  cells.side = side === 'buy' ? Side.buy : Side.sell;
  return (
    fillId(cells, 'id', typeof id === 'string' ? new JsonNumber(id) : id) ||
    fillPrice(cells, 'price', row.get('price'), false) ||
    fillQty(cells, 'amount', row.get('amount'), false) ||
    fillTimes(row, cells) ||
    whole(row, 'id_market') ||
    fillRange(row.get('range'), cells)
  );
}

/** A futures trade of the channel or of the history. Numbers may be bare or, with X-Gate-Size-Decimal, in quotes. */
export function fillFutures(row: JsonObject, cells: TickCells): string {
  const symbol = row.get('contract');
  if (typeof symbol !== 'string' || !isSymbol(symbol)) return `contract: ${quoted(symbol)} is not a symbol`;
  cells.symbol = symbol;
  cells.channel = FUTURES;
  const price = row.get('price');
  const internal = row.get('is_internal');
  return (
    fillId(cells, 'id', row.get('id')) ||
    fillPrice(cells, 'price', price, price instanceof JsonNumber) ||
    fillSize(row.get('size'), cells) ||
    fillTimes(row, cells) ||
    (internal === undefined || typeof internal === 'boolean'
      ? ''
      : `is_internal: ${quoted(internal)} is not true or false`)
  );
}

/** The size is signed: negative when the taker sold (futures.trades, "size"). The quantity is what follows the sign. */
function fillSize(value: JsonValue | undefined, cells: TickCells): string {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== 'string') return `size: ${quoted(value)} is not a number`;
  const sold = text.startsWith('-');
  const magnitude = sold ? text.slice(1) : text;
  cells.side = sold ? Side.sell : Side.buy;
  const bare = value instanceof JsonNumber;
  return fillQty(cells, 'size', bare ? new JsonNumber(magnitude) : magnitude, bare);
}

const RANGE = /^(0|[1-9]\d{0,19})-(0|[1-9]\d{0,19})$/;

/** "first-last": ids of the market that the row stands for. It has the last one's id; where it has not, it stands for itself alone. */
function fillRange(value: JsonValue | undefined, cells: TickCells): string {
  if (value === undefined) return '';
  const found = typeof value === 'string' ? RANGE.exec(value) : null;
  const first = Number(found?.[1] ?? Number.NaN);
  const last = Number(found?.[2] ?? Number.NaN);
  if (!(first <= last)) return `range: ${quoted(value)} is not a range of ids`;
  if (cells.idNumber >= 0 && last === cells.idNumber) cells.firstIdNumber = first;
  return '';
}

/** A member that a row can do without, but that shows damage when it is no whole number. */
function whole(row: JsonObject, name: string): string {
  const value = row.get(name);
  return value === undefined || wholeText(value) !== undefined ? '' : `${name}: ${quoted(value)} is not a whole number`;
}

/** create_time_ms, or create_time where there is no other (frames of 2021). */
function fillTimes(row: JsonObject, cells: TickCells): string {
  const ms = row.get('create_time_ms');
  const seconds = row.get('create_time');
  if (seconds !== undefined && timeUsOf(seconds) === undefined)
    return `create_time: ${quoted(seconds)} is not a time between 2010 and 2100`;
  const [name, time] = ms === undefined ? ['create_time', seconds] : ['create_time_ms', ms];
  const us = timeUsOf(time);
  if (us === undefined) return `${name}: ${quoted(time)} is not a time between 2010 and 2100`;
  cells.eventUs = us;
  return '';
}

const TIME = /^(\d{10}|\d{13})(?:\.(\d+))?$/;

/**
 * µs of a time as text or number: ms (13 digits; "1788336082402.208000") or seconds (10 digits; the futures history writes
 * 1677125439.123), told by the digits before the point. Taken from the text, because its µs are what tells trades of one ms apart; what is below a µs is cut off.
 */
export function timeUsOf(value: JsonValue | undefined): number | undefined {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== 'string' || text.length > MAX_NUMBER_TEXT) return undefined;
  const found = TIME.exec(text);
  if (!found) return undefined;
  const [, digits = '', fraction = ''] = found;
  const us = Number((digits + fraction).padEnd(16, '0').slice(0, 16));
  return us >= EARLIEST_MS * 1000 && us < LATEST_MS * 1000 ? us : undefined;
}
