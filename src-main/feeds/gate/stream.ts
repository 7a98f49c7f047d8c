// The Gate v4 WebSocket protocol as a line needs it: subscribe messages, and what each reply means.
// Sources: Gate WebSocket v4 pages, spot and futures ("Server response", "Application ping pong", "Public trades channel").
import { liesAt } from '../byte-template.ts';
import { quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameClass, Outgoing } from '../feed.ts';
import { inBatches } from '../subscribe-batches.ts';

const DATA: FrameClass = { type: 'data' };
const PONG: FrameClass = { type: 'pong' };
const OTHER: FrameClass = { type: 'other' };

export interface GateStream {
  classify(frame: Uint8Array): FrameClass;
  subscribe(wanted: readonly string[], subscribed: readonly string[], nextKey: () => number): readonly Outgoing[];
}

/** Where `"channel":` stands in a push: behind `{`, or behind time (10 digits), time_ms (13 digits), or both. */
const PLACES = [43, 19, 25, 1];

/** channel: `spot.trades` or `futures.trades`. */
export function gateStream(channel: string, perRequest: number): GateStream {
  const update = Buffer.from(`"channel":"${channel}","event":"update"`);
  return {
    classify: (frame) => {
      for (const place of PLACES) if (liesAt(frame, place, update)) return DATA;
      return classifySlowly(frame);
    },
    subscribe: (wanted, subscribed, nextKey) => subscribeGate(channel, perRequest, wanted, subscribed, nextKey),
  };
}

function classifySlowly(frame: Uint8Array): FrameClass {
  const parsed = parseJson(frame);
  if (!parsed.ok) return { type: 'error', reason: parsed.failure.message };
  const value = parsed.value;
  if (!(value instanceof JsonObject)) return OTHER;
  const channel = value.get('channel');
  const event = value.get('event');
  const result = value.get('result');
  // {"type":"upgrade"} of spot, and the same on futures.system.
  if (value.get('type') === 'upgrade' || (result instanceof JsonObject && result.get('type') === 'upgrade'))
    return { type: 'ending', reason: `upgrade ${quoted(value.get('msg'))}` };
  if (channel === 'spot.pong' || channel === 'futures.pong') return PONG;
  const error = value.get('error');
  const key = keyIn(value);
  if (error !== undefined && error !== null) {
    const reason = error instanceof JsonObject ? reasonIn(error) : quoted(error);
    // A request is accepted or refused as a whole, whatever the sentence names.
    return event === 'subscribe' && key !== null
      ? { type: 'refused', key, symbols: null, reason }
      : { type: 'error', reason };
  }
  if (event === 'update') return DATA;
  // A reply without an error that still says anything but success is no acknowledgement.
  const status = result instanceof JsonObject ? result.get('status') : undefined;
  if (event === 'subscribe' && status !== undefined && status !== 'success') {
    const reason = `status ${quoted(status)}`;
    return key === null ? { type: 'error', reason } : { type: 'refused', key, symbols: null, reason };
  }
  if (event === 'subscribe' || event === 'unsubscribe') return acknowledgement(value, event, key);
  return OTHER;
}

/** The request's id comes back; where it does not, its list of names does. */
function acknowledgement(value: JsonObject, event: string, key: string | null): FrameClass {
  if (key !== null) return { type: 'acknowledged', key, symbols: event === 'subscribe' ? null : [] };
  const payload = value.get('payload');
  const names = Array.isArray(payload) ? payload.filter((one: JsonValue) => typeof one === 'string') : [];
  return event === 'subscribe' && names.length > 0 ? { type: 'acknowledged', key: null, symbols: names } : OTHER;
}

function keyIn(reply: JsonObject): string | null {
  const id = reply.get('id');
  if (id instanceof JsonNumber) return id.text;
  return typeof id === 'string' && id !== '' ? id : null;
}

function reasonIn(error: JsonObject): string {
  const message = error.get('message');
  return `${quoted(error.get('code'))} ${typeof message === 'string' ? message.slice(0, 200) : quoted(message)}`;
}

/**
 * subscribe for what is missing and unsubscribe for what is no longer wanted. All or nothing: one unknown name fails its request, so requests
 * are small; the line halves a refused one. `time` is left out: the venue takes requests without it, and no clock is read here.
 */
function subscribeGate(
  channel: string,
  perRequest: number,
  wanted: readonly string[],
  subscribed: readonly string[],
  nextKey: () => number,
): readonly Outgoing[] {
  return inBatches(perRequest, wanted, subscribed, (event, payload) => {
    const id = nextKey();
    return { text: JSON.stringify({ id, channel, event, payload }), key: String(id) };
  });
}
