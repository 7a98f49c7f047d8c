// What a choice of symbols amounts to, out of the symbol lists that the collector keeps on disk. Cheap: nothing is asked of a venue.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { reasonOf } from '../../src-shared/base/result.ts';
import type { RequestOutput, RequestParsed } from '../../src-shared/contract/index.ts';
import { selectSymbols } from '../../src-shared/contract/select-symbols.ts';
import { type Instrument, instrumentSchema, type Market } from '../../src-shared/market/instrument.ts';
import type { Log } from '../base/log.ts';
import type { Router } from './router.ts';

const UNKNOWN_TOLD = 5;
const keptSchema = z.array(instrumentSchema);

export async function previewSymbols(
  seat: { readonly router: Router; readonly log: Log; recordDir(): string },
  { venue, markets, symbols, lines }: RequestParsed<'settings.preview'>,
): Promise<RequestOutput<'settings.preview'>> {
  const asked = await seat.router.ask('recording.limits', {});
  const limits = asked.ok ? asked.value.markets : [];
  const previews = markets.map(async (market) => {
    const list = await readList(seat, venue, market);
    const limit = limits.find((one) => one.venue === venue && one.market === market);
    const known = new Set(list?.map(({ symbol }) => symbol));
    const chosen = list || Array.isArray(symbols) ? selectSymbols(symbols, list) : null;
    const unknown = Array.isArray(symbols) && list ? symbols.filter((name) => !known.has(name)) : [];
    const needed = chosen && limit ? Math.ceil(chosen.length / limit.streamsPerConnection) * lines : null;
    return {
      market,
      listed: list?.filter(({ state }) => state !== 'ended').length ?? null,
      chosen: chosen?.length ?? null,
      unknown: unknown.slice(0, UNKNOWN_TOLD),
      connections: needed,
      allowed: limit?.connectionsPerAddress ?? null,
    };
  });
  return { markets: await Promise.all(previews) };
}

async function readList(
  seat: { readonly log: Log; recordDir(): string },
  venue: string,
  market: Market,
): Promise<Instrument[] | null> {
  const path = join(seat.recordDir(), 'symbols', `${venue}-${market}.json`);
  try {
    const read = keptSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return read.success ? read.data : null;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) seat.log.warn({ path }, `the symbol list cannot be read: ${reasonOf(error)}`);
    return null;
  }
}
