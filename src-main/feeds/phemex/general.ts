// Phemex frames by their meaning: any key order, any extra keys. The exact reading that the fast path must agree with.
import { Side } from '../../../src-shared/market/tick.ts';
import { fillPrice, fillQty, quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, TickCells, TickSink } from '../feed.ts';
import { control, other, quarantine, trades } from '../verdicts.ts';
import {
  CONTRACT_PRICE_SCALE,
  DECIMAL_CHANNEL,
  isPhemexSymbol,
  isSpotSymbol,
  isTradeUs,
  MOST_DECIMAL,
  MOST_DIGITS,
  NS_DIGITS,
  pointed,
  rowId,
  SCALED_CHANNEL,
  SPOT_SCALE,
} from './row.ts';

/** Fields by which the other public channels are known (Public-Spot-API, Public-Hedged-Perpetual-API, Public-Contract-API). */
const OTHERS = [
  'book',
  'orderbook_p',
  'kline',
  'kline_p',
  'tick',
  'tick_p',
  'market24h',
  'market24h_p',
  'spot_market24h',
];

/** Any message of the venue's WebSocket. */
export function decodeGeneral(frame: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(frame);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const value = parsed.value;
  if (!(value instanceof JsonObject)) return quarantine(`an object expected, found ${quoted(value)}`);
  if (value.has('trades') || value.has('trades_p')) return decodeTrades(value, null, sink);
  if (value.has('error') && value.has('id')) return control(value.get('error') === null ? 'reply' : 'error');
  const name = OTHERS.find((field) => value.has(field));
  if (name !== undefined) return other(name);
  const method = value.get('method');
  if (typeof method === 'string' && value.has('data')) return other(method.slice(0, 60));
  return quarantine('neither trades nor a reply');
}

/** `{"sequence","symbol","trades" or "trades_p","type"}`, of a frame or a REST result. rest: the symbol and channel that were asked for; there rows may carry a sequence. */
export function decodeTrades(
  value: JsonObject,
  rest: { readonly symbol: string; readonly channel: string } | null,
  sink: TickSink,
): FrameVerdict {
  if (value.has('trades') && value.has('trades_p')) return quarantine('trades and trades_p in one message');
  const decimal = value.has('trades_p');
  const channel = decimal ? DECIMAL_CHANNEL : SCALED_CHANNEL;
  const field = decimal ? 'trades_p' : 'trades';
  const rows = value.get(field);
  if (!Array.isArray(rows)) return quarantine(`${field}: ${quoted(rows)} is not a list`);
  const symbol = value.get('symbol');
  if (typeof symbol !== 'string' || !isPhemexSymbol(symbol))
    return quarantine(`symbol: ${quoted(symbol)} is no symbol`);
  if (rest && (symbol !== rest.symbol || channel !== rest.channel))
    return quarantine(`${symbol} ${channel} came, ${rest.symbol} ${rest.channel} was asked for`);
  const type = value.get('type');
  if (type !== undefined && type !== 'snapshot' && type !== 'incremental')
    return quarantine(`type: ${quoted(type)} is neither snapshot nor incremental`);
  for (const name of ['sequence', 'dts', 'mts']) {
    const number = value.get(name);
    if (number !== undefined && !isWhole(number)) return quarantine(`${name}: ${quoted(number)} is not a whole number`);
  }
  if (rows.length === 0) return control('a snapshot without trades');
  const good: Row[] = [];
  rows.forEach((entry: JsonValue, index) => {
    const row = readRow(entry, symbol, decimal, rest !== null);
    if (typeof row === 'string') sink.reject(index, row);
    else good.push(row);
  });
  for (const row of oldestFirst(good)) {
    fill(sink.cells, row, symbol, channel, decimal);
    sink.accept();
  }
  return trades;
}

interface Row {
  readonly ns: string;
  readonly side: Side;
  readonly price: string;
  readonly qty: string;
}

/** Frames give the newest first, also among rows of one ns; two trades never change places otherwise. */
function oldestFirst(rows: readonly Row[]): readonly Row[] {
  return [...rows].reverse().sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));
}

const WHOLE = /^(?:0|[1-9]\d{0,19})$/;

function isWhole(value: JsonValue): boolean {
  return value instanceof JsonNumber && WHOLE.test(value.text);
}

const NS = /^[1-9]\d{18}$/;
const SCALED = /^[1-9]\d*$/;
const DECIMAL = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** One row, or the reason why it is refused. */
function readRow(entry: JsonValue, symbol: string, decimal: boolean, rest: boolean): Row | string {
  if (!Array.isArray(entry)) return `a row expected, found ${quoted(entry)}`;
  // An older form of the REST reply has the sequence second.
  const values: readonly JsonValue[] =
    rest && entry.length === 5 && isWhole(entry[1]) ? [entry[0], ...entry.slice(2)] : entry;
  if (values.length !== 4) return `a row of ${entry.length} fields`;
  const [time, side, price, qty] = values;
  if (!(time instanceof JsonNumber && NS.test(time.text) && isTradeUs(Number(time.text.slice(0, NS_DIGITS - 3)))))
    return `time: ${quoted(time)} is not a time in ns between 2010 and 2100`;
  if (side !== 'Buy' && side !== 'Sell') return `side: ${quoted(side)} is neither Buy nor Sell`;
  const priceText = amountOf(price, decimal);
  if (priceText === undefined) return `price: ${quoted(price)} of ${symbol} is not a number over zero`;
  const qtyText = amountOf(qty, decimal);
  if (qtyText === undefined) return `qty: ${quoted(qty)} of ${symbol} is not a number over zero`;
  return { ns: time.text, side: side === 'Buy' ? Side.buy : Side.sell, price: priceText, qty: qtyText };
}

/** The digits of a price or quantity as sent. */
function amountOf(value: JsonValue | undefined, decimal: boolean): string | undefined {
  if (!decimal)
    return value instanceof JsonNumber && value.text.length <= MOST_DIGITS && SCALED.test(value.text)
      ? value.text
      : undefined;
  if (typeof value !== 'string' || value.length > MOST_DECIMAL || !DECIMAL.test(value)) return undefined;
  return /[1-9]/.test(value) ? value : undefined;
}

function fill(cells: TickCells, row: Row, symbol: string, channel: string, decimal: boolean): void {
  cells.symbol = symbol;
  cells.channel = channel;
  cells.idNumber = -1;
  cells.idText = rowId(row.ns, row.side === Side.buy, row.price, row.qty);
  cells.firstIdNumber = -1;
  cells.side = row.side;
  cells.eventUs = Number(row.ns.slice(0, NS_DIGITS - 3));
  if (decimal) {
    fillPrice(cells, 'price', row.price, false);
    fillQty(cells, 'qty', row.qty, false);
    return;
  }
  const spot = isSpotSymbol(symbol);
  const price = scaled(row.price, spot ? SPOT_SCALE : CONTRACT_PRICE_SCALE);
  cells.priceMantissa = price.mantissa;
  cells.priceScale = price.scale;
  cells.priceText = price.text;
  const qty = scaled(row.qty, spot ? SPOT_SCALE : 0);
  cells.qtyMantissa = qty.mantissa;
  cells.qtyScale = qty.scale;
  cells.qtyText = qty.text;
}

function scaled(digits: string, scale: number): { mantissa: number; scale: number; text: string } {
  const mantissa = Number(digits);
  return Number.isSafeInteger(mantissa)
    ? { mantissa, scale, text: '' }
    : { mantissa: -1, scale: 0, text: pointed(digits, scale) };
}
