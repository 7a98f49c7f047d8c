// The shell: rail, panel, status bar, and what lies over them. It decides what is shown, panels decide how.
import { useEffect } from 'react';
import { unwrap } from '../src-shared/base/result.ts';
import { usePreferences } from './i18n/preferences.ts';
import { useText } from './i18n/text.ts';
import { useEvent, useLink, useLinkState } from './link/hooks.tsx';
import { panels } from './panels/index.ts';
import { ListingAlerts } from './panels/listings/listing-alerts.tsx';
import { copyText } from './parts/clipboard.ts';
import { EmptyState } from './parts/controls.tsx';
import { BrandIcon, CommandIcon, KeyboardIcon } from './parts/icons.tsx';
import { isWriting, keyName } from './parts/keys.ts';
import { showToast, Toasts } from './parts/toasts.tsx';
import { FirstRun } from './shell/first-run.tsx';
import { LinkBanner } from './shell/link-banner.tsx';
import { Palette } from './shell/palette.tsx';
import { ShortcutSheet } from './shell/shortcut-sheet.tsx';
import { StatusBar } from './shell/status-bar.tsx';
import { formatPlace } from './state/address.ts';
import { listCommands, runCommand, useCommandState, useCommands } from './state/commands.ts';
import { goTo, usePlace } from './state/place.ts';

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

  const Component = panel.component;
  return (
    <div className="shell">
      <nav className="rail" aria-label={text.nav.label}>
        <span className="rail-brand" title="Tapedeck">
          <BrandIcon />
        </span>
        {panels.map((entry) => (
          <a
            key={entry.id}
            className="rail-item"
            href={formatPlace({ panel: entry.id, item: null })}
            data-testid={`nav-${entry.id}`}
            aria-current={entry === panel ? 'page' : undefined}
          >
            <entry.icon />
            {entry.title(text)}
          </a>
        ))}
        <span className="rail-foot">
          <button
            type="button"
            className="rail-item"
            data-testid="open-palette"
            onClick={() => useCommandState.setState({ palette: true })}
          >
            <CommandIcon />
            {text.nav.commands}
          </button>
          <button
            type="button"
            className="rail-item"
            data-testid="open-shortcuts"
            onClick={() => useCommandState.setState({ sheet: true })}
          >
            <KeyboardIcon />
            {text.nav.shortcuts}
          </button>
        </span>
      </nav>
      <div className="stage">
        <LinkBanner />
        {system ? (
          system.mode === 'none' ? (
            <FirstRun system={system} />
          ) : (
            <main
              className="panel"
              data-testid={`panel-${panel.id}`}
              data-old={link.phase === 'open' ? undefined : true}
              aria-label={title}
            >
              <Component />
            </main>
          )
        ) : (
          <main className="panel">
            {link.phase !== 'lost' && <EmptyState title={text.link.connecting} testId="connecting" />}
          </main>
        )}
      </div>
      <StatusBar />
      <Palette />
      <ShortcutSheet />
      <Toasts />
      <ListingAlerts />
    </div>
  );
}

function useShellCommands(): void {
  const text = useText();
  const link = useLink();
  const phase = useLinkState().phase;
  const system = useEvent('system.state');
  const { zone, language, setZone, setLanguage } = usePreferences();
  const otherZone = zone === 'UTC' ? 'KST' : 'UTC';
  useCommands('shell', [
    ...panels.map((panel, index) => ({
      id: `go-${panel.id}`,
      section: text.commands.go,
      title: panel.title(text),
      keys: String(index + 1),
      run: () => goTo(panel.id),
    })),
    {
      id: 'palette',
      section: text.commands.view,
      title: text.commands.palette,
      keys: 'Mod+K',
      hidden: true,
      run: () => useCommandState.setState((state) => ({ palette: !state.palette, sheet: false })),
    },
    {
      id: 'shortcuts',
      section: text.commands.view,
      title: text.commands.shortcuts,
      keys: '?',
      run: () => useCommandState.setState((state) => ({ sheet: !state.sheet, palette: false })),
    },
    {
      id: 'zone',
      section: text.commands.view,
      title: text.commands.zone(otherZone),
      keys: 'Z',
      run: () => setZone(otherZone),
    },
    {
      id: 'language',
      section: text.commands.view,
      title: text.commands.language,
      keys: 'K',
      run: () => setLanguage(language === 'en' ? 'ko' : 'en'),
    },
    {
      id: 'reconnect',
      section: text.commands.recorder,
      title: text.commands.reconnect,
      enabled: phase === 'lost',
      run: link.reconnect,
    },
    {
      id: 'copy-status',
      section: text.commands.recorder,
      title: text.commands.copyStatus,
      enabled: phase === 'open',
      run: () => {
        link.request('system.status', {}).then((result) => {
          if (result.ok) copyText(JSON.stringify(unwrap(result), null, 2), text.common.copied);
          else showToast('bad', result.failure.message);
        });
      },
    },
    {
      id: 'open-folder',
      section: text.commands.recorder,
      title: text.commands.openFolder,
      enabled: phase === 'open' && system?.host === 'desktop',
      run: () => {
        link.request('system.open-folder', { path: system?.dataDir ?? '' }).then((result) => {
          if (!result.ok) showToast('bad', result.failure.message);
        });
      },
    },
  ]);
}

/** One listener for all keys: a press goes to the command that bears it, unless a dialog is open or text is being written. */
function useKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const name = keyName(event);
      if (name === null) return;
      const chord = name.startsWith('Mod+');
      if (!chord && isWriting(event.target)) return;
      const { groups, palette, sheet } = useCommandState.getState();
      const dialogOpen = document.querySelector('[role="dialog"]') !== null;
      const command = listCommands(groups).find((entry) => entry.keys === name);
      if (!command || command.enabled === false) return;
      if (dialogOpen && !(command.id === 'palette' && palette) && !(command.id === 'shortcuts' && sheet)) return;
      event.preventDefault();
      runCommand(command);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
