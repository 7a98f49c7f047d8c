// A venue for tests whose frames are one line of text: `symbol id price qty eventUs`, rows separated by `;`. `ack`: control, `?`: other channel.
import { fail } from '../../../src-shared/base/result.ts';
import type { Market } from '../../../src-shared/market/instrument.ts';
import type { Feed, FrameVerdict, IdRule, TickSink } from '../../feeds/feed.ts';

const WHOLE = /^(?:0|[1-9]\d*)$/;

function decode(frame: Uint8Array, sink: TickSink): FrameVerdict {
  const text = Buffer.from(frame).toString();
  if (text === 'ack') return { kind: 'control', reason: '' };
  if (text === '?') return { kind: 'other', reason: '' };
  if (text.startsWith('!')) return { kind: 'quarantine', reason: 'not a frame' };
  for (const [index, row] of text.split(';').entries()) {
    const [symbol = '', id = '', price = '', qty = '', eventUs = ''] = row.split(' ');
    if (!WHOLE.test(eventUs)) {
      sink.reject(index, 'no time');
      continue;
    }
    const { cells } = sink;
    cells.symbol = symbol;
    cells.channel = 'trade';
    cells.idNumber = WHOLE.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : -1;
    cells.idText = cells.idNumber < 0 ? id : '';
    cells.firstIdNumber = cells.idNumber;
    const amount = (name: 'price' | 'qty', digits: string): void => {
      const dot = digits.indexOf('.');
      const mantissa = Number(digits.replace('.', ''));
      const fits = /^\d+(\.\d+)?$/.test(digits) && !/^0\d/.test(digits) && Number.isSafeInteger(mantissa);
      cells[`${name}Mantissa`] = fits ? mantissa : -1;
      cells[`${name}Scale`] = fits && dot >= 0 ? digits.length - dot - 1 : 0;
      cells[`${name}Text`] = fits ? '' : digits;
    };
    amount('price', price);
    amount('qty', qty);
    cells.side = 1;
    cells.eventUs = Number(eventUs);
    sink.accept();
  }
  return { kind: 'trades', reason: '' };
}

export function plainFeed(idRule: IdRule, market: Market = 'spot', history = true): Feed {
  const limit = { count: 1, perMs: 1 };
  return {
    venue: 'binance',
    market,
    channel: 'trade',
    idRule,
    latenessUs: 0,
    defaults: { ws: '', rest: '' },
    limits: {
      streamsPerConnection: 1,
      symbolsPerRequest: 1,
      outgoing: limit,
      connects: limit,
      maxAgeMs: null,
      heartbeat: null,
      deadAfterMs: 1,
      rest: { weight: 1, perMs: 1 },
    },
    connectUrl: (endpoint) => endpoint,
    subscribe: () => [],
    classify: () => ({ type: 'data' }),
    symbolOf: () => null,
    decode,
    decodeAt: (bytes, start, end, sink) => decode(bytes.subarray(start, end), sink),
    instruments: {
      request: () => ({ method: 'GET', path: '', headers: {}, weight: 1 }),
      parse: () => fail('x', 'no list'),
      everyMs: 1,
    },
    history: history
      ? {
          reachMs: Number.POSITIVE_INFINITY,
          first: () => fail('x', 'not asked'),
          next: () => fail('x', 'not asked'),
          decode: (_, body, sink) => decode(body, sink),
        }
      : null,
    candles: null,
    restTrouble: () => ({ waitMs: 0, limits: false, failure: { code: '', message: '', retry: false } }),
  };
}
