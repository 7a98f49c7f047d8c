// A venue on loopback for the tests of this process: real sockets and real HTTP, behaviour given by each test.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket as TcpSocket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface LoopbackClient {
  readonly socket: WebSocket;
  /** Texts received, in order. */
  readonly said: string[];
  send(message: string | Buffer): void;
  /** Ends the TCP connection without a word. */
  cut(): void;
  /** Reads and writes nothing more, but keeps the connection: half-open. */
  freeze(): void;
  /** Says that it closes, and then no more than a frozen one. */
  leave(code: number): void;
}

export interface Loopback {
  readonly ws: string;
  readonly rest: string;
  /** Every connection ever opened, in order. */
  readonly clients: LoopbackClient[];
  /** Answers a text from a client. */
  onText: (client: LoopbackClient, text: string) => void;
  onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** A connection that is accepted. */
  onUpgrade: (request: IncomingMessage) => void;
  /** Refuse new connections with this status; null: accept. */
  refuse: { status: number; retryAfter?: string } | null;
  close(): Promise<void>;
}

export async function openLoopback(): Promise<Loopback> {
  const server = createServer((request, response) => loopback.onRequest(request, response));
  const sockets = new WebSocketServer({ noServer: true });
  const tcp = new Set<TcpSocket>();
  server.on('connection', (socket) => {
    tcp.add(socket);
    socket.on('close', () => tcp.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    const { refuse } = loopback;
    if (refuse) {
      const after = refuse.retryAfter ? `Retry-After: ${refuse.retryAfter}\r\n` : '';
      socket.end(`HTTP/1.1 ${refuse.status} Refused\r\n${after}Content-Length: 0\r\n\r\n`);
      return;
    }
    loopback.onUpgrade(request);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      let frozen = false;
      const said: string[] = [];
      const client: LoopbackClient = {
        socket: ws,
        said,
        send: (message) => {
          if (!frozen) ws.send(message);
        },
        cut: () => socket.destroy(),
        freeze: () => {
          frozen = true;
          socket.pause();
        },
        leave: (code) => {
          socket.write(Buffer.from([0x88, 2, code >> 8, code & 0xff]));
          client.freeze();
        },
      };
      ws.on('message', (data) => {
        const text = (data as Buffer).toString('utf8');
        said.push(text);
        loopback.onText(client, text);
      });
      ws.on('error', () => ws.terminate());
      loopback.clients.push(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const loopback: Loopback = {
    ws: `ws://127.0.0.1:${port}`,
    rest: `http://127.0.0.1:${port}`,
    clients: [],
    onText: () => undefined,
    onRequest: (_request, response) => response.writeHead(404).end(),
    onUpgrade: () => undefined,
    refuse: null,
    close: async () => {
      for (const socket of tcp) socket.destroy();
      sockets.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return loopback;
}

/** Answers SUBSCRIBE as Binance does: an acknowledgement of the request, unless a stream of it is in `refused`. */
export function acknowledgeBinance(refused: ReadonlySet<string> = new Set()): Loopback['onText'] {
  return (client, text) => {
    const { id, params } = JSON.parse(text) as { id: number; params: string[] };
    const bad = params.some((stream) => refused.has(stream));
    client.send(JSON.stringify(bad ? { error: { code: 2, msg: 'Invalid request' }, id } : { result: null, id }));
  };
}

export function binanceTrade(symbol: string, id: number): string {
  const data = `{"e":"trade","E":1723161255343,"s":"${symbol}","t":${id},"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}`;
  return `{"stream":"${symbol.toLowerCase()}@trade","data":${data}}`;
}

export function upbitTrade(code: string, id: number, type: 'REALTIME' | 'SNAPSHOT' = 'REALTIME'): string {
  return `{"type":"trade","code":"${code}","timestamp":1788335180423,"trade_timestamp":1788335180377,"trade_price":106691000.00000000,"trade_volume":0.00009372,"ask_bid":"ASK","sequential_id":${id},"stream_type":"${type}"}`;
}
