// A panel whose code is fetched when the page is idle or when it is first opened: the first paint waits for nothing that is not shown.
import { type ComponentType, lazy } from 'react';

const waiting: (() => Promise<unknown>)[] = [];
let scheduled = false;

/** Fetches what was declared, one after the other, whenever the page has nothing better to do. */
function fetchWhenIdle(): void {
  if (scheduled || typeof window === 'undefined') return;
  scheduled = true;
  const next = (): void => {
    const load = waiting.shift();
    if (!load) return;
    // What cannot be fetched now is fetched when it is opened, and told there.
    void load().then(later, later);
  };
  const later = (): void => {
    if ('requestIdleCallback' in window) window.requestIdleCallback(next, { timeout: 5000 });
    else setTimeout(next, 1000);
  };
  if (document.readyState === 'complete') later();
  else window.addEventListener('load', later, { once: true });
}

/** The component is fetched by `load`; who draws it says what stands in its place until then, and what when it cannot be fetched. */
export function lazyPanel(load: () => Promise<{ readonly default: ComponentType }>): ComponentType {
  waiting.push(load);
  fetchWhenIdle();
  return lazy(load);
}
