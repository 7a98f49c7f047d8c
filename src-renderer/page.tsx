// Puts the app on the page. Fetched after the link's own code: one long reading of all of it would hold up the first paint.
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import type { LinkClient } from './link/client.ts';
import { LinkProvider } from './link/hooks.tsx';
import { followLook } from './parts/look.ts';
import { loadNotices } from './parts/notices.ts';
import { loadTips } from './parts/tips.tsx';
import { followShortcuts } from './shell/keyboard.ts';
import { followLastPlace } from './shell/last-place.ts';
import { followClockOffset } from './state/clock-offset.ts';
import { followLive } from './state/live.ts';
import { followPlace } from './state/place.ts';

export function showPage(client: LinkClient): void {
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
}
