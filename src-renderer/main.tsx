// Entry of the screen: opens the link (MessagePort in the desktop, WebSocket in a browser) and puts the app on the page.
import './link/strict-csp.ts';
import './parts/tokens.css';
import './parts/base.css';
import './parts/controls.css';
import './parts/tables.css';
import './parts/charts.css';
import './parts/splitter.css';
import './parts/tips.css';
import './shell/shell.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createLinkClient } from './link/client.ts';
import { listenForDesktopPort } from './link/desktop-port.ts';
import { LinkProvider } from './link/hooks.tsx';
import { probeHost, webSocketPort } from './link/port.ts';
import { followLook } from './parts/look.ts';
import { loadNotices } from './parts/notices.ts';
import { loadTips } from './parts/tips.tsx';
import { followShortcuts } from './shell/keyboard.ts';
import { followLastPlace } from './shell/last-place.ts';
import { followClockOffset } from './state/clock-offset.ts';
import { followDesktop } from './state/desktop.ts';
import { followLive } from './state/live.ts';
import { followPlace } from './state/place.ts';

const inBrowser = location.protocol === 'http:' || location.protocol === 'https:';
const desktop = 'tapedeck' in window || !inBrowser;
const client = createLinkClient(
  desktop
    ? { open: listenForDesktopPort(window) }
    : { open: webSocketPort(`${location.origin.replace(/^http/, 'ws')}/screen`), probe: () => probeHost() },
);

// The desktop itself, whichever recorder the window shows.
if (desktop) followDesktop(createLinkClient({ open: listenForDesktopPort(window, 'tapedeck-desktop') }));

const queries = new QueryClient({
  defaultOptions: {
    // The host is on this machine: a failure is shown at once, and asked again by the reader or when the link is back.
    queries: { retry: false, networkMode: 'always', refetchOnWindowFocus: false },
    mutations: { retry: false, networkMode: 'always' },
  },
});

followLook();
loadNotices();
loadTips();
followShortcuts();
followLive(client);
followClockOffset(client);
followLastPlace();
followPlace();
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) client.reconnect();
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <LinkProvider client={client}>
          <App />
        </LinkProvider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
