// Bybit v5 frames by their meaning: any key order, any extra keys. The exact reading that the fast path must agree with.
// Sources: bybit-exchange/docs v5/websocket/public/trade.mdx, v5/websocket/wss-authentication.mdx.
import { Side } from '../../../src-shared/market/tick.ts';
import { fillPrice, fillQty, fillTextId, fillTime, isSymbol, quoted, timeUs, wholeText } from '../cells.ts';
import { JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameVerdict, TickCells, TickSink } from '../feed.ts';
import { control, other, quarantine, trades } from '../verdicts.ts';

export const TOPIC = 'publicTrade.';

/** Topics of the streams before v5 (derivatives v2, spot v1 to v3), which have ended: no topic of v5 is called so. */
const LEGACY =
  /^(?:trade|orderBookL2_25|orderBook_200|instrument_info|klineV2|candle|depth|mergedDepth|diffDepth|realtimes)(?:[.]|$)/;

export function decodeGeneral(frame: Uint8Array, sink: TickSink): FrameVerdict {
  const parsed = parseJson(frame);
  if (!parsed.ok) return quarantine(parsed.failure.message);
  const value = parsed.value;
  if (!(value instanceof JsonObject)) return quarantine(`an object expected, found ${quoted(value)}`);
  const topic = value.get('topic');
  if (topic === undefined) return decodeWord(value);
  if (typeof topic !== 'string' || topic === '') return quarantine(`topic: ${quoted(topic)} is not a name`);
  if (topic.startsWith(TOPIC)) return decodeTrades(value, topic.slice(TOPIC.length), sink);
  if (LEGACY.test(topic)) return quarantine(`legacy: topic ${quoted(topic)} is older than API v5`);
  return other(`topic ${topic.slice(0, 60)}`);
}

/** Replies to subscribe and ping; `request` is how API v2 answered. */
function decodeWord(word: JsonObject): FrameVerdict {
  const op = word.get('op');
  if (typeof op === 'string') return control(word.get('success') === false ? 'error' : op.slice(0, 40));
  if (typeof word.get('success') === 'boolean') return control(word.get('success') === true ? 'reply' : 'error');
  if (word.has('retCode') || word.has('ret_code')) return control('error');
  return quarantine('no topic');
}

function decodeTrades(frame: JsonObject, symbol: string, sink: TickSink): FrameVerdict {
  if (!isSymbol(symbol)) return quarantine(`topic: ${quoted(symbol)} is not a symbol`);
  const type = frame.get('type');
  if (type !== 'snapshot') return quarantine(`type: ${quoted(type)} is not snapshot`);
  const sent = frame.get('ts');
  if (timeUs(sent) === undefined) return quarantine(`ts: ${quoted(sent)} is not a time between 2010 and 2100`);
  const data = frame.get('data');
  if (!Array.isArray(data) || data.length === 0) return quarantine(`data: ${quoted(data)} holds no rows`);
  data.forEach((row: JsonValue, i) => {
    const reason = fillRow(row, symbol, sink.cells);
    if (reason === '') sink.accept();
    else sink.reject(i, reason);
  });
  return trades;
}

/** One row into the cells; the reason why it is refused, or ''. */
function fillRow(row: JsonValue, symbol: string, cells: TickCells): string {
  if (!(row instanceof JsonObject)) return `a trade expected, found ${quoted(row)}`;
  const name = row.get('s');
  if (name !== symbol) return `s: ${quoted(name)} is not ${symbol}, which the topic names`;
  cells.symbol = symbol;
  cells.channel = 'trade';
  return (
    fillTextId(cells, 'i', row.get('i')) ||
    fillPrice(cells, 'p', row.get('p'), false) ||
    fillQty(cells, 'v', row.get('v'), false) ||
    fillTime(cells, 'T', row.get('T')) ||
    fillSide(cells, 'S', row.get('S')) ||
    extras(row)
  );
}

/** The side of the taker. */
export function fillSide(cells: TickCells, name: string, value: JsonValue | undefined): string {
  if (value !== 'Buy' && value !== 'Sell') return `${name}: ${quoted(value)} is neither Buy nor Sell`;
  cells.side = value === 'Buy' ? Side.buy : Side.sell;
  return '';
}

/** Fields that a row can do without, but that show damage when their type is wrong. */
function extras(row: JsonObject): string {
  for (const name of ['BT', 'RPI']) {
    const flag = row.get(name);
    if (flag !== undefined && typeof flag !== 'boolean') return `${name}: ${quoted(flag)} is not true or false`;
  }
  const sequence = row.get('seq');
  if (sequence !== undefined && wholeText(sequence) === undefined)
    return `seq: ${quoted(sequence)} is not a whole number`;
  const direction = row.get('L');
  if (direction !== undefined && typeof direction !== 'string') return `L: ${quoted(direction)} is not a text`;
  return '';
}
