// The columns of the log list.
import { type LogLevel, type LogLine, logLevels } from '../../../src-shared/contract/health.ts';
import type { Zone } from '../../i18n/preferences.ts';
import type { Text } from '../../i18n/text.ts';
import type { TableColumn } from '../../parts/data-table.tsx';
import { formatTime } from '../../parts/format.ts';
import { Mark, type Tone } from '../../parts/mark.tsx';

const tones: Record<LogLevel, Tone> = {
  trace: 'idle',
  debug: 'idle',
  info: 'fair',
  warn: 'warn',
  error: 'bad',
  fatal: 'bad',
};

export function logColumns(text: Text, zone: Zone): TableColumn<LogLine>[] {
  const words = text.health.logs;
  const names: Readonly<Record<string, string>> = text.health.processes.names;
  return [
    {
      id: 'time',
      title: words.time,
      fits: true,
      value: (line) => line.atUs,
      cell: (line) => <span className="mono">{formatTime(line.atUs, zone, 'milli')}</span>,
    },
    {
      id: 'level',
      title: words.level,
      fits: true,
      value: (line) => logLevels.indexOf(line.level),
      cell: (line) => <Mark tone={tones[line.level]}>{words.levels[line.level]}</Mark>,
    },
    {
      id: 'process',
      title: words.process,
      fits: true,
      value: (line) => names[line.process] ?? line.process,
      cell: (line) => names[line.process] ?? line.process,
    },
    {
      id: 'message',
      title: words.message,
      value: (line) => line.message,
      cell: (line) => (
        <span title={line.message}>
          {line.message} <span className="faint mono">{line.detail.slice(0, 300)}</span>
        </span>
      ),
    },
  ];
}
