// KuCoin frames by their meaning: any key order, any extra keys. The exact reading that the fast path must agree with.
import { Side } from '../../../src-shared/market/tick.ts';
import { fillPrice, fillQty, isSymbol, MAX_WHOLE, nanosUs, quoted, wholeText } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, TickCells, TickSink } from '../feed.ts';
import { control, other, quarantine, trades } from '../verdicts.ts';

/** How a market's trade topic is spelled. */
export interface KucoinTopic {
  /** Name of the channel in our records. */
  readonly channel: string;
  /** The topic is this and the symbol. */
  readonly prefix: string;
  readonly subject: string;
  /** The field that holds the trade's time in ns. */
  readonly time: string;
}

/** Spot: kucoin.com/docs "Trade" of the spot public channels; sizes are base coins. */
export const MATCH: KucoinTopic = {
  channel: 'match',
  prefix: '/market/match:',
  subject: 'trade.l3match',
  time: 'time',
};

/** Futures: "Match execution data"; sizes are contracts. */
export const EXECUTION: KucoinTopic = {
  channel: 'execution',
  prefix: '/contractMarket/execution:',
  subject: 'match',
  time: 'ts',
};

const TOPICS: readonly KucoinTopic[] = [MATCH, EXECUTION];
/** Types of the messages that are about the connection itself. */
const CONTROLS: ReadonlySet<string> = new Set(['welcome', 'ack', 'pong', 'ping', 'error', 'notice', 'command']);

export function decodeGeneral(frame: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(frame);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const message = parsed.value;
  if (!(message instanceof JsonObject)) return quarantine(`an object expected, found ${quoted(message)}`);
  const type = message.get('type');
  if (typeof type !== 'string' || type === '') return quarantine(`type: ${quoted(type)} is not a type`);
  if (CONTROLS.has(type)) return control(type);
  if (type !== 'message') return quarantine(`type: ${quoted(type)} is not known`);
  const name = message.get('topic');
  if (typeof name !== 'string' || !name.startsWith('/')) return quarantine(`topic: ${quoted(name)} is not a topic`);
  const topic = TOPICS.find(({ prefix }) => name.startsWith(prefix));
  if (!topic) return other(`topic ${name.slice(0, 60)}`);
  const subject = message.get('subject');
  if (subject !== topic.subject) return quarantine(`topic ${name.slice(0, 60)} holds ${quoted(subject)}`);
  const data = message.get('data');
  if (!(data instanceof JsonObject)) return quarantine(`data: ${quoted(data)} is not a trade`);
  const reason = fillRow(data, topic, name, sink.cells);
  if (reason === '') sink.accept();
  else sink.reject(0, reason);
  return trades;
}

/** One trade into the cells; the reason why it is refused, or ''. */
function fillRow(data: JsonObject, topic: KucoinTopic, name: string, cells: TickCells): string {
  const symbol = data.get('symbol');
  if (typeof symbol !== 'string' || !isKucoinSymbol(symbol)) return `symbol: ${quoted(symbol)} is not a symbol`;
  if (name !== topic.prefix + symbol) return `topic ${quoted(name)} does not belong to ${symbol}`;
  const type = data.get('type');
  if (type !== undefined && type !== 'match') return `type: ${quoted(type)} is not match`;
  cells.symbol = symbol;
  cells.channel = topic.channel;
  const sequence = data.get('sequence');
  return (
    fillTradeId(cells, 'tradeId', data.get('tradeId')) ||
    fillAmounts(cells, data) ||
    fillNanos(cells, topic.time, data.get(topic.time)) ||
    fillTaker(cells, data.get('side')) ||
    (wholeIn(sequence) === undefined ? `sequence: ${quoted(sequence)} is not a whole number` : '')
  );
}

/** Price and size come quoted or bare: which of the two has changed over the years. */
export function fillAmounts(cells: TickCells, data: JsonObject): string {
  const price = data.get('price');
  const size = data.get('size');
  return (
    fillPrice(cells, 'price', price, price instanceof JsonNumber) ||
    fillQty(cells, 'size', size, size instanceof JsonNumber)
  );
}

/** Any case (the venue had LYXe-USDT), but nothing that would break a topic string. */
export function isKucoinSymbol(symbol: string): boolean {
  return isSymbol(symbol) && !/[,:/]/.test(symbol);
}

/** Digits of a whole number, quoted or bare. */
export function wholeIn(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return wholeText(value);
  return value.length <= MAX_WHOLE && /^(?:0|[1-9]\d*)$/.test(value) ? value : undefined;
}

const OBJECT_ID = /^[0-9a-f]{24}$/;

/** A whole number (since 2022, equal to the row's sequence), or an ObjectId of 24 hexadecimal digits as before. */
export function fillTradeId(cells: TickCells, name: string, value: JsonValue | undefined): string {
  const text = typeof value === 'string' && OBJECT_ID.test(value) ? value : wholeIn(value);
  if (text === undefined) return `${name}: ${quoted(value)} is not a trade id`;
  const id = Number(text);
  const exact = text.length <= MAX_WHOLE && Number.isSafeInteger(id);
  cells.idNumber = exact ? id : -1;
  cells.idText = exact ? '' : text;
  cells.firstIdNumber = cells.idNumber;
  return '';
}

/** ns, quoted (spot) or bare (futures); never read as a float. */
export function fillNanos(cells: TickCells, name: string, value: JsonValue | undefined): string {
  const text = wholeIn(value);
  const us = text === undefined ? undefined : nanosUs(text);
  if (us === undefined) return `${name}: ${quoted(value)} is not a time in ns between 2010 and 2100`;
  cells.eventUs = us;
  return '';
}

/** The side is the taker's. */
export function fillTaker(cells: TickCells, value: JsonValue | undefined): string {
  if (value !== 'buy' && value !== 'sell') return `side: ${quoted(value)} is neither buy nor sell`;
  cells.side = value === 'buy' ? Side.buy : Side.sell;
  return '';
}
