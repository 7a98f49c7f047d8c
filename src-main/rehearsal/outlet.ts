// The venue's end of one WebSocket connection: whole frames in large writes, a bounded backlog, and the faults of the timetable.
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { VenueMarket } from './venue.ts';
import { type RenderedFrame, wholeFrame } from './wire.ts';

const BLOCK_BYTES = 128 * 1024;
const freeBlocks: Buffer[] = [];

function takeBlock(bytes: number): Buffer {
  return bytes <= BLOCK_BYTES
    ? (freeBlocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES))
    : Buffer.allocUnsafeSlow(bytes);
}

function giveBack(block: Buffer): void {
  if (block.length === BLOCK_BYTES && freeBlocks.length < 256) freeBlocks.push(block);
}

/** What the timetable does to frames on their way out; gives false when it took the frame. */
export type FrameFault = (outlet: Outlet, frame: RenderedFrame, symbol: string) => boolean;

export interface OutletOptions {
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly number: number;
  readonly form: number;
  readonly nowMs: number;
  /** Backlog at which a slow reader is cut. */
  readonly backlogBytes: number;
  /** The path that it connected to. */
  readonly route: string;
  readonly spoil: VenueMarket['spoil'];
  /** Called before anything leaves; absent: nothing has to be done first. */
  readonly beforeSending?: (() => void) | undefined;
}

export class Outlet {
  readonly ws: WebSocket;
  readonly socket: Socket;
  /** Counts the connections of the whole rehearsal, from 1. */
  readonly number: number;
  readonly route: string;
  readonly openedMs: number;
  readonly backlogBytes: number;
  /** How this venue's frames are damaged when the timetable says so. */
  readonly spoil: VenueMarket['spoil'];
  form: number;
  /** Names subscribed, as the client wrote them. */
  readonly names = new Set<string>();
  readonly incoming: number[] = [];
  lastIncomingMs: number;
  pingedMs: number;
  /** When the oldest unanswered ping was sent; 0 when all are answered. */
  waitingPongMs = 0;
  frames = 0;
  /** Which of the recorder's lines it belongs to, as far as names tell (lines.ts); -1: not told yet. */
  line = -1;
  faults: FrameFault[] = [];
  /** Half-open: nothing leaves and nothing is read, yet the connection stands. */
  dead = false;
  /** Why the venue ended it. */
  ended: string | null = null;
  readonly #beforeSending: (() => void) | undefined;
  readonly #stalled: Buffer[] = [];
  #stalledBytes = 0;
  #isStalled = false;
  #block: Buffer | null = null;
  #used = 0;

  constructor(options: OutletOptions) {
    this.ws = options.ws;
    this.socket = options.socket;
    this.number = options.number;
    this.form = options.form;
    this.route = options.route;
    this.spoil = options.spoil;
    this.#beforeSending = options.beforeSending;
    this.openedMs = options.nowMs;
    this.lastIncomingMs = options.nowMs;
    this.pingedMs = options.nowMs;
    this.backlogBytes = options.backlogBytes;
  }

  /** Queues a whole frame for the next flush, through the faults that are on. */
  deliver(frame: RenderedFrame, symbol: string): void {
    for (const fault of this.faults) {
      if (!fault(this, frame, symbol)) return;
    }
    this.put(frame.bytes, frame.start, frame.end);
  }

  /** Queues bytes[start..end), which must be whole WebSocket frames. */
  put(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    let block = this.#block;
    if (block === null || this.#used + length > block.length) {
      this.flush();
      block = takeBlock(length);
      this.#block = block;
    }
    bytes.copy(block, this.#used, start, end);
    this.#used += length;
    this.frames += 1;
  }

  /** Hands what is queued to the socket. */
  flush(): void {
    const block = this.#block;
    if (block === null) return;
    this.#beforeSending?.();
    const used = this.#used;
    this.#block = null;
    this.#used = 0;
    if (used === 0 || this.dead || this.socket.destroyed) {
      giveBack(block);
      return;
    }
    if (this.#isStalled) {
      this.#stalled.push(Buffer.from(block.subarray(0, used)));
      this.#stalledBytes += used;
      giveBack(block);
    } else {
      this.socket.write(block.subarray(0, used), () => giveBack(block));
    }
    if (this.backlog > this.backlogBytes) this.cut('the reader is too slow');
  }

  /** Bytes not yet taken by the operating system. */
  get backlog(): number {
    return this.socket.writableLength + this.#stalledBytes + this.#used;
  }

  /** A message of the protocol itself (ack, error, event), in order with the frames before it. */
  say(text: string, binary = false): void {
    this.flush();
    if (this.dead || this.ws.readyState !== 1) return;
    if (this.#isStalled) {
      this.#stalled.push(wholeFrame(Buffer.from(text, 'utf8'), binary));
      return;
    }
    this.ws.send(binary ? Buffer.from(text, 'utf8') : text, { binary });
  }

  ping(nowMs: number): void {
    this.pingedMs = nowMs;
    if (this.dead || this.#isStalled || this.ws.readyState !== 1) return;
    this.flush();
    if (this.waitingPongMs === 0) this.waitingPongMs = nowMs;
    this.ws.ping(String(nowMs));
  }

  /** Ends it politely, with a close frame. */
  close(code: number, reason: string): void {
    this.flush();
    this.ended ??= reason;
    this.ws.close(code, reason);
  }

  /** Ends it at once, without a close frame. */
  cut(reason: string): void {
    this.ended ??= reason;
    this.socket.destroy();
  }

  /** Holds everything back until released; then all of it comes at once. */
  stall(on: boolean): void {
    this.flush();
    this.#isStalled = on;
    if (on) return;
    for (const held of this.#stalled.splice(0)) this.socket.write(held);
    this.#stalledBytes = 0;
  }

  /** Turns the connection dead without telling the other side. */
  halfOpen(): void {
    this.flush();
    this.dead = true;
    this.socket.pause();
  }
}
