// Hands each control record of the journal to the part of the pipeline that it concerns.
import { type ControlRecord, controlSchema, type JournalLine } from '../journal/control.ts';
import type { LineEvents, Moment } from './pipeline/line-events.ts';

/** The record of a payload, or why it cannot be read. */
export function parseControl(payload: Uint8Array): ControlRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch (error) {
    return `control record is not JSON: ${String(error)}`;
  }
  const parsed = controlSchema.safeParse(value);
  return parsed.success ? parsed.data : `control record: ${parsed.error.message}`;
}

/** line: undefined for the recorder itself, and for a line that is not registered. */
export function applyControl(
  record: ControlRecord,
  line: JournalLine | undefined,
  moment: Moment,
  events: LineEvents,
): void {
  switch (record.type) {
    case 'start':
      events.started(moment);
      return;
    case 'stop':
      events.stopped(moment);
      return;
    case 'halt':
      events.halted(moment);
      return;
    case 'resume':
      events.resumed();
      return;
    case 'clock-set-back':
      events.clockSetBack(record.fromUs, moment);
      return;
    case 'suspend':
      events.suspended(moment);
      return;
    case 'wake':
      events.woke(record.sleptFromUs, moment);
      return;
    case 'history-end':
      events.historyEnded(
        record.gapId,
        record.reached,
        record.note,
        moment,
        record.asked ?? null,
        record.pagesOf,
        record.early ?? false,
        record.pages,
      );
      return;
  }
  if (!line) return;
  events.reached(moment);
  switch (record.type) {
    case 'open':
      events.opened(line);
      return;
    case 'close':
      events.closed(line, record, moment);
      return;
    case 'wanted':
      events.wanted(line, record.symbols, moment);
      return;
    case 'acknowledged':
      events.acknowledged(line, record.connection, record.symbols, moment);
      return;
    case 'alive':
      events.alive(line, moment);
      return;
    case 'refused':
      events.refused(line, record.symbols, moment);
      return;
    case 'behind':
      events.behind(line, record.connection, record.silent, moment);
      return;
    case 'lost':
      events.lost(line, record.fromUs, record.toUs, moment);
      return;
    case 'history': {
      const { gapId, symbol, channel, status, recheck } = record;
      events.expect(line, { kind: 'history', gapId, symbol, channel, status, recheck });
      return;
    }
    case 'instruments': {
      const { venue, market, page, last } = record;
      events.expect(line, { kind: 'instruments', venue, market, page: page ?? 1, last: last ?? page === undefined });
      return;
    }
    case 'instruments-unchanged':
      events.listUnchanged(line, moment);
      return;
    case 'line-stopped':
    case 'line-started':
      // The connections that close for it say so themselves.
      return;
    case 'notices':
      events.expect(line, { kind: 'notices', venue: record.venue });
      return;
  }
}
