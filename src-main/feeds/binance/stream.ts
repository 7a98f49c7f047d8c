// The Binance market-stream protocol as a line needs it: subscribe messages, and what each reply means.
// Sources: binance-spot-api-docs web-socket-streams.md; USDⓈ-M "Live Subscribing/Unsubscribing to streams".
import { quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameClass, Outgoing } from '../feed.ts';

const DATA: FrameClass = { type: 'data' };
const OTHER: FrameClass = { type: 'other' };

/** A combined trade frame is longer than this; everything shorter is read properly (a wrapped serverShutdown is short). */
const SURELY_DATA_BYTES = 130;

/** `{"stream":"` and `{"e":"t` / `{"e":"a` begin data; everything else is read. */
export function classifyBinance(frame: Uint8Array): FrameClass {
  if (frame[0] === 0x7b && frame[1] === 0x22 && frame.length > SURELY_DATA_BYTES) {
    if (frame[2] === 0x73 && frame[3] === 0x74 && frame[4] === 0x72) return DATA;
    if (frame[2] === 0x65 && frame[3] === 0x22 && (frame[6] === 0x74 || frame[6] === 0x61)) return DATA;
  }
  return classifySlowly(frame);
}

function classifySlowly(frame: Uint8Array): FrameClass {
  const parsed = parseJson(frame);
  if (!parsed.ok) return { type: 'error', reason: parsed.failure.message };
  const value = parsed.value;
  if (!(value instanceof JsonObject)) return Array.isArray(value) ? DATA : OTHER;
  const inner = value.get('data') ?? value.get('event');
  const name = inner instanceof JsonObject ? inner.get('e') : value.get('e');
  if (name === 'serverShutdown') return { type: 'ending', reason: 'serverShutdown' };
  if (value.has('stream') || value.has('data') || typeof name === 'string') return DATA;
  const key = keyIn(value);
  const error = value.get('error');
  if (error instanceof JsonObject) return refusal(key, reasonIn(error));
  if (value.has('code') && value.has('msg')) return refusal(key, reasonIn(value));
  if (error !== undefined && error !== null) return refusal(key, quoted(error));
  if (value.has('result') && key !== null) return { type: 'acknowledged', key, symbols: null };
  return value.has('u') || value.has('lastUpdateId') ? DATA : OTHER;
}

function keyIn(reply: JsonObject): string | null {
  const id = reply.get('id');
  if (id instanceof JsonNumber) return id.text;
  return typeof id === 'string' ? id : null;
}

function reasonIn(error: JsonObject): string {
  const code: JsonValue | undefined = error.get('code');
  const message = error.get('msg');
  return `${quoted(code)} ${typeof message === 'string' ? message.slice(0, 200) : quoted(message)}`;
}

/** An error that names its request refuses that subscription; one that names none is an error of the connection. */
function refusal(key: string | null, reason: string): FrameClass {
  return key === null ? { type: 'error', reason } : { type: 'refused', key, symbols: null, reason };
}

/**
 * SUBSCRIBE for what is missing and UNSUBSCRIBE for what is no longer wanted, at most `perRequest` streams a message.
 * The acknowledgement of an UNSUBSCRIBE acknowledges no symbol, so its list is empty.
 */
export function subscribeBinance(
  channel: string,
  perRequest: number,
  wanted: readonly string[],
  subscribed: readonly string[],
  nextKey: () => number,
): readonly Outgoing[] {
  const have = new Set(subscribed);
  const want = new Set(wanted);
  const messages: Outgoing[] = [];
  const add = (method: string, symbols: readonly string[]) => {
    for (let i = 0; i < symbols.length; i += perRequest) {
      const part = symbols.slice(i, i + perRequest);
      const id = nextKey();
      const params = part.map((symbol) => `${symbol.toLowerCase()}@${channel}`);
      messages.push({
        text: JSON.stringify({ method, params, id }),
        key: String(id),
        symbols: method === 'SUBSCRIBE' ? part : [],
      });
    }
  };
  add(
    'UNSUBSCRIBE',
    [...have].filter((symbol) => !want.has(symbol)),
  );
  add(
    'SUBSCRIBE',
    [...want].filter((symbol) => !have.has(symbol)),
  );
  return messages;
}
