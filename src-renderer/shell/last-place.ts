// The panel that was open last is open again: kept in this browser, unless the address names another.
import { panels } from '../panels/index.ts';
import { keepNote, readNote } from '../parts/notes.ts';
import { formatPlace } from '../state/address.ts';
import { usePlace } from '../state/place.ts';

const KEY = 'layout.panel';

export function followLastPlace(): () => void {
  const kept = readNote(KEY);
  const panel = panels.find((entry) => entry.id === kept);
  if (location.hash === '' && panel) {
    history.replaceState(null, '', formatPlace({ panel: panel.id, item: null }));
    usePlace.setState({ panel: panel.id, item: null });
  }
  return usePlace.subscribe((place, before) => {
    if (place.panel !== before.panel) keepNote(KEY, place.panel);
  });
}
