// What the console told: pop-ups for a moment, and all of it in a history that outlives the visit. Bounded, so that a day of trouble does not fill the page.
import { create } from 'zustand';
import { type Language, usePreferences } from '../i18n/preferences.ts';
import { type Text, textsOf } from '../i18n/text.ts';
import type { Tone } from './mark.tsx';
import { keepNote, readNote } from './notes.ts';

/** What is told, in the words of the texts given; asked for every language, so that it is read in the reader's whenever that changes. */
export type Say = (text: Text, language: Language) => string;

export interface Notice {
  readonly id: number;
  readonly tone: Tone;
  readonly said: Readonly<Record<Language, string>>;
  readonly atUs: number;
  /** Where it can be seen, as the address after '#'; null: nowhere in particular. */
  readonly place: string | null;
}

interface Notices {
  /** Those that pop up now. */
  readonly toasts: readonly Notice[];
  /** Newest first. */
  readonly history: readonly Notice[];
  readonly unread: number;
  /** Muted: only what went wrong pops up. */
  readonly muted: boolean;
}

export const HISTORY_LIMIT = 200;
const SHOWN_MS = 6000;
const MOST_TOASTS = 4;
const KEY = 'notices';
const tones: readonly Tone[] = ['ok', 'fair', 'busy', 'warn', 'bad', 'idle'];

export const useNotices = create<Notices>(() => ({ toasts: [], history: [], unread: 0, muted: false }));
let nextId = 1;

function keep(): void {
  const { history, unread, muted } = useNotices.getState();
  keepNote(KEY, { history, unread, muted });
}

function readNotice(value: unknown): Notice[] {
  if (typeof value !== 'object' || value === null) return [];
  if (!('tone' in value && 'atUs' in value && 'id' in value)) return [];
  const tone = tones.find((known) => known === value.tone);
  const { atUs, id } = value;
  const said = readSaid(value);
  if (!tone || !said || typeof atUs !== 'number' || typeof id !== 'number') return [];
  const place = 'place' in value && typeof value.place === 'string' ? value.place : null;
  return [{ id, tone, said, atUs, place }];
}

/** An earlier version kept the words of one language only. */
function readSaid(value: object): Notice['said'] | null {
  if ('text' in value && typeof value.text === 'string') return { en: value.text, ko: value.text };
  const said = 'said' in value && typeof value.said === 'object' && value.said !== null ? value.said : {};
  if (!('en' in said && 'ko' in said)) return null;
  const { en, ko } = said;
  return typeof en === 'string' && typeof ko === 'string' ? { en, ko } : null;
}

/** What an earlier visit kept; what cannot be read is left out. */
export function parseNotices(note: unknown): Pick<Notices, 'history' | 'unread' | 'muted'> {
  const kept = typeof note === 'object' && note !== null ? note : {};
  const list: readonly unknown[] = 'history' in kept && Array.isArray(kept.history) ? kept.history : [];
  const history = list.flatMap(readNotice).slice(0, HISTORY_LIMIT);
  const unread = 'unread' in kept && typeof kept.unread === 'number' ? kept.unread : 0;
  return {
    history,
    unread: Math.min(Math.max(0, Math.floor(unread)), history.length),
    muted: 'muted' in kept && kept.muted === true,
  };
}

export function loadNotices(): void {
  const kept = parseNotices(readNote(KEY));
  nextId = kept.history.reduce((most, notice) => Math.max(most, notice.id), 0) + 1;
  useNotices.setState(kept);
}

function add(tone: Tone, say: Say, place: string | null): Notice {
  const { zone } = usePreferences.getState();
  const words = (language: Language): string => say(textsOf(language, zone), language);
  const notice = { id: nextId++, tone, said: { en: words('en'), ko: words('ko') }, atUs: Date.now() * 1000, place };
  useNotices.setState((state) => ({
    history: [notice, ...state.history].slice(0, HISTORY_LIMIT),
    unread: Math.min(state.unread + 1, HISTORY_LIMIT),
  }));
  keep();
  return notice;
}

/** A change of state that nobody asked for: kept in the history, where it is counted as unread. It does not pop up. */
export function tellNotice(tone: Tone, say: Say, place: string | null = null): void {
  add(tone, say, place);
}

/** The result of the reader's own action: pops up, and is kept. What went wrong stays until it is read. */
export function popNotice(tone: Tone, say: Say, place: string | null = null): void {
  const notice = add(tone, say, place);
  if (useNotices.getState().muted && tone !== 'bad') return;
  useNotices.setState((state) => ({ toasts: [...state.toasts, notice].slice(-MOST_TOASTS) }));
  if (tone !== 'bad') setTimeout(() => dismissToast(notice.id), SHOWN_MS);
}

export function dismissToast(id: number): void {
  useNotices.setState((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }));
}

export function markNoticesRead(): void {
  if (useNotices.getState().unread === 0) return;
  useNotices.setState({ unread: 0 });
  keep();
}

export function clearNotices(): void {
  useNotices.setState({ history: [], unread: 0, toasts: [] });
  keep();
}

export function muteNotices(muted: boolean): void {
  useNotices.setState({ muted });
  keep();
}
