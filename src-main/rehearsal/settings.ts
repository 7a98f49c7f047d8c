// Settings that point a recorder at a rehearsal: every endpoint of every simulated market and the notice page.
import { type Settings, settingsSchema } from '../../src-shared/contract/settings.ts';
import { marketKeys } from './recipe.ts';
import { NOTICE_PREFIX, prefixOf } from './server.ts';
import type { World } from './world.ts';

export interface SettingsOptions {
  readonly lines: 1 | 2;
  /** all: also what opens later. listed: the symbols that exist now, by name. */
  readonly symbols: 'all' | 'listed';
}

export function settingsFor(world: World, port: number, options: SettingsOptions): Settings {
  const markets = marketKeys.filter((key) => world.inMarket(key).length > 0);
  const host = `127.0.0.1:${port}`;
  const endpoint = (key: (typeof marketKeys)[number]): { ws: string; rest: string } => ({
    ws: `ws://${host}${prefixOf(key)}`,
    rest: `http://${host}${prefixOf(key)}`,
  });
  const symbols = (venue: string): 'all' | string[] =>
    options.symbols === 'all'
      ? 'all'
      : [...new Set(world.streams.filter((stream) => stream.market.startsWith(venue)).map((stream) => stream.symbol))];
  const binance = markets.filter((key) => key !== 'upbit:spot');
  const upbit =
    markets.includes('upbit:spot') ||
    world.recipe.listing.some((listing) => listing.newInstrumentsAfterSeconds !== undefined);
  return settingsSchema.parse({
    version: 1,
    venues: {
      ...(binance.length > 0 && {
        binance: {
          enabled: true,
          markets: binance.map((key) => (key === 'binance:spot' ? 'spot' : 'perp')),
          symbols: symbols('binance:'),
          lines: options.lines,
          endpoints: Object.fromEntries(
            binance.map((key) => [key === 'binance:spot' ? 'spot' : 'perp', endpoint(key)]),
          ),
        },
      }),
      ...(upbit && {
        upbit: {
          enabled: true,
          markets: ['spot'],
          symbols: markets.includes('upbit:spot') ? symbols('upbit:') : 'all',
          lines: options.lines,
          endpoints: { spot: endpoint('upbit:spot') },
        },
      }),
    },
    notices: { upbit: { enabled: true, everySeconds: 1, endpoint: `http://${host}${NOTICE_PREFIX}` } },
  });
}
