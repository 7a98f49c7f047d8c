// What /health and /metrics say, whoever serves them.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { alertRules } from '../../src-shared/contract/health.ts';
import type { LineState } from '../../src-shared/contract/recording.ts';
import type { Status } from '../../src-shared/contract/system.ts';
import type { MetricPage } from '../base/metrics.ts';
import { rssBytes } from '../base/resident.ts';
import type { Host } from './host.ts';

export interface Endpoint {
  /** 200 while it records or can, 503 when it is halted. */
  health(): { readonly status: 200 | 503; readonly body: unknown };
  metrics(): Promise<string>;
  close(): void;
}

const states: readonly Status['status'][] = ['ok', 'degraded', 'halted'];

/** `refused`: running counts of requests refused at the door, by reason. */
export function openEndpoint(host: Host, version: string, refused: Readonly<Record<string, number>>): Endpoint {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    close: () => {
      delay.disable();
    },
    health: () => {
      const { status, recording, reasons, pid, children, store, disk } = host.status();
      return {
        status: status === 'halted' ? 503 : 200,
        body: {
          status,
          recording,
          reasons,
          mode: host.mode(),
          version,
          pid,
          children,
          lagMs: store.lagMs,
          disk: disk.state,
          alerts: host.health.active.map(({ rule, subject, severity, sinceUs, acknowledgedUs, note }) => ({
            rule,
            subject,
            severity,
            sinceUs,
            acknowledged: acknowledgedUs !== null,
            note,
          })),
        },
      };
    },
    metrics: async () => {
      // Loaded when first asked for: a host that nobody scrapes does not pay for it.
      const { openMetricPage } = await import('../base/metrics.ts');
      const page = openMetricPage();
      fill(page, host);
      page.gauge('tapedeck_build_info', 'Always 1; what runs', 1, { version });
      page.gauge(
        'tapedeck_host_loop_delay_p99_seconds',
        'Delay of the host event loop since the last scrape',
        delay.percentile(99) / 1e9,
      );
      delay.reset();
      for (const [reason, count] of Object.entries(refused))
        page.counter('tapedeck_http_refused_total', 'Requests refused at the door', count, { reason });
      return page.render();
    },
  };
}

/** Names end in their unit (seconds, bytes) or in _total; what is not known at this moment is left out, never given as 0. */
function fill(page: MetricPage, host: Host): void {
  const status = host.status();
  for (const state of states)
    page.gauge('tapedeck_status', 'The state of the whole: 1 for the one that holds', status.status === state ? 1 : 0, {
      state,
    });
  const { active } = host.health;
  for (const rule of alertRules)
    for (const severity of ['warn', 'bad'] as const)
      page.gauge(
        'tapedeck_alerts',
        'Alerts that are not over, by rule and severity',
        active.filter((one) => one.rule === rule && one.severity === severity).length,
        { rule, severity },
      );
  page.gauge('tapedeck_recording', '1 while frames are taken', status.recording ? 1 : 0);
  page.gauge('tapedeck_start_time_seconds', 'When this host started, since 1970', host.startedUs / 1e6);
  page.gauge('tapedeck_screens', 'Screens connected', host.router.screens);
  for (const [process, pid] of Object.entries(status.children))
    page.gauge('tapedeck_process_up', '1 while the process runs', pid === null ? 0 : 1, { process });
  page.gauge('tapedeck_disk_free_bytes', 'Free space for the data folder', status.disk.freeBytes);
  const collector = host.router.latest('recording.meter');
  const store = host.router.latest('store.meter');
  if (collector || status.journal.headFrame > 0) fillJournal(page, status);
  // A store that was never heard leaves zeros in the status: a counter that begins with them would leap by the whole life of the folder.
  if (store || status.totals.frames > 0) fillHeld(page, status);
  for (const line of status.lines) fillLine(page, line);
  if (collector) {
    page.gauge(
      'tapedeck_collector_loop_delay_p99_seconds',
      'Delay of the collector event loop',
      collector.loopDelayMs.p99 / 1000,
    );
    page.gauge('tapedeck_durable_delay_p99_seconds', 'Receive to durable', collector.durableDelayMs.p99 / 1000);
    page.gauge('tapedeck_collector_buffered_bytes', 'Frames in memory, not yet written', collector.bufferedBytes);
    page.counter(
      'tapedeck_lost_frames_total',
      'Frames that could not be held since the collector started',
      collector.lostFrames,
    );
    for (const { venue, market, address, sinceUs } of collector.refusals)
      page.gauge(
        'tapedeck_venue_refuses_seconds',
        'For how long the venue has answered no question over REST; absent while it answers, or nobody asks',
        (collector.atUs - sinceUs) / 1e6,
        { venue, market, address: address ?? '' },
      );
    page.gauge('tapedeck_process_resident_bytes', 'Resident memory', collector.rssBytes, { process: 'collector' });
  }
  // What was true when a store that is gone last spoke is no figure of now.
  if (store) {
    page.gauge('tapedeck_store_lag_frames', 'Durable frames not yet committed', store.lagFrames);
    page.gauge('tapedeck_store_lag_seconds', 'Age of the oldest of them', store.lagMs / 1000);
    if (store.disk.fullInHours !== null)
      page.gauge(
        'tapedeck_disk_full_in_seconds',
        'Until the disk is at its halt mark, at the rate of the last 15 minutes; absent while it does not fill',
        store.disk.fullInHours * 3600,
      );
    page.gauge('tapedeck_queryable_delay_p99_seconds', 'Receive to queryable', store.queryableDelayMs.p99 / 1000);
    page.gauge('tapedeck_quarantined_frames', 'Frames in quarantine', store.quarantined);
    page.gauge('tapedeck_process_resident_bytes', 'Resident memory', store.rssBytes, { process: 'store' });
  }
  page.gauge('tapedeck_process_resident_bytes', 'Resident memory', rssBytes(), { process: 'host' });
}

function fillJournal(page: MetricPage, { journal }: Status): void {
  page.gauge('tapedeck_journal_head_frame', 'Last frame appended', journal.headFrame);
  page.gauge('tapedeck_journal_durable_frame', 'Last frame synced', journal.durableFrame);
  page.gauge('tapedeck_journal_bytes', 'Size of the journal', journal.bytes);
}

/** What the folder holds: it stays true while the store is gone. */
function fillHeld(page: MetricPage, { store, totals, gaps, disk }: Status): void {
  page.gauge('tapedeck_store_frame', 'Last frame committed', store.frame);
  for (const kind of ['control', 'data', 'other', 'rejected'] as const)
    page.counter(
      'tapedeck_frames_total',
      'Frames stored over the life of the data folder, by what they held',
      totals[kind],
      {
        kind,
      },
    );
  for (const [outcome, count] of [
    ['stored', totals.stored],
    ['duplicate', totals.duplicates],
  ] as const)
    page.counter(
      'tapedeck_ticks_total',
      'Trades decoded over the life of the data folder, by what became of them',
      count,
      {
        outcome,
      },
    );
  page.counter(
    'tapedeck_rejected_rows_total',
    'Rows of frames that were refused over the life of the data folder',
    totals.rejectedRows,
  );
  for (const [state, count] of Object.entries(gaps))
    page.gauge('tapedeck_gaps', 'Gaps by state', count, { state: state === 'venueHole' ? 'venue-hole' : state });
  page.gauge('tapedeck_disk_used_bytes', 'Space that the data folder takes, looked at every 30 s', disk.usedBytes);
}

function fillLine(page: MetricPage, line: LineState): void {
  const labels = { line: line.id, venue: line.venue, market: line.market ?? '' };
  page.gauge(
    'tapedeck_line_up',
    '1 while the line delivers',
    line.state === 'live' || line.state === 'renewing' ? 1 : 0,
    labels,
  );
  page.gauge('tapedeck_line_wanted', 'Streams that the line is to carry', line.wanted, labels);
  page.gauge('tapedeck_line_acknowledged', 'Streams that the venue acknowledged', line.acknowledged, labels);
  if (line.lastFrameAgeMs !== null)
    page.gauge('tapedeck_line_last_frame_age_seconds', 'Age of its last frame', line.lastFrameAgeMs / 1000, labels);
  page.counter('tapedeck_line_frames_total', 'Frames since the collector started', line.frames, labels);
  page.counter('tapedeck_line_bytes_total', 'Bytes since the collector started', line.bytes, labels);
  page.counter('tapedeck_line_reconnects_total', 'Reconnects since the collector started', line.reconnects, labels);
}
