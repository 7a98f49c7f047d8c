// Where a figure of the status bar comes from: the first panel of a list that exists. Panels that are added later are found by their name.
import { panels } from '../panels/index.ts';
import { goTo } from '../state/place.ts';

export interface Evidence {
  readonly panel: string;
  readonly item?: string;
}

export const evidenceOf = {
  recording: [{ panel: 'lines' }, { panel: 'live' }],
  ticks: [{ panel: 'live', item: 'ticks' }],
  buffer: [{ panel: 'live', item: 'buffer' }],
  durable: [{ panel: 'live', item: 'delay' }],
  // Not the panel as it was left: another scope or venue would hide what was counted.
  gaps: [{ panel: 'gaps', item: 'missing' }],
  disk: [{ panel: 'health' }, { panel: 'live' }],
} satisfies Record<string, readonly Evidence[]>;

export function showEvidence(places: readonly Evidence[]): void {
  const found = places.find((place) => panels.some((panel) => panel.id === place.panel));
  if (found) goTo(found.panel, found.item ?? null);
}
