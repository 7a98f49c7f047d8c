// Settings that point a recorder at a rehearsal: every endpoint of every simulated market and the notice page.
import { type Settings, settingsSchema } from '../../src-shared/contract/settings.ts';
import type { Venue } from '../../src-shared/market/instrument.ts';
import { marketKeys } from './registry.ts';
import { NOTICE_PREFIX, prefixOf } from './server.ts';
import { type MarketKey, marketOf, venueOf } from './venue.ts';
import type { World } from './world.ts';

export interface SettingsOptions {
  readonly lines: 1 | 2;
  /** all: also what opens later. listed: the symbols that exist now, by name. */
  readonly symbols: 'all' | 'listed';
}

/** Markets that print now or will when a listing opens them, in the registry's order. */
function recordedKeys(world: World): MarketKey[] {
  const opening = world.recipe.listing.flatMap((listing) =>
    listing.newInstrumentsAfterSeconds === undefined ? [] : listing.opens,
  );
  return marketKeys.filter((key) => world.inMarket(key).length > 0 || opening.includes(key));
}

export function settingsFor(world: World, port: number, options: SettingsOptions): Settings {
  const host = `127.0.0.1:${port}`;
  const keys = recordedKeys(world);
  const symbolsOf = (venue: Venue): 'all' | string[] => {
    const streams = world.streams.filter((stream) => venueOf(stream.market) === venue);
    if (options.symbols === 'all' || streams.length === 0) return 'all';
    return [...new Set(streams.map((stream) => stream.symbol))];
  };
  const venues = [...new Set(keys.map(venueOf))].map((venue) => {
    const own = keys.filter((key) => venueOf(key) === venue);
    return [
      venue,
      {
        enabled: true,
        markets: own.map(marketOf),
        symbols: symbolsOf(venue),
        lines: options.lines,
        endpoints: Object.fromEntries(
          own.map((key) => [
            marketOf(key),
            { ws: `ws://${host}${prefixOf(key)}`, rest: `http://${host}${prefixOf(key)}` },
          ]),
        ),
      },
    ] as const;
  });
  return settingsSchema.parse({
    version: 1,
    venues: Object.fromEntries(venues),
    notices: { upbit: { enabled: true, everySeconds: 1, endpoint: `http://${host}${NOTICE_PREFIX}` } },
  });
}
