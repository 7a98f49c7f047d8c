// The panels, in the order of the rail. A new panel is a folder and one line here.
import type { ComponentType } from 'react';
import type { Text } from '../i18n/text.ts';
import { GapsIcon, ListingsIcon, LiveIcon } from '../parts/icons.tsx';
import { LinesIcon } from '../parts/lines-icon.tsx';
import { GapsPanel } from './gaps/gaps-panel.tsx';
import { LinesPanel } from './lines/lines-panel.tsx';
import { ListingsPanel } from './listings/listings-panel.tsx';
import { LivePanel } from './live/live-panel.tsx';

export interface Panel {
  readonly id: string;
  readonly title: (text: Text) => string;
  readonly icon: ComponentType;
  readonly component: ComponentType;
}

export const panels: readonly [Panel, ...Panel[]] = [
  { id: 'live', title: (text) => text.nav.live, icon: LiveIcon, component: LivePanel },
  { id: 'listings', title: (text) => text.nav.listings, icon: ListingsIcon, component: ListingsPanel },
  { id: 'gaps', title: (text) => text.nav.gaps, icon: GapsIcon, component: GapsPanel },
  { id: 'lines', title: (text) => text.lines.title, icon: LinesIcon, component: LinesPanel },
];
