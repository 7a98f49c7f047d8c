// Where the reader is: the panel and what is open in it, kept in the address so that reload and back work.
import { create } from 'zustand';
import { formatPlace, type Place, parsePlace } from './address.ts';
import { holdsBack } from './leave-guard.ts';

export const usePlace = create<Place>(() => parsePlace(location.hash));

export function goTo(panel: string, item: string | null = null): void {
  location.hash = formatPlace({ panel, item });
}

/** Like goTo, but what was shown before is not worth going back to. */
export function settleAt(panel: string, item: string): void {
  history.replaceState(null, '', formatPlace({ panel, item }));
  usePlace.setState({ panel, item });
}

/** Follows the address until the returned function is called. */
export function followPlace(): () => void {
  const read = (): void => {
    const next = parsePlace(location.hash);
    const now = usePlace.getState();
    if (holdsBack(now, next)) history.replaceState(null, '', formatPlace(now));
    else usePlace.setState(next);
  };
  window.addEventListener('hashchange', read);
  return () => window.removeEventListener('hashchange', read);
}
