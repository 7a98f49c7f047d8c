// The rail: every panel, and below them what is the same everywhere. Eight panels fit at 800 px.
import { useText } from '../i18n/text.ts';
import { type Panel, panels } from '../panels/index.ts';
import { BellIcon, BrandIcon, CommandIcon, KeyboardIcon, ThemeIcon } from '../parts/icons.tsx';
import { nextTheme, useLook } from '../parts/look.ts';
import { useNotices } from '../parts/notices.ts';
import { formatPlace } from '../state/address.ts';
import { useCommandState } from '../state/commands.ts';
import { useOpen } from './open.ts';

const MOST_SHOWN = 99;

export function Rail({ panel }: { panel: Panel }) {
  const text = useText();
  const theme = useLook((look) => look.theme);
  const setTheme = useLook((look) => look.setTheme);
  const unread = useNotices((notices) => notices.unread);
  return (
    <nav className="rail" aria-label={text.nav.label}>
      <span className="rail-brand" title="Tapedeck">
        <BrandIcon />
      </span>
      <span className="rail-panels">
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
      </span>
      <span className="rail-foot">
        <button
          type="button"
          className="rail-item"
          data-testid="open-notices"
          data-unread={unread}
          aria-label={text.shell.notices.open(unread)}
          onClick={() => useOpen.setState({ notices: true })}
        >
          <span className="rail-bell">
            <BellIcon />
            {unread > 0 && <span className="rail-badge">{unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}</span>}
          </span>
          <span className="rail-word">{text.shell.notices.title}</span>
        </button>
        <button
          type="button"
          className="rail-item"
          data-testid="theme-switch"
          aria-label={text.shell.themeIs(text.shell.themes[theme])}
          onClick={() => setTheme(nextTheme(theme))}
        >
          <ThemeIcon />
          <span className="rail-word">{text.shell.themes[theme]}</span>
        </button>
        <button
          type="button"
          className="rail-item"
          data-testid="open-palette"
          onClick={() => useCommandState.setState({ palette: true })}
        >
          <CommandIcon />
          <span className="rail-word">{text.nav.commands}</span>
        </button>
        <button
          type="button"
          className="rail-item"
          data-testid="open-shortcuts"
          onClick={() => useCommandState.setState({ sheet: true })}
        >
          <KeyboardIcon />
          <span className="rail-word">{text.nav.shortcuts}</span>
        </button>
      </span>
    </nav>
  );
}
