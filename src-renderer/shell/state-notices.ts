// Every change of the recorder's state becomes a message, so that who comes back knows what happened. A state counts once it has lasted.
import { useEffect, useRef } from 'react';
import { useEvent, useLink, useLinkState } from '../link/hooks.tsx';
import { formatAge, formatCount } from '../parts/format.ts';
import type { Tone } from '../parts/mark.tsx';
import { tellNotice } from '../parts/notices.ts';
import { useBeat } from '../parts/now.ts';
import { useLive } from '../state/live.ts';
import { recordingState } from '../state/recording-state.ts';
import { recordingTone, recordingWords } from './recording-mark.ts';

/** A restart within a second is seen in the figures, and is no news. */
const LASTS_MS = 2500;

/**
 * Calls `changed` when a value has stayed the same for a while and is another one than the last that had; never for the first.
 * atOnce: the first counts from its first moment, else once it has lasted too, for a recorder that starts goes through several.
 */
function useSteady(value: string | null, changed: (value: string) => void, atOnce = false): void {
  const told = useRef<string | null>(null);
  const newest = useRef(changed);
  newest.current = changed;
  useEffect(() => {
    if (value === null || value === told.current) return;
    if (atOnce && told.current === null) {
      told.current = value;
      return;
    }
    const timer = setTimeout(() => {
      const first = told.current === null;
      told.current = value;
      if (!first) newest.current(value);
    }, LASTS_MS);
    return () => clearTimeout(timer);
  }, [value, atOnce]);
}

export function useStateNotices(): void {
  const link = useLink();
  const { phase } = useLinkState();
  const system = useEvent('system.state');
  const collector = useLive((view) => view.collector);
  const collectorMs = useLive((view) => view.collectorMs);
  const counts = useLive((view) => view.store?.gaps);
  const disk = useLive((view) => view.store?.disk);
  const alerts = useEvent('health.alerts');
  const now = useBeat(1000);
  const linked = phase === 'open';

  const state = recordingState({ linked, system, collector, ageMs: now - collectorMs });
  const word = state.word === 'unseen' ? null : state.word;
  useSteady(word, () =>
    tellNotice(recordingTone(state), (text) => text.shell.notices.state(recordingWords(state, text)), '#/live'),
  );

  const lostMs = useRef<number | null>(null);
  useSteady(
    phase === 'connecting' ? null : phase,
    (now) => {
      if (now === 'lost') {
        lostMs.current = link.state().sinceMs;
        tellNotice('bad', (text) => text.shell.notices.linkLost);
      } else {
        const forMs = performance.now() - (lostMs.current ?? performance.now());
        tellNotice('ok', (text) => text.shell.notices.linkBack(formatAge(forMs, text.units)));
      }
    },
    true,
  );

  // One that is being asked for is open still; one that ended without its trades is not closed well.
  const open = linked && counts ? counts.open + counts.repairing : null;
  const short = counts ? counts.partial + counts.unrecoverable : 0;
  const shortBefore = useRef<number | null>(null);
  if (counts) shortBefore.current ??= short;
  useSteady(open === null ? null : open > 0 ? 'open' : 'none', (now) => {
    const more = short - (shortBefore.current ?? short);
    shortBefore.current = short;
    if (now === 'open') tellNotice('warn', (text) => text.shell.notices.gapsOpen(formatCount(open)), '#/gaps/missing');
    else if (more > 0)
      tellNotice('bad', (text) => text.shell.notices.gapsClosedShort(formatCount(more)), '#/gaps/missing');
    else tellNotice('ok', (text) => text.shell.notices.gapsClosed, '#/gaps');
  });

  // The worst figure: the newest one falls again while nothing is found.
  const lost = alerts?.active.find((alert) => alert.rule === 'trades-lost');
  useSteady(!linked || !alerts ? null : lost ? `${lost.id} ${lost.worst}` : 'none', (now) => {
    if (now !== 'none')
      tellNotice('bad', (text) => text.shell.notices.gapsLost(formatCount(lost?.worst)), '#/gaps/missing');
  });

  useSteady(linked ? (disk?.state ?? null) : null, () => {
    if (!disk) return;
    const tone: Tone = disk.state === 'ok' ? 'ok' : disk.state === 'warn' || disk.state === 'pruning' ? 'warn' : 'bad';
    const { state, note } = disk;
    tellNotice(
      tone,
      (text) => text.shell.notices.disk(text.live.diskStates[state], text.common.note(note ?? '')),
      '#/live',
    );
  });
}
