// Says that a listing has come, wherever the reader is: a note with a button, and if wanted a sound and a notice of the system.
// A listing is told once, and only while it is news.
import { useEffect, useRef, useState } from 'react';
import type { Listing } from '../../../src-shared/market/listing.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useEvent } from '../../link/hooks.tsx';
import { playChime } from '../../parts/chime.ts';
import { Button } from '../../parts/controls.tsx';
import { formatTime } from '../../parts/format.ts';
import { listingTitle } from '../../parts/listing-title.ts';
import { keepNote, readNote } from '../../parts/notes.ts';
import { showToast } from '../../parts/toasts.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { useCommands } from '../../state/commands.ts';
import { goTo, usePlace } from '../../state/place.ts';
import { changeAlerts, useAlertPreferences } from './alert-preferences.ts';
import './listing-alerts.css';

/** A listing that was detected longer ago is not news any more. */
const NEWS_MS = 120_000;
/** One that was published so long before it was seen is none either: a page of notices holds those of weeks. */
const FRESH_US = 600_000_000;
const MOST = 3;
/** Those that were put away stay away when the page is opened again; only so many can still be news. */
const AWAY = 'listing-alerts.away';
const MOST_AWAY = 20;

function putAway(): readonly string[] {
  const note = readNote(AWAY);
  return Array.isArray(note) ? note.filter((id) => typeof id === 'string') : [];
}

/** Whether this browser has notices of the system at all. What was decided about them is another question, for which it keeps the page waiting. */
export function hasSystemNotices(): boolean {
  return 'Notification' in window;
}

/** Turns the notices of the system on or off; asks for the permission when it was not given yet. */
export function chooseSystemNotices(on: boolean): void {
  if (!on) changeAlerts({ system: false });
  else if (!hasSystemNotices()) showToast('warn', ({ window }) => window.alerts.refused);
  else
    void Notification.requestPermission().then((permission) => {
      changeAlerts({ system: permission === 'granted' });
      if (permission !== 'granted') showToast('warn', ({ window }) => window.alerts.refused);
    });
}

export function ListingAlerts() {
  const text = useText();
  const words = text.window.alerts;
  const zone = usePreferences((preferences) => preferences.zone);
  const latest = useEvent('listings.changed')?.latest ?? null;
  const { sound, system } = useAlertPreferences();
  const [shown, setShown] = useState<readonly Listing[]>([]);
  const told = useRef(new Set<string>());
  useCommands('listing-alerts', [
    {
      id: 'listing-sound',
      section: text.commands.listings,
      title: text.window.commands.sound(sound),
      run: () => {
        changeAlerts({ sound: !sound });
        if (!sound) void playChime();
      },
    },
    {
      id: 'listing-system',
      section: text.commands.listings,
      title: text.window.commands.system(system),
      run: () => chooseSystemNotices(!system),
    },
  ]);

  useEffect(() => {
    if (!latest || told.current.has(latest.id)) return;
    told.current.add(latest.id);
    // What the operator wrote down by hand is no news to him.
    const isNews = Date.now() - latest.detectedUs / 1000 < NEWS_MS && latest.detectedUs - latest.publishedUs < FRESH_US;
    if (latest.source === 'operator' || !isNews || putAway().includes(latest.id)) return;
    setShown((before) => [...before, latest].slice(-MOST));
    if (sound)
      void playChime().then((played) => {
        if (!played) showToast('warn', ({ window }) => window.alerts.silent);
      });
    if (system && hasSystemNotices() && Notification.permission === 'granted' && !document.hasFocus()) {
      const notice = new Notification(words.fresh(latest.coin), {
        body: listingTitle(latest.title, text),
        tag: latest.id,
      });
      notice.onclick = () => {
        window.focus();
        goTo('listings', latest.id);
        notice.close();
      };
    }
  }, [latest, sound, system, words, text]);

  // Who has gone to it by another way needs no note any more.
  const item = usePlace((place) => place.item);
  useEffect(() => setShown((before) => before.filter((one) => one.id !== item)), [item]);

  const drop = (id: string): void => {
    setShown((before) => before.filter((one) => one.id !== id));
    keepNote(AWAY, [...putAway().filter((one) => one !== id), id].slice(-MOST_AWAY));
  };
  return (
    <div className="listing-alerts" role="status" aria-live="polite" data-testid="listing-alerts">
      {shown.map((listing) => (
        <div key={listing.id} className="listing-alert" data-testid="listing-alert" data-coin={listing.coin}>
          <b className="cut">{words.fresh(listing.coin)}</b>
          <span className="quiet nowrap listing-alert-when">
            {listing.venue && venueNames[listing.venue]} {formatTime(listing.publishedUs, zone)}
          </span>
          <span className="quiet cut listing-alert-title" title={listingTitle(listing.title, text)}>
            {listingTitle(listing.title, text)}
          </span>
          <Button small kind="quiet" testId="listing-alert-dismiss" onClick={() => drop(listing.id)}>
            {words.dismiss}
          </Button>
          <Button
            small
            kind="primary"
            testId="listing-alert-open"
            onClick={() => {
              drop(listing.id);
              goTo('listings', listing.id);
            }}
          >
            {words.openListing}
          </Button>
        </div>
      ))}
    </div>
  );
}
