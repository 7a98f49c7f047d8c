// What a start takes back beside streams and coverage: figures of markets out of the carry, and which keys are still remembered.
import type { Us } from '../../../src-shared/base/time.ts';
import type { Market, Venue } from '../../../src-shared/market/instrument.ts';
import type { Carry } from './carry.ts';
import { Key } from './keys.ts';
import type { MarketState } from './market-state.ts';
import type { Registry } from './registry.ts';
import { rememberKey } from './sequence.ts';

/** Gives each market what the carry holds of it: ticks counted, its clock's lead, when its symbol list was read. */
export function restoreMarkets(carry: Carry, registry: Registry): void {
  const marketOf = (name: string): MarketState | null => {
    const [venue, market] = name.split(' ') as [Venue, Market];
    return registry.market(venue, market);
  };
  for (const [name, ticks] of carry.ticks) {
    const found = marketOf(name);
    if (found) found.ticks = ticks;
  }
  for (const [name, clock] of carry.clocks) marketOf(name)?.clock.load(clock);
  for (const [name, { readUs }] of carry.lists) marketOf(name)?.coverage.restoreList(readUs);
}

const key = new Key();

/** A key of a stream whose ids prove nothing, stored before. */
export function rememberStored(registry: Registry, no: number, id: number | string, eventUs: Us): void {
  const state = registry.stream(no);
  if (!state || state.rule === 'contiguous') return;
  if (typeof id === 'number') key.ofNumber(id);
  else key.ofText(id);
  rememberKey(state, key, eventUs, -1, 0);
  if (eventUs > state.lastEventUs) state.lastEventUs = eventUs;
}

/** Keys up to this event time that are not remembered are asked for. null: up to the last event time of each stream. */
export function setHorizons(registry: Registry, us: Us | null): void {
  for (const state of registry.streams()) {
    if (state.rule !== 'contiguous') state.horizonUs = Math.max(state.horizonUs, us ?? state.lastEventUs);
  }
}
