// The first minutes of a rehearsal: what happens now, what comes next, and the way to it. Put away once, it stays away.
import { useEffect } from 'react';
import { usePreferences } from '../i18n/preferences.ts';
import { useText } from '../i18n/text.ts';
import { useEvent, useRequest } from '../link/hooks.tsx';
import { Button } from '../parts/controls.tsx';
import { formatClock } from '../parts/format.ts';
import { Mark, type Tone } from '../parts/mark.tsx';
import { putTipAway, useTips } from '../parts/tips.tsx';
import { formatPlace } from '../state/address.ts';
import { useLive } from '../state/live.ts';
import { goTo } from '../state/place.ts';
import { guideSteps, stepsDone } from './guide-steps.ts';

export const GUIDE_TIP = 'guide';
const EVERY_MS = 2000;

/** Whether the guide is to be shown: simulated venues, and nobody has put it away. */
export function useGuideShown(): boolean {
  const away = useTips((tips) => tips.away.has(GUIDE_TIP));
  return useEvent('system.state')?.mode === 'rehearsal' && !away;
}

export function Guide() {
  const text = useText();
  const words = text.shell.guide;
  const recording = useLive((view) => (view.store?.totals.stored ?? 0) > 0);
  const changed = useEvent('listings.changed')?.count;
  const list = useRequest('listings.list', { limit: 50 }, { everyMs: EVERY_MS, keep: true });
  const { refetch } = list;
  useEffect(() => {
    if (changed !== undefined) void refetch();
  }, [changed, refetch]);
  // The venue's page also holds what was announced before anybody recorded.
  const startedUs = useEvent('system.state')?.startedUs ?? Number.POSITIVE_INFINITY;
  const notices =
    list.data?.listings.filter((listing) => listing.source === 'notice' && listing.publishedUs >= startedUs) ?? [];
  const extracted = notices.find((listing) => listing.extract?.state === 'done');
  const announced = extracted ?? notices[0];
  const done = stepsDone({
    recording,
    announced: announced ? formatPlace({ panel: 'listings', item: announced.id }) : null,
    extracted: extracted !== undefined,
  });
  const zone = usePreferences((preferences) => preferences.zone);
  const firstUs = useEvent('rehearsal.state')?.firstListingUs;
  const none = firstUs === null;
  const what = [
    words.recordWhat,
    none ? words.announceNoneWhat : words.announceWhat,
    words.extractWhat,
    words.doneWhat,
  ][done];
  const announceNow = none ? words.announceNone : words.announceNow(formatClock(firstUs ?? 0, zone));
  const now = {
    record: words.recordNow,
    announce: firstUs === undefined ? words.announce : announceNow,
    extract: words.extractNow,
  };
  return (
    <section className="guide" aria-label={words.title} data-testid="guide" data-done={done}>
      <b className="guide-title">{words.title}</b>
      <ol className="guide-steps">
        {guideSteps.map((step, at) => {
          const state = at < done ? 'done' : at === done ? 'now' : 'later';
          const tones: Record<typeof state, Tone> = { done: 'ok', now: 'busy', later: 'idle' };
          return (
            <li
              key={step}
              className="guide-step"
              data-state={state}
              aria-current={state === 'now' ? 'step' : undefined}
            >
              <Mark tone={tones[state]}>
                <span className="unseen">{words.states[state]}: </span>
                {state === 'now' ? now[step] : words[step]}
              </Mark>
            </li>
          );
        })}
      </ol>
      <p className="guide-what quiet" role="status">
        {what}
      </p>
      {announced && (
        <Button small kind="primary" testId="guide-show" onClick={() => goTo('listings', announced.id)}>
          {words.show}
        </Button>
      )}
      <Button small kind="quiet" testId="guide-away" onClick={() => putTipAway(GUIDE_TIP)}>
        {words.away}
      </Button>
    </section>
  );
}
