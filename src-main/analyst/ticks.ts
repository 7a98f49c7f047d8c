// Pages of ticks in both directions: a window grows from the place that was asked for until the page is full, whatever lies between.
// Promises: a page costs what its rows cost, also years away from the next trade; a cursor is a place, so it holds across restarts.
import { z } from 'zod';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import { HOUR_US, SECOND_US, type Us } from '../../src-shared/base/time.ts';
import type { RequestOutput, RequestParsed } from '../../src-shared/contract/index.ts';
import { marketSchema, venueSchema } from '../../src-shared/market/instrument.ts';
import type { Tick } from '../../src-shared/market/tick.ts';
import type { Row } from '../base/duck.ts';
import type { ReadingParts } from './bars.ts';
import { filesRelation, quote, type Snapshot } from './snapshot.ts';

type Input = RequestParsed<'analysis.ticks'>;
type Page = RequestOutput<'analysis.ticks'>;

/** Order of ticks everywhere: event time, then id; ids of one length compare as text as they do as numbers. */
const KEY = 'event_us, length(id), id, venue, market, symbol, channel';
const BACKWARD = KEY.split(', ')
  .map((part) => `${part} DESC`)
  .join(', ');
const FIRST_US = 4 * SECOND_US;

const placeSchema = z.tuple([z.number().int(), z.string(), z.string(), z.string(), z.string(), z.string()]);
type Place = z.infer<typeof placeSchema>;

export async function readTicks(parts: ReadingParts, input: Input, signal: AbortSignal): Promise<Result<Page>> {
  const place = input.cursor === undefined ? undefined : decode(input.cursor);
  if (input.cursor !== undefined && !place)
    return fail('analysis.cursor', 'the cursor is not one that was given by analysis.ticks');
  const taken = await parts.snapshots.take({});
  if (!taken.ok) return taken;
  const snapshot = taken.value;
  try {
    const { rows, more } = await collect(parts, snapshot, input, place, signal);
    const forward = input.direction === 'forward';
    const ticks = (forward ? rows : rows.toReversed()).map(toTick);
    const [first, last] = [ticks[0], ticks.at(-1)];
    // Behind where the page began something lies when it began at a cursor, or when a row is found there.
    const behind = place !== undefined || (await anyBehind(parts, snapshot, input, first ?? last, signal));
    return ok({
      ticks,
      before: first && (forward ? behind : more) ? encode(first) : null,
      after: last && (forward ? more : behind) ? encode(last) : null,
      reach: snapshot.reach,
    });
  } catch (error) {
    if (signal.aborted) return fail('request.cancelled', 'the page was not waited for');
    return fail('analysis.ticks', `ticks could not be read: ${reasonOf(error)}`, { retry: true });
  }
}

/** Rows in the direction of reading, and whether further ones lie that way. */
async function collect(
  { duck, dataDir }: ReadingParts,
  snapshot: Snapshot,
  input: Input,
  place: Place | undefined,
  signal: AbortSignal,
): Promise<{ rows: Row[]; more: boolean }> {
  const forward = input.direction === 'forward';
  const files = [...snapshot.sealed, ...snapshot.hot].map((file) => ({
    ...file,
    endUs: Math.max(file.toUs, file.fromUs) + 1,
  }));
  const firstUs = Math.min(...files.map((file) => file.fromUs));
  const lastUs = Math.max(...files.map((file) => file.endUs));
  let at = place?.[0] ?? input.atUs ?? (forward ? firstUs : lastUs);
  // A cursor's own microsecond may hold further rows.
  if (place && !forward) at += 1;
  let width = FIRST_US;
  const rows: Row[] = [];
  while (files.length > 0 && rows.length <= input.limit) {
    const next = forward
      ? Math.min(...files.filter((file) => file.endUs > at).map((file) => Math.max(at, file.fromUs)))
      : Math.max(...files.filter((file) => file.fromUs < at).map((file) => Math.min(at, file.endUs)));
    if (!Number.isFinite(next)) break;
    at = next;
    const slice = forward ? { fromUs: at, toUs: at + width } : { fromUs: at - width, toUs: at };
    const paths = files
      .filter((file) => file.fromUs < slice.toUs && file.endUs > slice.fromUs)
      .map((file) => file.path);
    const wanted = input.limit + 1 - rows.length;
    const found = await duck.with((connection) =>
      connection.rows(sliceSql(dataDir, paths, slice, input, place, wanted), [], signal),
    );
    rows.push(...found);
    at = forward ? slice.toUs : slice.fromUs;
    if (found.length * 4 < wanted) width = Math.min(width * 4, HOUR_US);
  }
  return { rows: rows.slice(0, input.limit), more: rows.length > input.limit };
}

function sliceSql(
  dataDir: string,
  paths: readonly string[],
  slice: { readonly fromUs: Us; readonly toUs: Us },
  input: Input,
  place: Place | undefined,
  limit: number,
): string {
  const forward = input.direction === 'forward';
  const wheres = [`event_us >= ${slice.fromUs}`, `event_us < ${slice.toUs}`, ...filters(input)];
  if (place) {
    const [us, id, ...rest] = place;
    wheres.push(`(${KEY}) ${forward ? '>' : '<'} (${us}, ${[...id].length}, ${[id, ...rest].map(quote).join(', ')})`);
  }
  return `SELECT venue, market, symbol, channel, id, price, qty, base_qty, side, event_us, recv_us, origin, lines
    FROM ${filesRelation(dataDir, paths)} WHERE ${wheres.join(' AND ')} ORDER BY ${forward ? KEY : BACKWARD} LIMIT ${limit}`;
}

function filters({ venue, market, symbol }: Pick<Input, 'venue' | 'market' | 'symbol'>): string[] {
  return Object.entries({ venue, market, symbol }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} = ${quote(value)}`],
  );
}

/** Whether a tick lies on the other side of where reading began; a look into the files' own statistics first. */
async function anyBehind(
  { duck, dataDir }: ReadingParts,
  snapshot: Snapshot,
  input: Input,
  edge: Tick | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const at = input.direction === 'forward' ? (input.atUs ?? edge?.eventUs) : (input.atUs ?? null);
  if (at === undefined || at === null) return false;
  const forward = input.direction === 'forward';
  const files = [...snapshot.sealed, ...snapshot.hot]
    .filter((file) => (forward ? file.fromUs < at : file.toUs >= at))
    .toSorted((a, b) => (forward ? b.fromUs - a.fromUs : a.fromUs - b.fromUs));
  for (const file of files) {
    const wheres = [`event_us ${forward ? '<' : '>='} ${at}`, ...filters(input)];
    const found = await duck.with((connection) =>
      connection.rows(
        `SELECT 1 FROM ${filesRelation(dataDir, [file.path])} WHERE ${wheres.join(' AND ')} LIMIT 1`,
        [],
        signal,
      ),
    );
    if (found.length > 0) return true;
  }
  return false;
}

function encode(tick: Tick): string {
  const place: Place = [tick.eventUs, tick.id, tick.venue, tick.market, tick.symbol, tick.channel];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function decode(text: string): Place | undefined {
  try {
    const read = placeSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return read.success ? read.data : undefined;
  } catch {
    // No JSON: the caller names the cursor as what it is.
    return undefined;
  }
}

function toTick(row: Row): Tick {
  const mask = Number(row.lines ?? 0);
  return {
    venue: venueSchema.parse(row.venue),
    market: marketSchema.parse(row.market),
    symbol: String(row.symbol),
    channel: String(row.channel),
    id: String(row.id),
    price: String(row.price),
    qty: String(row.qty),
    baseQty: row.base_qty === null || row.base_qty === undefined ? null : String(row.base_qty),
    side: row.side === 'buy' ? 'buy' : row.side === 'sell' ? 'sell' : 'unknown',
    eventUs: Number(row.event_us),
    recvUs: Number(row.recv_us),
    origin: row.origin === 'backfill' ? 'backfill' : 'live',
    lines: Array.from({ length: 8 }, (_, line) => line).filter((line) => (mask & (1 << line)) !== 0),
  };
}
