// The bar that is always there: what the recorder does now, with figures that go blank rather than stale. Each leads to where it comes from.
import type { ReactNode } from 'react';
import { usePreferences } from '../i18n/preferences.ts';
import { useText } from '../i18n/text.ts';
import { useEvent, useLinkState } from '../link/hooks.tsx';
import { Choice } from '../parts/controls.tsx';
import { formatBytes, formatClock, formatCount, formatDuration, formatRate, NOTHING } from '../parts/format.ts';
import { Mark, MarkShape, type Tone } from '../parts/mark.tsx';
import { useBeat } from '../parts/now.ts';
import { useClockOffset } from '../state/clock-offset.ts';
import { completenessOf } from '../state/completeness.ts';
import { bufferFrames, useLive } from '../state/live.ts';
import { recordingState, STALE_MS } from '../state/recording-state.ts';
import { evidenceOf, showEvidence } from './evidence.ts';
import { useOpen } from './open.ts';
import { recordingTone, recordingWords } from './recording-mark.ts';

const HOUR_MS = 3_600_000;
/** Clocks within this are in step: the way of a message is about as long. */
const IN_STEP_MS = 50;
const OFF_MS = 500;
/** From here on the memory of the recorder is worth a look. */
const BUFFER_SHARE = 0.5;

export function StatusBar() {
  const text = useText();
  const words = text.shell.bar;
  const link = useLinkState();
  const system = useEvent('system.state');
  const live = useLive();
  const now = useBeat(1000);
  const { language, zone, setLanguage, setZone } = usePreferences();

  const linked = link.phase === 'open';
  const collector = linked && now - live.collectorMs < STALE_MS ? live.collector : null;
  const store = linked && now - live.storeMs < STALE_MS ? live.store : null;
  const state = recordingState({ linked, system, collector: live.collector, ageMs: now - live.collectorMs });
  const heardMs = link.lastMessageMs ?? link.sinceMs;
  const spoken =
    link.phase === 'lost'
      ? text.shell.unknownSince(formatClock((Date.now() - (now - heardMs)) * 1000, zone))
      : recordingWords(state, text);
  const gaps = completenessOf(collector, store);
  const share = collector && collector.bufferLimitBytes > 0 ? collector.bufferedBytes / collector.bufferLimitBytes : 0;
  const percent = (share * 100).toFixed(share < 0.1 ? 1 : 0);
  const waiting = formatCount(bufferFrames(collector, store));

  return (
    <section className="bar" data-testid="status-bar" aria-label={text.status.label}>
      <BarLink
        name={spoken}
        className="bar-state"
        testId="status-recording"
        state={state.word}
        hint={spoken}
        onClick={() => showEvidence(evidenceOf.recording)}
      >
        <Mark tone={recordingTone(state)}>{spoken}</Mark>
      </BarLink>
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
      <Figure
        name={text.status.ticks}
        testId="ticks-per-second"
        value={formatRate(store?.tradesPerSecond)}
        hint={text.live.ticksWhat(formatRate(store?.ticksPerSecond))}
        onClick={() => showEvidence(evidenceOf.ticks)}
      />
      <Figure
        name={text.status.buffer}
        testId="status-buffer"
        value={store ? `${waiting} · ${formatDuration(store.lagMs, text.units)}` : NOTHING}
        more={share >= BUFFER_SHARE ? words.nearLimit(percent) : undefined}
        tone={collector && collector.lostFrames > 0 ? 'bad' : share >= BUFFER_SHARE ? 'warn' : undefined}
        hint={
          store && collector
            ? words.bufferWhat(
                waiting,
                formatDuration(store.lagMs, text.units),
                formatBytes(collector.bufferedBytes),
                formatBytes(collector.bufferLimitBytes),
                percent,
              )
            : text.live.bufferWhat
        }
        onClick={() => showEvidence(evidenceOf.buffer)}
      />
      <Figure
        name={text.status.durable}
        testId="status-durable"
        value={formatDuration(collector?.durableDelayMs.p99, text.units)}
        hint={
          collector
            ? words.durableWhat(
                formatDuration(collector.durableDelayMs.p50, text.units),
                formatDuration(collector.durableDelayMs.p99, text.units),
                formatDuration(collector.durableDelayMs.max, text.units),
              )
            : text.live.durableWhat
        }
        onClick={() => showEvidence(evidenceOf.durable)}
      />
      <Figure
        name={text.status.gaps}
        testId="status-gaps"
        value={formatCount(gaps?.open)}
        more={gaps && gaps.lost > 0 ? words.lost(formatCount(gaps.lost)) : undefined}
        tone={gaps && gaps.open + gaps.lost > 0 ? 'warn' : undefined}
        hint={gaps && gaps.lost > 0 ? text.live.gapTable.lost(formatCount(gaps.lost)) : text.live.gapTable.title}
        onClick={() => showEvidence(evidenceOf.gaps)}
      />
      <DiskFigure disk={store?.disk} />
      <ClockFigure known={collector !== null} />
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
          <BarLink
            name={text.status.host}
            hint={`Tapedeck ${system.version} · ${system.dataDir}`}
            testId="status-host"
            onClick={() => useOpen.setState({ host: true })}
          >
            <span className="faint">{system.host === 'desktop' ? text.status.desktop : text.status.headless}</span>
          </BarLink>
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

function DiskFigure({ disk }: { disk: NonNullable<ReturnType<typeof useLive.getState>['store']>['disk'] | undefined }) {
  const text = useText();
  const low = disk && (disk.state === 'warn' || disk.state === 'pruning');
  const full =
    disk && disk.fullInHours !== null
      ? text.status.fullIn(formatDuration(disk.fullInHours * HOUR_MS, text.units))
      : null;
  return (
    <Figure
      name={text.status.disk}
      testId="status-disk"
      value={disk ? (full ?? text.status.diskFree(formatBytes(disk.freeBytes))) : NOTHING}
      tone={!disk || disk.state === 'ok' ? undefined : low ? 'warn' : 'bad'}
      hint={
        disk
          ? text.shell.bar.diskWhat(
              formatBytes(disk.freeBytes),
              formatBytes(disk.usedBytes),
              [text.live.diskStates[disk.state], text.common.note(disk.note ?? '')].filter(Boolean).join(': '),
            )
          : text.status.disk
      }
      onClick={() => showEvidence(evidenceOf.disk)}
    />
  );
}

function ClockFigure({ known }: { known: boolean }) {
  const text = useText();
  const words = text.shell.bar;
  const offsetMs = useClockOffset((clock) => clock.offsetMs);
  const size = offsetMs === null ? 0 : Math.abs(offsetMs);
  const shown = formatDuration(offsetMs, text.units);
  return (
    <Figure
      name={words.clock}
      testId="status-clock"
      value={!known || offsetMs === null ? NOTHING : size < IN_STEP_MS ? words.inStep : shown}
      tone={known && size > OFF_MS ? 'warn' : undefined}
      hint={words.clockWhat(shown)}
      onClick={() => useOpen.setState({ host: true })}
    />
  );
}

function BarLink(props: {
  readonly name: string;
  readonly hint: string;
  readonly testId?: string;
  readonly className?: string;
  readonly state?: string;
  onClick(): void;
  readonly children: ReactNode;
}) {
  const text = useText();
  return (
    <button
      type="button"
      className={`bar-item bar-link ${props.className ?? ''}`}
      title={`${props.hint}\n${text.shell.bar.goes(props.name)}`}
      data-testid={props.testId}
      data-state={props.state}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

function Figure(props: {
  readonly name: string;
  readonly value: string;
  readonly testId: string;
  readonly hint: string;
  readonly more?: string | undefined;
  readonly tone?: Tone | undefined;
  onClick(): void;
}) {
  return (
    <BarLink name={props.name} hint={props.hint} onClick={props.onClick}>
      {props.tone && <MarkShape tone={props.tone} />}
      <span className="faint bar-name">{props.name}</span>
      <b data-testid={props.testId}>{props.value}</b>
      {props.more && <span className="quiet">{props.more}</span>}
    </BarLink>
  );
}

function WallClock() {
  useBeat(1000);
  const zone = usePreferences((preferences) => preferences.zone);
  return <span className="bar-item mono">{formatClock(Date.now() * 1000, zone)}</span>;
}
