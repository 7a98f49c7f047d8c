// A journal of one venue's trades, by the kind of the venue's ids, for tests and benches. Never shipped.
import { join } from 'node:path';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import type { Market, Venue } from '../../src-shared/market/instrument.ts';
import { openJournal } from '../journal/writer.ts';
import { tradeFrame } from './store.fixture.ts';

export interface Kind {
  readonly name: string;
  readonly venue: Venue;
  readonly market: Market;
  symbol(index: number): string;
  /** n: number of the trade in its stream; total: over all streams. */
  frame(symbol: string, n: number, total: number, us: number): Buffer;
  /** The id in that frame. */
  id(n: number, total: number, us: number): string;
}

export const KIND_SYMBOLS = 10;

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function uuid(total: number): string {
  const scattered = Math.imul(total, 0x9e3779b1) >>> 0;
  return `${hex(scattered, 8)}-${hex(total & 0xffff, 4)}-5b31-9112-${hex(total, 12)}`;
}

function kucoinId(n: number): string {
  return String(23715934308417536n + BigInt(n));
}

function upbitId(n: number, us: number): string {
  return String(BigInt(Math.floor(us / 1000)) * 10_000n + BigInt(n % 10_000));
}

export const kinds: readonly Kind[] = [
  {
    name: 'binance',
    venue: 'binance',
    market: 'spot',
    symbol: (index) => `C${index}USDT`,
    frame: (symbol, n, _, us) => tradeFrame(symbol, 1000 + n, us),
    id: (n) => String(1000 + n),
  },
  {
    name: 'bybit-uuid',
    venue: 'bybit',
    market: 'perp',
    symbol: (index) => `C${index}USDT`,
    frame: (symbol, _, total, us) => {
      const ms = Math.floor(us / 1000);
      return Buffer.from(
        `{"topic":"publicTrade.${symbol}","type":"snapshot","ts":${ms},"data":[{"T":${ms},"s":"${symbol}","S":"Buy","v":"0.020","p":"109378.90","L":"ZeroPlusTick","i":"${uuid(total)}","BT":false,"RPI":false,"seq":${457514743450 + total}}]}`,
      );
    },
    id: (_, total) => uuid(total),
  },
  {
    name: 'kucoin-17',
    venue: 'kucoin',
    market: 'spot',
    symbol: (index) => `C${index}-USDT`,
    frame: (symbol, n, _, us) => {
      const id = kucoinId(n);
      return Buffer.from(
        `{"topic":"/market/match:${symbol}","type":"message","subject":"trade.l3match","data":{"makerOrderId":"6a6717c36bce220007404013","price":"65215.6","sequence":"${id}","side":"sell","size":"0.04915634","symbol":"${symbol}","takerOrderId":"6a6717cb536fcb0007901fdd","time":"${us}000","tradeId":"${id}","type":"match"}}`,
      );
    },
    id: kucoinId,
  },
  {
    name: 'upbit-17',
    venue: 'upbit',
    market: 'spot',
    symbol: (index) => `KRW-C${index}`,
    frame: (symbol, n, _, us) => {
      const ms = Math.floor(us / 1000);
      return Buffer.from(
        `{"type":"trade","code":"${symbol}","timestamp":${ms},"trade_timestamp":${ms},"trade_price":106691000.00000000,"trade_volume":0.00009372,"ask_bid":"ASK","sequential_id":${upbitId(n, us)},"stream_type":"REALTIME"}`,
      );
    },
    id: (n, _, us) => upbitId(n, us),
  },
  {
    name: 'phemex-row',
    venue: 'phemex',
    market: 'perp',
    symbol: (index) => `C${index}USDT`,
    frame: (symbol, _, total, us) =>
      Buffer.from(
        `{"dts":${us}000,"mts":${us}000,"sequence":${67412126177 + total},"symbol":"${symbol}","trades_p":[[${us}233,"Buy","76426.7","0.091"]],"type":"incremental"}`,
      ),
    id: (_, __, us) => `${us}233-b-76426.7-0.091`,
  },
];

export interface KindJournal {
  /** Trades from..to-1 of the kind. */
  readonly from: number;
  readonly to: number;
  readonly firstUs: number;
  /** Each trade comes on lines 0..lines-1. */
  readonly lines: number;
  /** The lines open this connection first; null: they go on. */
  readonly connection: number | null;
}

export async function writeKind(dataDir: string, kind: Kind, shape: KindJournal): Promise<void> {
  const opened = await openJournal(join(dataDir, 'journal'));
  if (!opened.ok) throw new Error(opened.failure.message);
  const journal = opened.value;
  const symbols = Array.from({ length: KIND_SYMBOLS }, (_, index) => kind.symbol(index));
  const numbers = Array.from({ length: shape.lines }, (_, line) =>
    journal.line({ venue: kind.venue, market: kind.market, line, role: 'live', slot: 0 }),
  );
  const { connection } = shape;
  const openUs = shape.firstUs + shape.from * 200;
  for (const line of numbers) {
    if (connection === null) break;
    journal.control(line, { type: 'open', connection, url: 'ws://venue' }, openUs);
    journal.control(line, { type: 'wanted', symbols }, openUs);
    journal.control(line, { type: 'acknowledged', connection, symbols }, openUs);
  }
  for (let total = shape.from; total < shape.to; total += 1) {
    const us = shape.firstUs + total * 200;
    const symbol = symbols[total % KIND_SYMBOLS] as string;
    const frame = kind.frame(symbol, Math.floor(total / KIND_SYMBOLS), total, us);
    for (const line of numbers) journal.append(line, RecordKind.data, Origin.live, us, us, frame);
    if (total % 500 === 0) await journal.flush();
  }
  await journal.close();
}
