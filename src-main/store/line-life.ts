// Collects from the journal's control records what is kept of the lives of lines. What comes every second while all is well (signs
// of life, history, lists) is left out; records that repeat in a row are folded when they are written.
import type { Us } from '../../src-shared/base/time.ts';
import type { ControlRecord, JournalLine } from '../journal/control.ts';
import type { LineLogFact } from './warehouse/catalog/line-log.ts';

const NOTE_CHARS = 400;

/** The name by which people know the line of a journal number: "binance:spot:0", "binance:spot:0/2", "upbit:notices". */
export function lineName(line: JournalLine, lines: ReadonlyMap<number, JournalLine>): string {
  if (line.role === 'notices') return `${line.venue}:notices`;
  const slot = line.twinOf === undefined ? line.slot : (lines.get(line.twinOf)?.slot ?? line.slot);
  return `${line.venue}:${line.market ?? ''}:${line.line}${slot > 0 ? `/${slot}` : ''}`;
}

export class LineLife {
  #facts: LineLogFact[] = [];

  saw(
    record: ControlRecord,
    line: JournalLine | undefined,
    lines: ReadonlyMap<number, JournalLine>,
    recvUs: Us,
    frame: number,
  ): void {
    const told = tell(record);
    if (!told) return;
    const of = line && line.role !== 'rest' ? line : null;
    // A record of a line that is not registered, or of replies, is no part of any line's life.
    if (!told.whole && !of) return;
    this.#facts.push({
      frame,
      atUs: recvUs,
      line: told.whole || !of ? null : lineName(of, lines),
      venue: told.whole || !of ? null : of.venue,
      market: told.whole || !of ? null : of.market,
      kind: told.kind,
      connection: 'connection' in record ? record.connection : null,
      count: told.count,
      planned: told.planned ?? false,
      note: told.note.slice(0, NOTE_CHARS),
    });
  }

  /** What was collected since the last call. */
  take(): readonly LineLogFact[] {
    const facts = this.#facts;
    this.#facts = [];
    return facts;
  }
}

interface Told {
  readonly kind: LineLogFact['kind'];
  readonly count: number;
  readonly note: string;
  readonly planned?: boolean;
  /** It concerns the recorder, not a line. */
  readonly whole?: true;
}

function tell(record: ControlRecord): Told | null {
  const { type } = record;
  switch (type) {
    case 'start':
      return { kind: type, count: 0, note: record.note, planned: record.clean, whole: true };
    case 'stop':
    case 'halt':
      return { kind: type, count: 0, note: record.reason, whole: true };
    case 'resume':
    case 'suspend':
    case 'wake':
      return { kind: type, count: 0, note: '', whole: true };
    case 'open':
      return { kind: type, count: 0, note: record.url };
    case 'close':
      return { kind: type, count: 0, note: record.reason, planned: record.planned };
    case 'wanted':
    case 'acknowledged':
      return { kind: type, count: record.symbols.length, note: '' };
    case 'refused':
      return { kind: type, count: record.symbols.length, note: `${some(record.symbols)}: ${record.reason}` };
    case 'behind':
      return { kind: type, count: record.silent.length, note: record.reason };
    case 'lost':
      return { kind: type, count: record.frames, note: '' };
    case 'line-stopped':
    case 'line-started':
      return { kind: type, count: 0, note: '' };
    default:
      return null;
  }
}

function some(symbols: readonly string[]): string {
  return symbols.length > 5 ? `${symbols.slice(0, 5).join(', ')}, …` : symbols.join(', ');
}
