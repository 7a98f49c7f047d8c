// The bar that is always there: what the recorder does now, with figures that go blank rather than stale.

import { usePreferences } from '../i18n/preferences.ts';
import { useText } from '../i18n/text.ts';
import { useEvent, useLinkState } from '../link/hooks.tsx';
import { Choice } from '../parts/controls.tsx';
import { formatBytes, formatClock, formatCount, formatDuration, formatRate } from '../parts/format.ts';
import { Mark, MarkShape, type Tone } from '../parts/mark.tsx';
import { useBeat } from '../parts/now.ts';
import { bufferFrames, useLive } from '../state/live.ts';
import { recordingState, STALE_MS } from '../state/recording-state.ts';
import { recordingTone, recordingWords } from './recording-mark.ts';

const HOUR_MS = 3_600_000;
const FULL_SOON_HOURS = 24;

export function StatusBar() {
  const text = useText();
  const link = useLinkState();
  const system = useEvent('system.state');
  const live = useLive();
  const now = useBeat(1000);
  const { language, zone, setLanguage, setZone } = usePreferences();

  const linked = link.phase === 'open';
  const collectorFresh = linked && now - live.collectorMs < STALE_MS;
  const storeFresh = linked && now - live.storeMs < STALE_MS;
  const collector = collectorFresh ? live.collector : null;
  const store = storeFresh ? live.store : null;
  const state = recordingState({ linked, system, collector: live.collector, ageMs: now - live.collectorMs });
  const words = recordingWords(state, text);
  const disk = store?.disk;
  const open = store ? store.gaps.open + store.gaps.repairing : null;

  return (
    <section className="bar" data-testid="status-bar" aria-label={text.status.label}>
      <span className="bar-item bar-state cut" data-testid="status-recording" data-state={state.word} title={words}>
        <Mark tone={recordingTone(state)}>{words}</Mark>
      </span>
      {linked && system?.mode === 'rehearsal' && (
        <span className="bar-item bar-mode" data-testid="status-mode" title={text.status.rehearsalWhat}>
          {text.status.rehearsal}
        </span>
      )}
      {linked && system?.mode === 'offline' && (
        <span className="bar-item bar-mode" title={text.status.offlineWhat}>
          {text.status.offline}
        </span>
      )}
      <Figure name={text.status.ticks} testId="ticks-per-second" value={formatRate(store?.ticksPerSecond)} />
      <Figure
        name={text.status.buffer}
        testId="status-buffer"
        value={
          store
            ? `${formatCount(bufferFrames(collector, store))} · ${formatDuration(store.lagMs, text.units)}`
            : formatCount(null)
        }
      />
      <Figure
        name={text.status.durable}
        testId="status-durable"
        value={formatDuration(collector?.durableDelayMs.p99, text.units)}
      />
      <Figure
        name={text.status.gaps}
        testId="status-gaps"
        value={formatCount(open)}
        {...(open ? { tone: 'warn' as const } : {})}
      />
      <Figure
        name={text.status.disk}
        testId="status-disk"
        value={
          disk
            ? [
                text.status.diskFree(formatBytes(disk.freeBytes)),
                // A day is time enough to make room; farther off it is no news.
                ...(disk.fullInHours !== null && disk.fullInHours < FULL_SOON_HOURS
                  ? [text.status.fullIn(formatDuration(disk.fullInHours * HOUR_MS, text.units))]
                  : []),
              ].join(' · ')
            : formatCount(null)
        }
        {...(disk && disk.state !== 'ok'
          ? { tone: disk.state === 'warn' || disk.state === 'pruning' ? ('warn' as const) : ('bad' as const) }
          : {})}
      />
      {link.unreadable > 0 && (
        <span
          className="bar-item"
          data-testid="status-unreadable"
          title={text.status.unreadable(formatCount(link.unreadable))}
        >
          <Mark tone="warn">{formatCount(link.unreadable)}</Mark>
        </span>
      )}
      <span className="bar-end">
        {system && (
          <span
            className="bar-item faint"
            title={`Tapedeck ${system.version} · ${system.dataDir}`}
            data-testid="status-host"
          >
            {system.host === 'desktop' ? text.status.desktop : text.status.headless}
          </span>
        )}
        <WallClock />
        <Choice
          small
          label={text.common.zone}
          testId="zone-switch"
          value={zone}
          options={[
            { value: 'UTC', label: 'UTC' },
            { value: 'KST', label: 'KST' },
          ]}
          onChange={setZone}
        />
        <Choice
          small
          label={text.common.language}
          testId="language-switch"
          value={language}
          options={[
            { value: 'en', label: 'EN' },
            { value: 'ko', label: '한' },
          ]}
          onChange={setLanguage}
        />
      </span>
    </section>
  );
}

function Figure(props: { name: string; value: string; testId: string; tone?: Tone }) {
  return (
    <span className="bar-item">
      {props.tone && <MarkShape tone={props.tone} />}
      <span className="faint">{props.name}</span>
      <b data-testid={props.testId}>{props.value}</b>
    </span>
  );
}

function WallClock() {
  useBeat(1000);
  const zone = usePreferences((preferences) => preferences.zone);
  return <span className="bar-item mono">{formatClock(Date.now() * 1000, zone)}</span>;
}
