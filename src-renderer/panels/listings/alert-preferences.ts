// What happens when a listing comes: a sound, a notice of the system. Kept in this browser; one that keeps nothing still works, it only forgets.
import { create } from 'zustand';

interface AlertPreferences {
  readonly sound: boolean;
  readonly system: boolean;
}

const KEY = 'tapedeck.listing-alerts';

/** Reads what an earlier visit kept; anything unreadable counts as off. */
export function parseAlerts(text: string | null): AlertPreferences {
  let kept: unknown = null;
  try {
    kept = text === null ? null : JSON.parse(text);
  } catch {
    // A damaged note is the same as none.
    kept = null;
  }
  const note = typeof kept === 'object' && kept !== null ? kept : {};
  return { sound: 'sound' in note && note.sound === true, system: 'system' in note && note.system === true };
}

function load(): AlertPreferences {
  try {
    return parseAlerts(localStorage.getItem(KEY));
  } catch {
    // The browser keeps nothing for this page: what is chosen holds until it is closed.
    return { sound: false, system: false };
  }
}

export const useAlertPreferences = create<AlertPreferences>(() => load());

export function changeAlerts(change: Partial<AlertPreferences>): void {
  useAlertPreferences.setState(change);
  try {
    localStorage.setItem(KEY, JSON.stringify(useAlertPreferences.getState()));
  } catch {
    // As above: it holds for this visit.
  }
}
