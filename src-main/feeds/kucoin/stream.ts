// The KuCoin push protocol as a line needs it: a token for every dial, the welcome, topics, and what each reply means.
// Source: kucoin.com/docs-new, "WebSocket API: Introduction" (bullet-public, welcome, ping, subscribe, error codes).
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson } from '../exact-json.ts';
import type { FrameClass, Outgoing } from '../feed.ts';

const DATA: FrameClass = { type: 'data' };
const PONG: FrameClass = { type: 'pong' };
const READY: FrameClass = { type: 'ready' };
const OTHER: FrameClass = { type: 'other' };

/** Not a number, so that no error about it is taken for the refusal of a subscription. */
export const HEARTBEAT = '{"id":"tapedeck","type":"ping"}';

/** `{"topic":"` and `{"data":{` begin data; everything about the connection begins with its id. */
export function classifyKucoin(frame: Uint8Array): FrameClass {
  if (frame[0] === 0x7b && frame[1] === 0x22) {
    if (frame[2] === 0x74 && frame[3] === 0x6f && frame[4] === 0x70) return DATA;
    if (frame[2] === 0x64 && frame[3] === 0x61 && frame[4] === 0x74 && frame[8] === 0x7b) return DATA;
  }
  return classifySlowly(frame);
}

function classifySlowly(frame: Uint8Array): FrameClass {
  const parsed = parseJson(frame);
  if (!parsed.ok) return { type: 'error', reason: parsed.failure.message };
  const message = parsed.value;
  if (!(message instanceof JsonObject)) return OTHER;
  switch (message.get('type')) {
    case 'welcome':
      return READY;
    case 'ack': {
      const key = textIn(message.get('id'));
      return key === null ? OTHER : { type: 'acknowledged', key, symbols: null };
    }
    case 'pong':
      return PONG;
    case 'message':
      return DATA;
    case 'error':
      return refusal(message);
    default:
      return OTHER;
  }
}

/** Our requests are numbered: an error that carries such a number refuses that request, any other is one of the connection (a dead token, 401). */
function refusal(message: JsonObject): FrameClass {
  const key = textIn(message.get('id'));
  const said = message.get('data');
  const reason = `${quoted(message.get('code'))} ${typeof said === 'string' ? said.slice(0, 200) : quoted(said)}`;
  if (key === null || !/^\d+$/.test(key)) return { type: 'error', reason };
  return { type: 'refused', key, symbols: null, reason };
}

function textIn(value: JsonValue | undefined): string | null {
  if (value instanceof JsonNumber) return value.text;
  return typeof value === 'string' && value !== '' ? value : null;
}

/** One topic string names up to `perRequest` symbols. The acknowledgement of an unsubscribe acknowledges no symbol, so its list is empty. */
export function subscribeKucoin(
  prefix: string,
  perRequest: number,
  wanted: readonly string[],
  subscribed: readonly string[],
  nextKey: () => number,
): readonly Outgoing[] {
  const have = new Set(subscribed);
  const want = new Set(wanted);
  const messages: Outgoing[] = [];
  const add = (type: string, symbols: readonly string[]) => {
    for (let i = 0; i < symbols.length; i += perRequest) {
      const part = symbols.slice(i, i + perRequest);
      const id = String(nextKey());
      const text = JSON.stringify({ id, type, topic: prefix + part.join(','), privateChannel: false, response: true });
      messages.push({ text, key: id, symbols: type === 'subscribe' ? part : [] });
    }
  };
  add(
    'unsubscribe',
    [...have].filter((symbol) => !want.has(symbol)),
  );
  add(
    'subscribe',
    [...want].filter((symbol) => !have.has(symbol)),
  );
  return messages;
}

/**
 * The URL from a reply of bullet-public. The server's endpoint is taken as it stands, its trailing slash belongs to it; an endpoint
 * that the settings name instead replaces it. The token is good for this dial only.
 */
export function dialUrl(
  defaultEndpoint: string,
  endpoint: string,
  reply: Uint8Array,
  connectId: string,
): Result<string> {
  const data = dataOf('bullet-public', 'dial', reply);
  if (!data.ok) return data;
  const token = data.value instanceof JsonObject ? data.value.get('token') : undefined;
  if (typeof token !== 'string' || token === '') return fail('dial.reply', 'kucoin bullet-public: no token', AGAIN);
  const query = new URLSearchParams({ token, connectId });
  if (endpoint !== defaultEndpoint) return ok(`${withSlash(endpoint)}?${query}`);
  const servers = data.value instanceof JsonObject ? data.value.get('instanceServers') : undefined;
  const first = Array.isArray(servers) ? (servers[0] as JsonValue | undefined) : undefined;
  const server = first instanceof JsonObject ? first.get('endpoint') : undefined;
  if (typeof server !== 'string' || !/^wss:\/\/[^?#\s]+$/.test(server))
    return fail('dial.reply', `kucoin bullet-public: ${quoted(server)} is not a server to connect to`, AGAIN);
  return ok(`${server}?${query}`);
}

export function withSlash(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, '')}/`;
}

const AGAIN = { retry: true } as const;

/** The data of a REST reply; a code other than 200000 is the venue's refusal, though the status says 200 ("Request": error codes). */
export function dataOf(what: string, codes: string, reply: Uint8Array): Result<JsonValue | undefined> {
  const parsed = parseJson(reply);
  if (!parsed.ok) return fail(`${codes}.reply`, `kucoin ${what}: ${parsed.failure.message}`, AGAIN);
  const body = parsed.value;
  if (!(body instanceof JsonObject))
    return fail(`${codes}.reply`, `kucoin ${what}: ${quoted(body)} is no reply`, AGAIN);
  const code = body.get('code');
  if (code === '200000') return ok(body.get('data'));
  // 429000: too many requests; 500000 and up: the venue's own trouble. Anything else would be refused again.
  const retry = typeof code === 'string' && /^(?:429|5)/.test(code);
  return fail(`${codes}.refused`, `kucoin ${what}: ${quoted(code)} ${quoted(body.get('msg'))}`, { retry });
}
