// The code of a panel: there from the beginning, or fetched when the page is idle or the panel is opened, so that the first paint waits for nothing
// that is not shown. Without React's Suspense, which shows what it once has hidden only after 300 ms.
import { type ComponentType, useEffect, useState } from 'react';

export interface PanelCode {
  /** Null: not fetched yet. */
  ready(): ComponentType | null;
  fetch(): Promise<unknown>;
}

const waiting: (() => Promise<unknown>)[] = [];
let scheduled = false;

/** Fetches what was declared, one after the other, whenever the page has nothing better to do. */
function fetchWhenIdle(): void {
  if (scheduled || typeof window === 'undefined') return;
  scheduled = true;
  const next = (): void => {
    const fetch = waiting.shift();
    if (!fetch) return;
    // What cannot be fetched now is fetched when it is opened, and told there.
    void fetch().then(later, later);
  };
  const later = (): void => {
    if ('requestIdleCallback' in window) window.requestIdleCallback(next, { timeout: 5000 });
    else setTimeout(next, 1000);
  };
  if (document.readyState === 'complete') later();
  else window.addEventListener('load', later, { once: true });
}

export function presentPanel(component: ComponentType): PanelCode {
  return { ready: () => component, fetch: () => Promise.resolve() };
}

export function latePanel(load: () => Promise<ComponentType>): PanelCode {
  let component: ComponentType | null = null;
  const fetch = async (): Promise<void> => {
    component ??= await load();
  };
  waiting.push(fetch);
  fetchWhenIdle();
  return { ready: () => component, fetch };
}

/** The panel, or null while its code is on its way. Throws into the nearest boundary what kept it from coming. */
export function usePanelCode(code: PanelCode): ComponentType | null {
  const [, setArrived] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const there = code.ready() !== null;
  useEffect(() => {
    if (there) return;
    let left = false;
    code.fetch().then(
      () => !left && setArrived(true),
      (error: unknown) => !left && setFailure(error ?? new Error('no reason given')),
    );
    return () => {
      left = true;
    };
  }, [code, there]);
  if (failure !== null) throw failure;
  return code.ready();
}
