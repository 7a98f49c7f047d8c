// The panels, in the order of the rail. A new panel is a folder and one line here.
import type { ComponentType } from 'react';
import type { Text } from '../i18n/text.ts';
import { HealthIcon, SettingsIcon } from '../parts/health-icons.tsx';
import { GapsIcon, ListingsIcon, LiveIcon } from '../parts/icons.tsx';
import { lazyPanel } from '../parts/lazy-panel.ts';
import { LinesIcon } from '../parts/lines-icon.tsx';
import { AnalysisIcon, ArchiveIcon } from '../parts/panel-icons.tsx';
import { LivePanel } from './live/live-panel.tsx';

// What the recorder does at this moment is read first; the others come when the page is idle or when they are opened.
const ListingsPanel = lazyPanel(() =>
  import('./listings/listings-panel.tsx').then((m) => ({ default: m.ListingsPanel })),
);
const GapsPanel = lazyPanel(() => import('./gaps/gaps-panel.tsx').then((m) => ({ default: m.GapsPanel })));
const LinesPanel = lazyPanel(() => import('./lines/lines-panel.tsx').then((m) => ({ default: m.LinesPanel })));
const ArchivePanel = lazyPanel(() => import('./archive/archive-panel.tsx').then((m) => ({ default: m.ArchivePanel })));
const AnalysisPanel = lazyPanel(() =>
  import('./analysis/analysis-panel.tsx').then((m) => ({ default: m.AnalysisPanel })),
);
const HealthPanel = lazyPanel(() => import('./health/health-panel.tsx').then((m) => ({ default: m.HealthPanel })));
const SettingsPanel = lazyPanel(() =>
  import('./settings/settings-panel.tsx').then((m) => ({ default: m.SettingsPanel })),
);

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
  { id: 'archive', title: (text) => text.archive.nav, icon: ArchiveIcon, component: ArchivePanel },
  { id: 'analysis', title: (text) => text.analysis.nav, icon: AnalysisIcon, component: AnalysisPanel },
  { id: 'health', title: (text) => text.health.title, icon: HealthIcon, component: HealthPanel },
  { id: 'settings', title: (text) => text.settings.title, icon: SettingsIcon, component: SettingsPanel },
];
