// Where the reader is: the panel and what is open in it, kept in the address so that reload and back work.
import { useEffect } from 'react';
import { create } from 'zustand';
import { formatPlace, type Place, parsePlace } from './address.ts';
import { holdsBack } from './leave-guard.ts';

export const usePlace = create<Place>(() => parsePlace(location.hash));

export function goTo(panel: string, item: string | null = null): void {
  location.hash = formatPlace({ panel, item });
}

/** Like goTo, but what was shown before is not worth going back to. A panel that the reader has left does not call him back. */
export function settleAt(panel: string, item: string): void {
  // The address is ahead of what is drawn: it changes at once when a link is followed, and is read a moment later.
  if (parsePlace(location.hash).panel !== panel) return;
  history.replaceState(null, '', formatPlace({ panel, item }));
  usePlace.setState({ panel, item });
}

/** Settles at an item, if there is one, after what is there already was drawn. */
export function useSettled(panel: string, item: string | null): void {
  useEffect(() => {
    if (item === null) return;
    const timer = setTimeout(() => {
      // Somebody has just gone elsewhere, and that is not read yet.
      if (formatPlace(parsePlace(location.hash)) === formatPlace(usePlace.getState())) settleAt(panel, item);
    });
    return () => clearTimeout(timer);
  }, [panel, item]);
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
