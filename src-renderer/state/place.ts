// Where the reader is: the panel and what is open in it, kept in the address so that reload and back work.
import { create } from 'zustand';

export interface Place {
  readonly panel: string;
  /** What is open in the panel, e.g. a listing's id; null: nothing. */
  readonly item: string | null;
}

/** "#/listings/abc" and back. */
export function parsePlace(hash: string): Place {
  const [panel = '', ...rest] = hash.replace(/^#\/?/, '').split('/');
  const item = rest.join('/');
  return { panel: decode(panel), item: item === '' ? null : decode(item) };
}

export function formatPlace(place: Place): string {
  const item = place.item === null ? '' : `/${encodeURIComponent(place.item)}`;
  return `#/${encodeURIComponent(place.panel)}${item}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A broken escape is taken as it stands; an unknown panel falls back to the first.
    return text;
  }
}

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
  const read = (): void => usePlace.setState(parsePlace(location.hash));
  window.addEventListener('hashchange', read);
  return () => window.removeEventListener('hashchange', read);
}
