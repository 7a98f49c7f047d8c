// The panels, in the order of the rail. A new panel is a folder and one line here.
import type { ComponentType } from 'react';
import type { Text } from '../i18n/text.ts';
import { HealthIcon, SettingsIcon } from '../parts/health-icons.tsx';
import { GapsIcon, ListingsIcon, LiveIcon } from '../parts/icons.tsx';
import { LinesIcon } from '../parts/lines-icon.tsx';
import { latePanel, type PanelCode, presentPanel } from '../parts/panel-code.ts';
import { AnalysisIcon, ArchiveIcon } from '../parts/panel-icons.tsx';
import { LivePanel } from './live/live-panel.tsx';

// What the recorder does at this moment is read first; the others come when the page is idle or when they are opened.
const listings = latePanel(async () => (await import('./listings/listings-panel.tsx')).ListingsPanel);
const gaps = latePanel(async () => (await import('./gaps/gaps-panel.tsx')).GapsPanel);
const lines = latePanel(async () => (await import('./lines/lines-panel.tsx')).LinesPanel);
const archive = latePanel(async () => (await import('./archive/archive-panel.tsx')).ArchivePanel);
const analysis = latePanel(async () => (await import('./analysis/analysis-panel.tsx')).AnalysisPanel);
const health = latePanel(async () => (await import('./health/health-panel.tsx')).HealthPanel);
const settings = latePanel(async () => (await import('./settings/settings-panel.tsx')).SettingsPanel);

export interface Panel {
  readonly id: string;
  readonly title: (text: Text) => string;
  readonly icon: ComponentType;
  readonly code: PanelCode;
}

export const panels: readonly [Panel, ...Panel[]] = [
  { id: 'live', title: (text) => text.nav.live, icon: LiveIcon, code: presentPanel(LivePanel) },
  { id: 'listings', title: (text) => text.nav.listings, icon: ListingsIcon, code: listings },
  { id: 'gaps', title: (text) => text.nav.gaps, icon: GapsIcon, code: gaps },
  { id: 'lines', title: (text) => text.lines.title, icon: LinesIcon, code: lines },
  { id: 'archive', title: (text) => text.archive.nav, icon: ArchiveIcon, code: archive },
  { id: 'analysis', title: (text) => text.analysis.nav, icon: AnalysisIcon, code: analysis },
  { id: 'health', title: (text) => text.health.title, icon: HealthIcon, code: health },
  { id: 'settings', title: (text) => text.settings.title, icon: SettingsIcon, code: settings },
];
