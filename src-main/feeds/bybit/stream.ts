// The Bybit v5 public stream as a line needs it: subscribe messages, and what each reply means.
// Source: bybit-exchange/docs v5/websocket/wss-authentication.mdx (subscribe, heartbeat, args limits).
import { quoted } from '../cells.ts';
import { JsonObject, parseJson } from '../exact-json.ts';
import type { FrameClass, Outgoing } from '../feed.ts';
import { inBatches } from '../subscribe-batches.ts';
import { TOPIC } from './general.ts';

const DATA: FrameClass = { type: 'data' };
const PONG: FrameClass = { type: 'pong' };
const OTHER: FrameClass = { type: 'other' };

/** `{"topic"` begins data, and nothing else does. */
export function classifyBybit(frame: Uint8Array): FrameClass {
  if (frame[0] === 0x7b && frame[1] === 0x22 && frame[2] === 0x74 && frame[3] === 0x6f && frame[4] === 0x70)
    return DATA;
  return classifySlowly(frame);
}

function classifySlowly(frame: Uint8Array): FrameClass {
  const parsed = parseJson(frame);
  if (!parsed.ok) return { type: 'error', reason: parsed.failure.message };
  const word = parsed.value;
  if (!(word instanceof JsonObject)) return OTHER;
  if (word.has('topic')) return DATA;
  const op = word.get('op');
  const message = word.get('ret_msg');
  if (op === 'pong' || (op === 'ping' && word.get('success') !== false) || message === 'pong') return PONG;
  const id = word.get('req_id');
  const key = typeof id === 'string' && id !== '' ? id : null;
  if (word.get('success') === true) {
    return op === 'subscribe' || op === 'unsubscribe' ? { type: 'acknowledged', key, symbols: null } : OTHER;
  }
  if (word.get('success') !== false) return OTHER;
  const reason = typeof message === 'string' ? message.slice(0, 200) : quoted(message);
  // `op` is empty when the request could not even be read.
  if (op !== 'subscribe' && op !== 'unsubscribe' && !(op === '' && key !== null)) return { type: 'error', reason };
  if (op === 'unsubscribe' && key !== null) return { type: 'acknowledged', key, symbols: [] };
  const symbols = namedIn(reason);
  // Asked for twice: the stream runs, only this request was in vain.
  if (symbols !== null && /already subscribed/i.test(reason)) return { type: 'acknowledged', key, symbols };
  return key === null && symbols === null ? { type: 'error', reason } : { type: 'refused', key, symbols, reason };
}

/**
 * The symbols of the topics that a refusal names: `error:handler not found,topic:publicTrade.XYZ` (linear), `Invalid symbol :[publicTrade.XYZ]`
 * (spot). One bad topic fails its whole request, the others of it have to be asked for again. null: it names none.
 */
function namedIn(reason: string): readonly string[] | null {
  const symbols = Array.from(reason.matchAll(/publicTrade\.([^\s,;:"'[\](){}]+)/g), (found) => found[1] ?? '');
  return symbols.length === 0 ? null : [...new Set(symbols)];
}

/** unsubscribe for what is no longer wanted, subscribe for what is missing, each request with a req_id that its reply repeats. */
export function subscribeBybit(
  perRequest: number,
  wanted: readonly string[],
  subscribed: readonly string[],
  nextKey: () => number,
): readonly Outgoing[] {
  return inBatches(perRequest, wanted, subscribed, (op, part) => {
    const key = String(nextKey());
    return { text: JSON.stringify({ req_id: key, op, args: part.map((symbol) => TOPIC + symbol) }), key };
  });
}
