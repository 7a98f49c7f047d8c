// What the reader prefers: language and zone, kept in this browser. A browser that keeps nothing still works, it only forgets.
import { create } from 'zustand';

export type Language = 'en' | 'ko';
export type Zone = 'UTC' | 'KST';

interface Preferences {
  readonly language: Language;
  readonly zone: Zone;
  /** Writes or reads that the browser refused. */
  readonly refusals: number;
  setLanguage(language: Language): void;
  setZone(zone: Zone): void;
}

const KEY = 'tapedeck.preferences';

/** The zone of who has chosen none: whoever sits in Korea reads the clock on the wall. */
export function zoneHere(timeZone: string): Zone {
  return timeZone === 'Asia/Seoul' ? 'KST' : 'UTC';
}

/** Reads what an earlier visit kept; anything unreadable counts as nothing kept. */
export function parsePreferences(
  text: string | null,
  fallback: { readonly language: Language; readonly zone: Zone },
): { language: Language; zone: Zone } {
  let kept: unknown = null;
  try {
    kept = text === null ? null : JSON.parse(text);
  } catch {
    // A damaged note is the same as none: the defaults below are the answer.
    kept = null;
  }
  const note = typeof kept === 'object' && kept !== null ? kept : {};
  const language =
    'language' in note && (note.language === 'en' || note.language === 'ko') ? note.language : fallback.language;
  const zone = 'zone' in note && (note.zone === 'UTC' || note.zone === 'KST') ? note.zone : fallback.zone;
  return { language, zone };
}

function load(): { language: Language; zone: Zone; refusals: number } {
  const language: Language = navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en';
  const fallback = { language, zone: zoneHere(Intl.DateTimeFormat().resolvedOptions().timeZone) };
  try {
    return { ...parsePreferences(localStorage.getItem(KEY), fallback), refusals: 0 };
  } catch {
    return { ...fallback, refusals: 1 };
  }
}

export const usePreferences = create<Preferences>((set, get) => {
  const keep = (change: Partial<Pick<Preferences, 'language' | 'zone'>>): void => {
    set(change);
    const { language, zone } = get();
    try {
      localStorage.setItem(KEY, JSON.stringify({ language, zone }));
    } catch {
      set({ refusals: get().refusals + 1 });
    }
  };
  return {
    ...load(),
    setLanguage: (language) => keep({ language }),
    setZone: (zone) => keep({ zone }),
  };
});
