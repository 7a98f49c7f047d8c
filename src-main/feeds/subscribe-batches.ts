// What a connection asks for, cut into requests: first what is no longer wanted, then what is missing, never more symbols in one than the venue takes.
import type { Outgoing } from './feed.ts';

/** `message` writes one request and its key. The acknowledgement of an unsubscribe acknowledges no symbol, so its list is empty. */
export function inBatches(
  perRequest: number,
  wanted: readonly string[],
  subscribed: readonly string[],
  message: (op: 'subscribe' | 'unsubscribe', symbols: readonly string[]) => Pick<Outgoing, 'text' | 'key'>,
): readonly Outgoing[] {
  const have = new Set(subscribed);
  const want = new Set(wanted);
  const messages: Outgoing[] = [];
  const add = (op: 'subscribe' | 'unsubscribe', symbols: readonly string[]) => {
    for (let i = 0; i < symbols.length; i += perRequest) {
      const part = symbols.slice(i, i + perRequest);
      messages.push({ ...message(op, part), symbols: op === 'subscribe' ? part : [] });
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
