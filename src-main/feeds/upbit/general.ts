// Upbit frames by their meaning: DEFAULT and SIMPLE field names, any key order. The exact reading that the fast path must agree with.
import { Side } from '../../../src-shared/market/tick.ts';
import { fillId, fillPrice, fillQty, fillTime, isSymbol, quoted, timeUs } from '../cells.ts';
import { JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, TickCells, TickSink } from '../feed.ts';
import { control, other, quarantine, trades } from '../verdicts.ts';

/** Field names of the two formats (docs.upbit.com, "WebSocket: trade"). */
const DEFAULT_NAMES = {
  type: 'type',
  code: 'code',
  sent: 'timestamp',
  time: 'trade_timestamp',
  price: 'trade_price',
  volume: 'trade_volume',
  side: 'ask_bid',
  id: 'sequential_id',
} as const;
const SIMPLE_NAMES = {
  type: 'ty',
  code: 'cd',
  sent: 'tms',
  time: 'ttms',
  price: 'tp',
  volume: 'tv',
  side: 'ab',
  id: 'sid',
} as const;
type Names = typeof DEFAULT_NAMES | typeof SIMPLE_NAMES;

/** One message: an event, a list of events (the JSON_LIST formats), or a word of the server. */
export function decodeGeneral(frame: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(frame);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const value = parsed.value;
  if (value instanceof JsonObject) return decodeEvent(value, sink);
  if (Array.isArray(value)) return decodeList(value, sink);
  return quarantine(`an object expected, found ${quoted(value)}`);
}

function decodeEvent(event: JsonObject, sink: TickSink): FrameVerdict {
  if (event.has('error')) return control('error');
  if (event.has('status') && !event.has('type') && !event.has('ty')) return control('status');
  const names = namesOf(event);
  if (!names) return quarantine('no type, or two');
  const type = event.get(names.type);
  if (typeof type !== 'string' || type === '') return quarantine(`${names.type}: ${quoted(type)} is not a type`);
  if (type !== 'trade') return other(`type ${type.slice(0, 40)}`);
  row(event, names, 0, sink);
  return trades;
}

/** A list counts as trades when its first event is one; then every entry is a row. */
function decodeList(list: readonly JsonValue[], sink: TickSink): FrameVerdict {
  const first = list[0];
  const names = first instanceof JsonObject ? namesOf(first) : undefined;
  const type = names && first instanceof JsonObject ? first.get(names.type) : undefined;
  if (!names || typeof type !== 'string' || type === '') return quarantine('a list of no known events');
  if (type !== 'trade') return other(`type ${type.slice(0, 40)}`);
  list.forEach((entry, i) => {
    if (!(entry instanceof JsonObject)) sink.reject(i, `a trade expected, found ${quoted(entry)}`);
    else if (entry.get(names.type) !== 'trade')
      sink.reject(i, `${names.type}: ${quoted(entry.get(names.type))} is not trade`);
    else row(entry, names, i, sink);
  });
  return trades;
}

function namesOf(event: JsonObject): Names | undefined {
  if (event.has('type')) return event.has('ty') ? undefined : DEFAULT_NAMES;
  return event.has('ty') ? SIMPLE_NAMES : undefined;
}

function row(event: JsonObject, names: Names, index: number, sink: TickSink): void {
  const reason = fillRow(event, names, sink.cells);
  if (reason === '') sink.accept();
  else sink.reject(index, reason);
}

function fillRow(event: JsonObject, names: Names, cells: TickCells): string {
  const code = event.get(names.code);
  if (typeof code !== 'string' || !isUpbitCode(code)) return `${names.code}: ${quoted(code)} is not a market code`;
  cells.symbol = code;
  cells.channel = 'trade';
  const sent = event.get(names.sent);
  return (
    fillId(cells, names.id, event.get(names.id)) ||
    fillPrice(cells, names.price, event.get(names.price), true) ||
    fillQty(cells, names.volume, event.get(names.volume), true) ||
    fillTime(cells, names.time, event.get(names.time)) ||
    fillSide(cells, names.side, event.get(names.side)) ||
    (timeUs(sent) === undefined ? `${names.sent}: ${quoted(sent)} is not a time between 2010 and 2100` : '')
  );
}

/** QUOTE-BASE in upper case, such as KRW-BTC. */
export function isUpbitCode(code: string): boolean {
  const dash = code.indexOf('-');
  return dash > 0 && dash < code.length - 1 && isSymbol(code) && code === code.toUpperCase();
}

/** ASK: the taker sold into the bids; BID: the taker bought. */
export function fillSide(cells: TickCells, name: string, value: JsonValue | undefined): string {
  if (value !== 'ASK' && value !== 'BID') return `${name}: ${quoted(value)} is neither ASK nor BID`;
  cells.side = value === 'ASK' ? Side.sell : Side.buy;
  return '';
}
