// The Upbit WebSocket protocol as a line needs it. Frames are binary UTF-8 JSON; there is no acknowledgement.
// Source: docs.upbit.com, "WebSocket guide" (request format, connection, errors).
import { quoted } from '../cells.ts';
import { JsonObject, parseJson } from '../exact-json.ts';
import type { FrameClass, Outgoing } from '../feed.ts';

const DATA: FrameClass = { type: 'data' };
const PONG: FrameClass = { type: 'pong' };
const OTHER: FrameClass = { type: 'other' };

/** `{"type":"` and `{"ty":"` begin data. */
export function classifyUpbit(frame: Uint8Array): FrameClass {
  if (frame[0] === 0x7b && frame[1] === 0x22 && frame[2] === 0x74 && frame[3] === 0x79 && frame.length > 60)
    return DATA;
  return classifySlowly(frame);
}

/** Errors that answer a subscribe request; no other kind of request is sent. */
const REFUSALS: ReadonlySet<string> = new Set([
  'WRONG_FORMAT',
  'NO_TICKET',
  'NO_TYPE',
  'NO_CODES',
  'INVALID_PARAM',
  'INVALID_CODES',
]);

function classifySlowly(frame: Uint8Array): FrameClass {
  if (frame.length === 4 && frame[0] === 0x50 && frame[1] === 0x4f && frame[2] === 0x4e && frame[3] === 0x47)
    return PONG;
  const parsed = parseJson(frame);
  if (!parsed.ok) return { type: 'error', reason: parsed.failure.message };
  const value = parsed.value;
  if (!(value instanceof JsonObject)) return Array.isArray(value) ? DATA : OTHER;
  const error = value.get('error');
  if (error !== undefined) {
    const name = error instanceof JsonObject ? error.get('name') : error;
    const message = error instanceof JsonObject ? error.get('message') : undefined;
    const reason = `${quoted(name)}${typeof message === 'string' ? ` ${message.slice(0, 200)}` : ''}`;
    if (typeof name === 'string' && REFUSALS.has(name)) return { type: 'refused', key: null, symbols: null, reason };
    return { type: 'error', reason };
  }
  if (value.has('type') || value.has('ty')) return DATA;
  return value.get('status') === 'UP' ? PONG : OTHER;
}

const SNAPSHOTS = ['"stream_type":"SNAPSHOT"', '"st":"SNAPSHOT"'];

/** The last trade of a code, as it comes first after a request. */
export function isUpbitSnapshot(frame: Uint8Array): boolean {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  return SNAPSHOTS.some((text) => bytes.includes(text));
}

/**
 * Each request replaces the whole set of its connection, so the full list is always sent, in one message; nothing when
 * it is already as wanted. The snapshot is asked for (no `is_only_realtime`): the last trade of each code comes at once, which
 * acknowledges quiet codes that may not trade for hours, and after a reconnect proves the overlap with what was held
 * before. It repeats a trade with the same sequential_id, so the tick's key removes it.
 */
export function subscribeUpbit(
  wanted: readonly string[],
  subscribed: readonly string[],
  nextKey: () => number,
): readonly Outgoing[] {
  const want = [...new Set(wanted)];
  const have = new Set(subscribed);
  if (want.length === 0 || (want.length === have.size && want.every((code) => have.has(code)))) return [];
  const request = [{ ticket: `tapedeck-${nextKey()}` }, { type: 'trade', codes: want }, { format: 'DEFAULT' }];
  return [{ text: JSON.stringify(request), key: null, symbols: want }];
}
