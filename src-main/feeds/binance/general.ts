// Binance frames by their meaning: any key order, any extra keys. The exact reading that the fast path must agree with.
import { Side } from '../../../src-shared/market/tick.ts';
import { fillId, fillPrice, fillQty, fillTime, isSymbol, quoted, timeUs, wholeText } from '../cells.ts';
import { JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, TickCells, TickSink } from '../feed.ts';
import { control, other, quarantine, trades } from '../verdicts.ts';

/** Any frame of a Binance market stream, combined (`{"stream","data"}`) or bare. */
export function decodeGeneral(frame: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(frame);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const value = parsed.value;
  if (Array.isArray(value)) return decodeArray(value);
  if (!(value instanceof JsonObject)) return quarantine(`an object expected, found ${quoted(value)}`);
  if (!value.has('stream') && !value.has('data')) return decodeEvent(value, null, sink);
  const stream = value.get('stream');
  const data = value.get('data');
  if (typeof stream !== 'string' || stream === '') return quarantine(`stream: ${quoted(stream)} is not a name`);
  if (data instanceof JsonObject) return decodeEvent(data, stream, sink);
  if (Array.isArray(data) && !isTradeStream(stream)) return other(`stream ${stream.slice(0, 60)}`);
  return quarantine(`data: ${quoted(data)} is not an event`);
}

/** All-market streams (`!ticker@arr`) send arrays of events; trades never come so. */
function decodeArray(value: readonly JsonValue[]): FrameVerdict {
  const first = value[0];
  const event = first instanceof JsonObject ? first.get('e') : undefined;
  if (typeof event !== 'string' || event === '' || isTradeEvent(event))
    return quarantine('an array of no known events');
  return other(`events ${event.slice(0, 40)}`);
}

function isTradeEvent(event: string): boolean {
  return event === 'trade' || event === 'aggTrade';
}

function isTradeStream(stream: string): boolean {
  return isTradeEvent(stream.slice(stream.lastIndexOf('@') + 1));
}

function decodeEvent(event: JsonObject, stream: string | null, sink: TickSink): FrameVerdict {
  const name = event.get('e');
  if (name === undefined) return decodeNameless(event, stream);
  if (typeof name !== 'string' || name === '') return quarantine(`e: ${quoted(name)} is not an event name`);
  if (name === 'serverShutdown') return control('serverShutdown');
  if (!isTradeEvent(name)) {
    if (stream !== null && isTradeStream(stream))
      return quarantine(`stream ${stream.slice(0, 60)} holds ${quoted(name)}`);
    return other(`event ${name.slice(0, 40)}`);
  }
  const reason = fillRow(event, name, stream, sink.cells);
  if (reason === '') sink.accept();
  else sink.reject(0, reason);
  return trades;
}

/** Replies to requests, errors, and the streams whose payload has no event name (spot bookTicker, partial depth). */
function decodeNameless(event: JsonObject, stream: string | null): FrameVerdict {
  if (stream === null) {
    const inner = event.get('event');
    if (inner instanceof JsonObject && inner.get('e') === 'serverShutdown') return control('serverShutdown');
    if (event.has('error')) return control('error');
    if (event.has('result') && event.has('id')) return control('reply');
    if (event.has('code') && event.has('msg')) return control('error');
  } else if (isTradeStream(stream)) return quarantine(`stream ${stream.slice(0, 60)} holds no event`);
  if (event.has('lastUpdateId') && event.has('bids')) return other('depth');
  if (event.has('u') && event.has('b') && event.has('a')) return other('bookTicker');
  return stream === null ? quarantine('no event name') : other(`stream ${stream.slice(0, 60)}`);
}

/** One trade event into the cells; the reason why it is refused, or ''. */
function fillRow(event: JsonObject, channel: string, stream: string | null, cells: TickCells): string {
  const symbol = event.get('s');
  if (typeof symbol !== 'string' || !isBinanceSymbol(symbol)) return `s: ${quoted(symbol)} is not a symbol`;
  if (stream !== null && stream.toLowerCase() !== `${symbol}@${channel}`.toLowerCase())
    return `stream ${quoted(stream)} does not belong to ${symbol} ${channel}`;
  cells.symbol = symbol;
  cells.channel = channel;
  const aggregate = channel === 'aggTrade';
  const id = aggregate ? 'a' : 't';
  return (
    fillId(cells, id, event.get(id)) ||
    fillPrice(cells, 'p', event.get('p'), false) ||
    fillQty(cells, 'q', event.get('q'), false) ||
    fillTime(cells, 'T', event.get('T')) ||
    fillSide(cells, 'm', event.get('m')) ||
    (aggregate ? idRange(event) : '') ||
    extras(event)
  );
}

/** A symbol has no lower-case letters, so that stream name and symbol are one thing in two cases. */
export function isBinanceSymbol(symbol: string): boolean {
  return isSymbol(symbol) && symbol === symbol.toUpperCase();
}

/** m true: the buyer was the maker, so the taker sold (web-socket-streams.md, "Is the buyer the market maker?"). */
export function fillSide(cells: TickCells, name: string, value: JsonValue | undefined): string {
  if (typeof value !== 'boolean') return `${name}: ${quoted(value)} is not true or false`;
  cells.side = value ? Side.sell : Side.buy;
  return '';
}

/** First and last trade id that an aggregate stands for. */
function idRange(event: JsonObject): string {
  const first = wholeText(event.get('f'));
  const last = wholeText(event.get('l'));
  if (first === undefined || last === undefined || BigInt(first) > BigInt(last))
    return `f, l: ${quoted(event.get('f'))} to ${quoted(event.get('l'))} is not a range of ids`;
  return '';
}

const UNSIGNED = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** Fields that a row can do without, but that show damage when their type is wrong. */
function extras(event: JsonObject): string {
  if (timeUs(event.get('E')) === undefined) return `E: ${quoted(event.get('E'))} is not a time between 2010 and 2100`;
  const ignore = event.get('M');
  if (ignore !== undefined && typeof ignore !== 'boolean') return `M: ${quoted(ignore)} is not true or false`;
  const normal = event.get('nq');
  if (normal !== undefined && !(typeof normal === 'string' && UNSIGNED.test(normal)))
    return `nq: ${quoted(normal)} is not a decimal`;
  const kind = event.get('X');
  if (kind !== undefined && typeof kind !== 'string') return `X: ${quoted(kind)} is not a text`;
  return '';
}
