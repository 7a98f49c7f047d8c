// The OKX v5 WebSocket protocol as a line needs it: subscribe messages, and what each reply means.
// Sources: OKX API guide v5, "WebSocket" (connect, subscribe, notification), "All trades channel".
import { quoted } from '../cells.ts';
import { JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameClass, Outgoing } from '../feed.ts';
import { inBatches } from '../subscribe-batches.ts';
import { isPong, SINGLES } from './general.ts';

const DATA: FrameClass = { type: 'data' };
const PONG: FrameClass = { type: 'pong' };
const OTHER: FrameClass = { type: 'other' };

/** A push of any channel begins `{"arg":`; replies begin with id or event. */
export function classifyOkx(frame: Uint8Array): FrameClass {
  if (frame[0] === 0x7b && frame[1] === 0x22 && frame[2] === 0x61 && frame[3] === 0x72 && frame[4] === 0x67) {
    // A reply whose members are written in another order: `{"arg":{...},"event":...}` has no data and is short.
    if (frame.length > SURELY_DATA_BYTES) return DATA;
  }
  return classifySlowly(frame);
}

/** The shortest trade is longer, the longest reply to a subscription of a usual name is shorter. */
const SURELY_DATA_BYTES = 140;

function classifySlowly(frame: Uint8Array): FrameClass {
  if (isPong(frame)) return PONG;
  const parsed = parseJson(frame);
  if (!parsed.ok) return { type: 'error', reason: parsed.failure.message };
  const value = parsed.value;
  if (!(value instanceof JsonObject)) return OTHER;
  if (value.has('data')) return DATA;
  const reason = reasonIn(value);
  switch (value.get('event')) {
    case 'subscribe': {
      const arg = value.get('arg');
      const symbol = arg instanceof JsonObject && arg.get('channel') === SINGLES ? arg.get('instId') : undefined;
      // One acknowledgement per argument: it names its symbol, and says nothing of the others of its request; older ones do not name that.
      return typeof symbol === 'string' ? { type: 'acknowledged', key: idIn(value), symbols: [symbol] } : OTHER;
    }
    case 'unsubscribe': {
      const id = idIn(value);
      return id === null ? OTHER : { type: 'acknowledged', key: id, symbols: [] };
    }
    case 'error':
      return refusal(value, reason);
    case 'notice':
      return value.get('code') === ENDING ? { type: 'ending', reason } : OTHER;
    default:
      return OTHER;
  }
}

/** "The connection will soon be closed for a service upgrade. Please reconnect." */
const ENDING = '64008';

/** Where an error names the symbol: only in its sentence, `...instId:XXX doesn't exist...`. */
const NAMED = /instId[:=]\s*"?([^\s,"]{1,64})/;

/**
 * Each argument of a request is judged by itself, so an error that names its symbol refuses that one and the rest of the request
 * stands (no key). One that names none refuses its request when it carries the id, else it is an error of the connection.
 */
function refusal(value: JsonObject, reason: string): FrameClass {
  const message = value.get('msg');
  const symbol = typeof message === 'string' ? NAMED.exec(message)?.[1] : undefined;
  if (symbol !== undefined) return { type: 'refused', key: null, symbols: [symbol], reason };
  const id = idIn(value);
  return id === null ? { type: 'error', reason } : { type: 'refused', key: id, symbols: null, reason };
}

/** The id of the request, where the reply repeats it. */
function idIn(value: JsonObject): string | null {
  const id = value.get('id');
  return typeof id === 'string' && id !== '' ? id : null;
}

function reasonIn(value: JsonObject): string {
  const message: JsonValue | undefined = value.get('msg');
  return `${quoted(value.get('code'))} ${typeof message === 'string' ? message.slice(0, 200) : quoted(message)}`;
}

/** What one symbol takes of the 64 KB that all arguments of a request may have together. */
export function argumentOf(symbol: string): string {
  return JSON.stringify({ channel: SINGLES, instId: symbol });
}

/**
 * subscribe for what is missing and unsubscribe for what is no longer wanted, many arguments a message: a connection may send 480
 * such messages an hour, however many arguments they have. The acknowledgement of an unsubscribe acknowledges no symbol, so its list
 * is empty.
 */
export function subscribeOkx(
  perRequest: number,
  wanted: readonly string[],
  subscribed: readonly string[],
  nextKey: () => number,
): readonly Outgoing[] {
  return inBatches(perRequest, wanted, subscribed, (op, part) => {
    const id = String(nextKey());
    const args = part.map((symbol) => ({ channel: SINGLES, instId: symbol }));
    return { text: JSON.stringify({ id, op, args }), key: id };
  });
}
