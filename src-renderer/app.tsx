// The shell: rail, panel, status bar, and what lies over them. It decides what is shown, panels decide how.
import { useEffect } from 'react';
import { usePreferences } from './i18n/preferences.ts';
import { useText } from './i18n/text.ts';
import { useEvent, useLinkState } from './link/hooks.tsx';
import { type Panel, panels } from './panels/index.ts';
import { ListingAlerts } from './panels/listings/listing-alerts.tsx';
import { EmptyState } from './parts/controls.tsx';
import { usePanelCode } from './parts/panel-code.ts';
import { Tip } from './parts/tips.tsx';
import { Toasts } from './parts/toasts.tsx';
import { FirstRun } from './shell/first-run.tsx';
import { Guide, useGuideShown } from './shell/guide.tsx';
import { HostDialog } from './shell/host-dialog.tsx';
import { useKeys } from './shell/keyboard.ts';
import { LinkBanner } from './shell/link-banner.tsx';
import { NoticeCentre } from './shell/notice-centre.tsx';
import { Palette } from './shell/palette.tsx';
import { PanelBoundary } from './shell/panel-boundary.tsx';
import { Rail } from './shell/rail.tsx';
import { RemoteBar } from './shell/remote-bar.tsx';
import { useShellCommands } from './shell/shell-commands.ts';
import { ShortcutSheet } from './shell/shortcut-sheet.tsx';
import { SkipLink } from './shell/skip-link.tsx';
import { useStateNotices } from './shell/state-notices.ts';
import { StatusBar } from './shell/status-bar.tsx';
import { usePlace } from './state/place.ts';

export function App() {
  const text = useText();
  const language = usePreferences((preferences) => preferences.language);
  const link = useLinkState();
  const system = useEvent('system.state');
  const place = usePlace();
  const panel = panels.find((entry) => entry.id === place.panel) ?? panels[0];
  useShellCommands();
  useKeys();

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const title = panel.title(text);
  useEffect(() => {
    document.title = `${title} · Tapedeck`;
  }, [title]);

  const guide = useGuideShown();
  const tip = text.shell.tips.panels[panel.id];
  return (
    <div className="shell">
      <SkipLink />
      <Rail panel={panel} />
      <div className="stage">
        <RemoteBar />
        <LinkBanner />
        <ListingAlerts />
        {system ? (
          // Another recorder can be shown where none of this computer is set up.
          system.mode === 'none' && place.item !== 'recorder' ? (
            <FirstRun system={system} />
          ) : (
            <>
              {guide ? <Guide /> : tip !== undefined && <Tip key={panel.id} id={panel.id} text={tip} />}
              <PanelBoundary key={`panel ${panel.id}`}>
                <PanelMain panel={panel} title={title} old={link.phase !== 'open'} />
              </PanelBoundary>
            </>
          )
        ) : (
          <main id="panel" tabIndex={-1} className="panel" aria-label={title}>
            {link.phase !== 'lost' && <EmptyState title={text.link.connecting} testId="connecting" />}
          </main>
        )}
      </div>
      <StatusBar />
      <StateNotices />
      <Palette />
      <ShortcutSheet />
      <NoticeCentre />
      <HostDialog />
      <Toasts />
    </div>
  );
}

/** The panel itself; nothing, for a moment, while its code is on its way. */
function PanelMain({ panel, title, old }: { panel: Panel; title: string; old: boolean }) {
  const Shown = usePanelCode(panel.code);
  return (
    <main
      id="panel"
      tabIndex={-1}
      className="panel"
      data-testid={Shown ? `panel-${panel.id}` : undefined}
      data-old={old || undefined}
      aria-label={title}
      aria-busy={!Shown}
    >
      <h1 className="unseen">{title}</h1>
      {Shown && <Shown />}
    </main>
  );
}

/** On its own: it looks at every meter, and the shell need not be drawn again for that. */
function StateNotices() {
  useStateNotices();
  return null;
}
