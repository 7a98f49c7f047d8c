// The Phemex WebSocket protocol as a line needs it: subscribe messages, and what each reply means.
// Sources: phemex-api-docs Public-Spot-API-en.md and Public-Hedged-Perpetual-API.md, "Websocket API Standards".
import { quoted } from '../cells.ts';
import { JsonNumber, JsonObject, parseJson } from '../exact-json.ts';
import type { FrameClass, Outgoing } from '../feed.ts';

const DATA: FrameClass = { type: 'data' };
const PONG: FrameClass = { type: 'pong' };
const OTHER: FrameClass = { type: 'other' };

/** The id of our pings: the keys of subscriptions begin at 1. */
const PING_ID = '0';
export const PING = `{"id":${PING_ID},"method":"server.ping","params":[]}`;

/** `{"sequence` and `{"dts` begin data; everything else is read. */
export function classifyPhemex(frame: Uint8Array): FrameClass {
  if (frame[0] === 0x7b && frame[1] === 0x22 && frame.length > 60) {
    if (frame[2] === 0x73 && frame[3] === 0x65 && frame[4] === 0x71) return DATA;
    if (frame[2] === 0x64 && frame[3] === 0x74 && frame[4] === 0x73) return DATA;
  }
  return classifySlowly(frame);
}

const SNAPSHOT = Buffer.from('"type":"snapshot"');

/** What is sent at subscribing says so in its last member; not all that were recorded do. */
export function isPhemexSnapshot(frame: Uint8Array): boolean {
  const from = Math.max(0, frame.length - SNAPSHOT.length - 8);
  return Buffer.from(frame.buffer, frame.byteOffset + from, frame.length - from).includes(SNAPSHOT);
}

function classifySlowly(frame: Uint8Array): FrameClass {
  const parsed = parseJson(frame);
  if (!parsed.ok) return { type: 'error', reason: parsed.failure.message };
  const reply = parsed.value;
  if (!(reply instanceof JsonObject)) return OTHER;
  const error = reply.get('error');
  if (error === undefined) return DATA;
  const id = reply.get('id');
  const key = id instanceof JsonNumber ? id.text : typeof id === 'string' ? id : null;
  const result = reply.get('result');
  if (error !== null) {
    const reason =
      error instanceof JsonObject ? `${quoted(error.get('code'))} ${quoted(error.get('message'))}` : quoted(error);
    return key === null || key === PING_ID
      ? { type: 'error', reason }
      : { type: 'refused', key, symbols: null, reason };
  }
  if (result === 'pong') return PONG;
  const status = result instanceof JsonObject ? result.get('status') : undefined;
  return status === 'success' && key !== null && key !== PING_ID ? { type: 'acknowledged', key, symbols: null } : OTHER;
}

/**
 * One symbol a message: the documents show no other form, and a refusal (6001: a symbol that this method does not know) names the request
 * only. The acknowledgement of an unsubscription acknowledges no symbol, so its list is empty.
 */
export function subscribePhemex(
  channel: string,
  wanted: readonly string[],
  subscribed: readonly string[],
  nextKey: () => number,
): readonly Outgoing[] {
  const have = new Set(subscribed);
  const want = new Set(wanted);
  const message = (verb: string, symbol: string): Outgoing => {
    const id = nextKey();
    return {
      text: JSON.stringify({ id, method: `${channel}.${verb}`, params: [symbol] }),
      key: String(id),
      symbols: verb === 'subscribe' ? [symbol] : [],
    };
  };
  // Leaving comes first: a connection has 20 subscriptions at most.
  return [
    ...[...have].filter((symbol) => !want.has(symbol)).map((symbol) => message('unsubscribe', symbol)),
    ...[...want].filter((symbol) => !have.has(symbol)).map((symbol) => message('subscribe', symbol)),
  ];
}
