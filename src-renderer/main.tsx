// Entry of the screen: opens the link (MessagePort in the desktop, WebSocket in a browser) and has the page put up.
import './link/strict-csp.ts';
import './parts/tokens.css';
import './parts/base.css';
import './parts/controls.css';
import './parts/tables.css';
import './parts/charts.css';
import './parts/splitter.css';
import './parts/tips.css';
import './shell/shell.css';
import { usePreferences } from './i18n/preferences.ts';
import { createLinkClient } from './link/client.ts';
import { listenForDesktopPort } from './link/desktop-port.ts';
import { probeHost, webSocketPort } from './link/port.ts';
import { followDesktop, tellLanguage } from './state/desktop.ts';

const inBrowser = location.protocol === 'http:' || location.protocol === 'https:';
const desktop = 'tapedeck' in window || !inBrowser;
const client = createLinkClient(
  desktop
    ? { open: listenForDesktopPort(window) }
    : { open: webSocketPort(`${location.origin.replace(/^http/, 'ws')}/screen`), probe: () => probeHost() },
);

// The desktop itself, whichever recorder the window shows.
if (desktop) {
  const link = createLinkClient({ open: listenForDesktopPort(window, 'tapedeck-desktop') });
  followDesktop(link);
  tellLanguage(link, usePreferences);
}

// The link speaks at once; the page is read meanwhile.
import('./page.tsx').then(
  ({ showPage }) => showPage(client),
  (error: unknown) => {
    // Nothing is there yet that could speak the reader's language.
    document.body.textContent = `The screen could not be loaded; recording goes on. Load the page again. 화면을 불러오지 못했습니다. 수집은 계속됩니다. 새로 고치세요. (${String(error)})`;
  },
);
