// A venue that plays recorded frames: acknowledges the subscription, then sends the recordings in order as fast as they are taken.
// For tests that put real frames through the whole way; each connection gets all of them, from the first.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { type Settings, settingsSchema } from '../../src-shared/contract/settings.ts';
import { prefixOf } from './server.ts';
import { wholeFrame } from './wire.ts';

const WRITE_BYTES = 256 * 1024;

export type ReplayMarket = 'binance:spot' | 'binance:perp';

export interface ReplayOptions {
  /** Raw frames of each market, in the order of sending. */
  readonly frames: Readonly<Partial<Record<ReplayMarket, readonly string[]>>>;
  readonly port?: number;
  readonly lines?: 1 | 2;
}

export interface Replay {
  readonly port: number;
  readonly settings: Settings;
  /** Frames handed to the socket so far, over all connections of the market. */
  sent(market: ReplayMarket): number;
  /** Resolves when one connection of every market has been given all its frames. */
  readonly done: Promise<void>;
  close(): Promise<void>;
}

const recordSchema = z.object({
  venue: z.string(),
  market: z.string(),
  transport: z.string(),
  kind: z.string(),
  trades_in_raw: z.number(),
  legacy: z.boolean(),
  raw: z.string(),
});
/** One line of a file of recorded frames. */
export type RecordedFrame = z.infer<typeof recordSchema>;

/** The folder of recorded frames: TAPEDECK_FRAMES, else shared/frames beside the repository; null when neither is there. */
export function recordedFramesFolder(): string | null {
  const named = process.env.TAPEDECK_FRAMES;
  const folder = named ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'shared', 'frames');
  return existsSync(folder) ? folder : null;
}

/** All frames of a .jsonl.gz file, in its order. */
export function readRecordedFrames(path: string): RecordedFrame[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').split('\n');
  return lines.filter((line) => line.length > 0).map((line) => recordSchema.parse(JSON.parse(line)));
}

interface Reel {
  readonly market: ReplayMarket;
  readonly blocks: readonly { readonly bytes: Buffer; readonly frames: number }[];
  readonly symbols: readonly string[];
  sent: number;
  finish: () => void;
}

function reelOf(market: ReplayMarket, frames: readonly string[]): { reel: Reel; finished: Promise<void> } {
  const blocks: { bytes: Buffer; frames: number }[] = [];
  const symbols = new Set<string>();
  let held: Buffer[] = [];
  let bytes = 0;
  const cut = (): void => {
    if (held.length > 0) blocks.push({ bytes: Buffer.concat(held), frames: held.length });
    held = [];
    bytes = 0;
  };
  for (const raw of frames) {
    const symbol = /"s":"([^"]+)"/.exec(raw)?.[1];
    if (symbol !== undefined) symbols.add(symbol);
    const frame = wholeFrame(Buffer.from(raw, 'utf8'), false);
    held.push(frame);
    bytes += frame.length;
    if (bytes >= WRITE_BYTES) cut();
  }
  cut();
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { reel: { market, blocks, symbols: [...symbols], sent: 0, finish }, finished };
}

async function play(reel: Reel, socket: Socket): Promise<void> {
  for (const block of reel.blocks) {
    if (socket.destroyed) return;
    const room = socket.write(block.bytes);
    reel.sent += block.frames;
    if (!room) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          socket.off('drain', go);
          socket.off('close', go);
          resolve();
        };
        socket.on('drain', go);
        socket.on('close', go);
      });
    }
  }
  if (!socket.destroyed) reel.finish();
}

function symbolList(reel: Reel): string {
  const symbols = reel.symbols.map((symbol) => {
    const quote = /(USDT|USDC|BUSD|BTC)$/.exec(symbol)?.[1] ?? 'USDT';
    const base = symbol.slice(0, -quote.length);
    return {
      symbol,
      pair: symbol,
      contractType: 'PERPETUAL',
      status: 'TRADING',
      baseAsset: base,
      quoteAsset: quote,
      marginAsset: quote,
    };
  });
  return JSON.stringify({ timezone: 'UTC', serverTime: Date.now(), rateLimits: [], symbols });
}

/** Starts the replay on 127.0.0.1. */
export async function startReplay(options: ReplayOptions): Promise<Replay> {
  const made = (['binance:spot', 'binance:perp'] as const).flatMap((market) => {
    const frames = options.frames[market];
    return frames ? [reelOf(market, frames)] : [];
  });
  const reels = made.map(({ reel }) => reel);
  const reelAt = (url: string | undefined): Reel | undefined =>
    reels.find((reel) => url?.startsWith(`${prefixOf(reel.market)}/`));
  const http = createServer((request, response) => {
    const reel = reelAt(request.url);
    const list = request.url?.includes('/exchangeInfo') === true;
    response.writeHead(reel ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(reel ? (list ? symbolList(reel) : '[]') : '');
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  http.on('upgrade', (request, socket, head) => {
    const reel = reelAt(request.url);
    if (!reel || !(socket instanceof Socket)) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      let began = false;
      ws.on('message', (data: Buffer) => {
        const asked = z.object({ method: z.string(), id: z.number() }).safeParse(JSON.parse(data.toString('utf8')));
        if (!asked.success) return;
        ws.send(`{"result":null,"id":${asked.data.id}}`);
        if (began || asked.data.method !== 'SUBSCRIBE') return;
        began = true;
        void play(reel, socket);
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;
  const endpoint = (market: ReplayMarket): { ws: string; rest: string } => ({
    ws: `ws://127.0.0.1:${port}${prefixOf(market)}`,
    rest: `http://127.0.0.1:${port}${prefixOf(market)}`,
  });
  const short = (market: ReplayMarket): 'spot' | 'perp' => (market === 'binance:spot' ? 'spot' : 'perp');
  const settings = settingsSchema.parse({
    version: 1,
    venues: {
      binance: {
        enabled: true,
        markets: reels.map((reel) => short(reel.market)),
        symbols: [...new Set(reels.flatMap((reel) => reel.symbols))],
        lines: options.lines ?? 1,
        endpoints: Object.fromEntries(reels.map((reel) => [short(reel.market), endpoint(reel.market)])),
      },
    },
  });
  return {
    port,
    settings,
    sent: (market) => reels.find((reel) => reel.market === market)?.sent ?? 0,
    done: Promise.all(made.map(({ finished }) => finished)).then(() => undefined),
    close: async () => {
      for (const ws of sockets.clients) ws.terminate();
      sockets.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
