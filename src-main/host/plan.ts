// What a host runs, and with what: the mode, where it records, and the settings.
import { join } from 'node:path';
import type { Settings } from '../../src-shared/contract/settings.ts';
import type { ProcessName } from './child.ts';
import type { Purpose } from './data-folder.ts';
import type { Mode } from './status.ts';

export interface Plan {
  readonly mode: Mode;
  readonly recordDir: string;
  readonly settings: Settings;
  /** Where the settings come from and where changed ones are written. */
  readonly settingsPath: string;
  /** Of the rehearsal; null for its own demo. */
  readonly recipe: string | null;
}

export const processesOf: Readonly<Record<Mode, readonly ProcessName[]>> = {
  none: [],
  live: ['collector', 'store'],
  rehearsal: ['rehearsal', 'collector', 'store'],
  offline: ['store'],
};

/** A plan with the usual places of a data folder. */
export function planOf(mode: Mode, dataDir: string, settings: Settings): Plan {
  return { mode, recordDir: dataDir, settings, settingsPath: join(dataDir, 'settings.json'), recipe: null };
}

/** What a plan makes of its folder; null when it may go beside either (no venue at all, or only ones at other addresses). */
export function purposeOf(plan: Plan): Purpose | null {
  if (plan.mode === 'rehearsal') return 'rehearsal';
  const real = Object.values(plan.settings.venues).some(
    (venue) => venue?.enabled && venue.markets.some((market) => venue.endpoints[market]?.ws === undefined),
  );
  return plan.mode === 'live' && real ? 'live' : null;
}
