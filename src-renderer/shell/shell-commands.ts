// What the shell itself can do, for the palette and the keys.
import { unwrap } from '../../src-shared/base/result.ts';
import { usePreferences } from '../i18n/preferences.ts';
import { useText } from '../i18n/text.ts';
import { useEvent, useLink, useLinkState } from '../link/hooks.tsx';
import { panels } from '../panels/index.ts';
import { copyText } from '../parts/clipboard.ts';
import { nextTheme, themes, useLook } from '../parts/look.ts';
import { muteNotices, useNotices } from '../parts/notices.ts';
import { forgetLayout } from '../parts/remembered.ts';
import { bringTipsBack } from '../parts/tips.tsx';
import { showFailure } from '../parts/toasts.tsx';
import { type Command, useCommandState, useCommands } from '../state/commands.ts';
import { goTo } from '../state/place.ts';
import { resetKeys } from '../state/shortcuts.ts';
import { GUIDE_TIP } from './guide.tsx';
import { useOpen } from './open.ts';
import { focusPanel } from './skip-link.tsx';

export function useShellCommands(): void {
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
    ...useLookCommands(),
    ...useMessageCommands(),
    {
      id: 'reconnect',
      section: text.commands.recorder,
      title: text.commands.reconnect,
      enabled: phase === 'lost',
      run: link.reconnect,
    },
    {
      id: 'go-live',
      section: text.commands.recorder,
      title: text.commands.chooseLive,
      enabled: phase === 'open' && system?.mode === 'rehearsal',
      run: () => {
        link.request('system.choose', { mode: 'live' }).then((result) => {
          if (!result.ok) showFailure(result.failure);
        });
      },
    },
    {
      id: 'host',
      section: text.commands.recorder,
      title: text.shell.commands.host,
      run: () => useOpen.setState({ host: true }),
    },
    {
      id: 'copy-status',
      section: text.commands.recorder,
      title: text.commands.copyStatus,
      enabled: phase === 'open',
      run: () => {
        link.request('system.status', {}).then((result) => {
          if (result.ok) copyText(JSON.stringify(unwrap(result), null, 2));
          else showFailure(result.failure);
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
          if (!result.ok) showFailure(result.failure);
        });
      },
    },
  ]);
}

function useLookCommands(): Command[] {
  const text = useText();
  const words = text.shell.commands;
  const section = text.commands.view;
  const { theme, density, setTheme, setDensity } = useLook();
  return [
    { id: 'next-theme', section, title: words.nextTheme, keys: 'D', run: () => setTheme(nextTheme(theme)) },
    ...themes.map((name) => ({
      id: `theme-${name}`,
      section,
      title: words.theme(text.shell.themes[name]),
      enabled: name !== theme,
      run: () => setTheme(name),
    })),
    {
      id: 'density',
      section,
      title: density === 'compact' ? words.normal : words.compact,
      run: () => setDensity(density === 'compact' ? 'normal' : 'compact'),
    },
    { id: 'layout', section, title: words.layout, run: forgetLayout },
    { id: 'reset-keys', section, title: words.keys, run: resetKeys },
    { id: 'focus-panel', section, title: words.skip, run: focusPanel },
  ];
}

function useMessageCommands(): Command[] {
  const text = useText();
  const words = text.shell.commands;
  const section = text.commands.view;
  const muted = useNotices((notices) => notices.muted);
  return [
    { id: 'notices', section, title: words.notices, keys: 'M', run: () => useOpen.setState({ notices: true }) },
    { id: 'mute', section, title: muted ? words.unmute : words.mute, run: () => muteNotices(!muted) },
    { id: 'tips', section, title: words.tips, run: () => bringTipsBack() },
    { id: 'guide', section, title: words.guide, run: () => bringTipsBack(GUIDE_TIP) },
  ];
}
