// A plain WebSocket client for the tests of the venues: it keeps what it receives and knows nothing of Tapedeck.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { MarketKey } from './venue.ts';

export interface Listener {
  readonly ws: WebSocket;
  readonly texts: string[];
  /** Of each text: whether its frame was binary. */
  readonly binary: boolean[];
  readonly pings: string[];
  closed: { code: number; reason: string } | null;
  send(message: string | object): void;
}

export interface ListenerOptions {
  readonly autoPong?: boolean;
  readonly headers?: Record<string, string>;
  readonly maxPayload?: number;
}

/** Connects; rejects with the HTTP status when the venue refuses. */
export function connect(url: string, options: ListenerOptions = {}): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, {
      perMessageDeflate: false,
      autoPong: options.autoPong ?? true,
      headers: options.headers ?? {},
      maxPayload: options.maxPayload ?? 64 * 1024 * 1024,
    });
    const listener: Listener = {
      ws,
      texts: [],
      binary: [],
      pings: [],
      closed: null,
      send: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
    };
    ws.on('message', (data: Buffer, binary) => {
      listener.texts.push(data.toString('utf8'));
      listener.binary.push(binary);
    });
    ws.on('ping', (data) => listener.pings.push(data.toString()));
    ws.on('close', (code, reason) => {
      listener.closed = { code, reason: reason.toString() };
    });
    ws.on('unexpected-response', (_request, response) => reject(new Error(`HTTP ${response.statusCode}`)));
    ws.on('error', reject);
    ws.on('open', () => resolve(listener));
  });
}

/** Waits until the condition gives something true, at most `timeout` ms. */
export function until<T>(condition: () => T | null | undefined | false | 0, timeout = 10_000): Promise<T> {
  return vi.waitFor(
    () => {
      const found = condition();
      if (!found) throw new Error(`not yet: ${condition.toString()}`);
      return found;
    },
    { timeout, interval: 10 },
  );
}

const ledgerRow = z.object({
  venue: z.string(),
  market: z.string(),
  symbol: z.string(),
  channel: z.string(),
  id: z.string(),
  price: z.string(),
  qty: z.string(),
  side: z.enum(['buy', 'sell']),
  eventUs: z.number(),
});
export type LedgerRow = z.infer<typeof ledgerRow>;

export interface LedgerContent {
  readonly trades: LedgerRow[];
  readonly remarks: Record<string, unknown>[];
}

export function readLedger(path: string): LedgerContent {
  const content: LedgerContent = { trades: [], remarks: [] };
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const raw = z.record(z.string(), z.unknown()).parse(JSON.parse(line));
    if ('id' in raw) content.trades.push(ledgerRow.parse(raw));
    else content.remarks.push(raw);
  }
  return content;
}

/** What a market did about its limits, by the last line of a ledger whose rehearsal is closed. */
export function enforcedIn(path: string, market: MarketKey): Record<string, number> {
  const end = readLedger(path).remarks.at(-1);
  const { enforced } = z
    .object({ end: z.literal(true), enforced: z.record(z.string(), z.record(z.string(), z.number())) })
    .parse(end);
  return enforced[market] ?? {};
}

/** A file in a folder of its own that goes with the test. */
export function scratchFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tapedeck-rehearsal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}

/** The trade of a received frame, to be compared with a ledger row; numbers as the venue wrote them. Null when it is no whole trade. */
export function tradeOf(text: string): LedgerRow | null {
  const inner = /^\{"stream":"[^"]+","data":(.*)\}$/.exec(text)?.[1] ?? text;
  const spot =
    /^\{"e":"trade","E":\d+,"s":"([^"]+)","t":(\d+),"p":"([\d.]+)","q":"([\d.]+)","T":(\d{13}),"m":(true|false),"M":true\}$/.exec(
      inner,
    );
  if (spot) return row('binance', 'spot', 'trade', spot[1], spot[2], spot[3], spot[4], spot[6] === 'true', spot[5]);
  const perp =
    /^\{"e":"aggTrade","E":\d+,"a":(\d+),"s":"([^"]+)","p":"([\d.]+)","q":"([\d.]+)","nq":"[\d.]+","f":\d+,"l":\d+,"T":(\d{13}),"m":(true|false)\}$/.exec(
      inner,
    );
  if (perp) return row('binance', 'perp', 'aggTrade', perp[2], perp[1], perp[3], perp[4], perp[6] === 'true', perp[5]);
  const upbit =
    /^\{"type":"trade","code":"([^"]+)","timestamp":\d+,.*"trade_timestamp":(\d{13}),"trade_price":([\d.]+),"trade_volume":([\d.]+),"ask_bid":"(ASK|BID)",.*"sequential_id":(\d+),.*"stream_type":"(?:REALTIME|SNAPSHOT)"\}$/.exec(
      inner,
    );
  if (upbit) return row('upbit', 'spot', 'trade', upbit[1], upbit[6], upbit[3], upbit[4], upbit[5] === 'ASK', upbit[2]);
  return null;
}

function row(
  venue: string,
  market: string,
  channel: string,
  symbol = '',
  id = '',
  price = '',
  qty = '',
  sell = false,
  ms = '0',
): LedgerRow {
  return { venue, market, symbol, channel, id, price, qty, side: sell ? 'sell' : 'buy', eventUs: Number(ms) * 1000 };
}

export const spotUrl = (port: number, path = '/ws'): string => `ws://127.0.0.1:${port}/binance-spot${path}`;
export const perpUrl = (port: number, path = '/market/ws'): string => `ws://127.0.0.1:${port}/binance-perp${path}`;
export const upbitUrl = (port: number): string => `ws://127.0.0.1:${port}/upbit-spot/websocket/v1`;

/** Asks a venue's REST. */
export async function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
}
