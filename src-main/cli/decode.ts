// `decode`: raw frames on stdin through a venue's own decoder, one JSON answer per frame. Nothing is stored, nothing is running.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { multiplyDecimals } from '../../src-shared/base/decimal.ts';
import { reasonOf } from '../../src-shared/base/result.ts';
import type { Market } from '../../src-shared/market/instrument.ts';
import { sideNames } from '../../src-shared/market/tick.ts';
import { idTextOf, newTickCells, priceTextOf, qtyTextOf } from '../feeds/cells.ts';
import type { Feed, TickSink } from '../feeds/feed.ts';
import { feedOf, feeds } from '../feeds/index.ts';
import { write } from './output.ts';
import { failure } from './session.ts';
import { marketOf, venueOf } from './values.ts';

export interface DecodeOptions {
  readonly venue: string;
  readonly market: string;
  readonly instruments?: string;
}

interface DecodedTick {
  readonly symbol: string;
  readonly channel: string;
  readonly id: string;
  readonly price: string;
  readonly qty: string;
  readonly baseQty: string | null;
  readonly side: string;
  readonly eventUs: number;
}

/** What a frame held; ticks and rejected as far as the decoder came. */
export interface DecodedFrame {
  readonly kind: string;
  readonly ticks: readonly DecodedTick[];
  readonly rejected: readonly { readonly index: number; readonly reason: string }[];
  readonly reason: string | null;
}

/** A message larger than this is refused unread, as the recorder's sockets do. */
const FRAME_BYTES = 16 * 1024 ** 2;

export async function decode(options: DecodeOptions): Promise<void> {
  const venue = venueOf(options.venue);
  const market = marketOf(options.market);
  const feed = feedOf(venue, market);
  if (!feed) {
    const known = feeds.map((one) => `${one.venue} ${one.market}`).join(', ');
    throw failure('arguments.market', `there is no feed for ${venue} ${market} yet; there are ${known}`);
  }
  const sizes = options.instruments === undefined ? undefined : contractSizes(feed, options.instruments);
  const decoder = decoderOf(feed, (symbol) => sizes?.get(symbol) ?? usualSize(market));
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') await write(`${JSON.stringify(decodeLine(decoder, line))}\n`);
  }
}

/** Spot quantities are coins; what a contract holds must be told by the venue's list. */
function usualSize(market: Market): string | null {
  return market === 'spot' ? '1' : null;
}

function contractSizes(feed: Feed, path: string): Map<string, string | null> {
  let body: Uint8Array;
  try {
    body = readFileSync(path);
  } catch (error) {
    throw failure('arguments.instruments', `--instruments ${path} cannot be read: ${reasonOf(error)}`);
  }
  const list = feed.instruments.parse(body);
  if (!list.ok)
    throw failure(
      'arguments.instruments',
      `--instruments ${path} is not the symbol list of ${feed.venue} ${feed.market}: ${list.failure.message}`,
    );
  return new Map(list.value.map((instrument) => [instrument.symbol, instrument.contractSize]));
}

function decodeLine(decoder: (frame: Uint8Array) => DecodedFrame, line: string): DecodedFrame {
  const refused = (reason: string): DecodedFrame => ({ kind: 'quarantine', ticks: [], rejected: [], reason });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return refused(`the line is not JSON: ${reasonOf(error)}`);
  }
  const raw = typeof value === 'object' && value !== null && 'raw' in value ? value.raw : undefined;
  if (typeof raw !== 'string') return refused('the line is not {"raw": "..."}');
  const frame = Buffer.from(raw);
  return frame.length > FRAME_BYTES
    ? refused(`the frame has ${frame.length} bytes, more than ${FRAME_BYTES}`)
    : decoder(frame);
}

/** A decoder of single frames into plain objects. `sizeOf`: coins in one unit of a symbol's quantity, null when unknown. */
export function decoderOf(feed: Feed, sizeOf: (symbol: string) => string | null): (frame: Uint8Array) => DecodedFrame {
  let ticks: DecodedTick[] = [];
  let rejected: { index: number; reason: string }[] = [];
  const cells = newTickCells();
  const sink: TickSink = {
    cells,
    accept: () => {
      const qty = qtyTextOf(cells);
      const size = sizeOf(cells.symbol);
      ticks.push({
        symbol: cells.symbol,
        channel: cells.channel,
        id: idTextOf(cells),
        price: priceTextOf(cells),
        qty,
        baseQty: size === null ? null : (multiplyDecimals(qty, size) ?? null),
        side: sideNames[cells.side],
        eventUs: cells.eventUs,
      });
    },
    reject: (index, reason) => {
      rejected.push({ index, reason });
    },
  };
  return (frame) => {
    ticks = [];
    rejected = [];
    const verdict = feed.decode(frame, sink);
    return { kind: verdict.kind, ticks, rejected, reason: verdict.reason === '' ? null : verdict.reason };
  };
}
