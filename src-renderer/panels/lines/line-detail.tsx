// One line beside its twin, with what can be done to it and the log of its life.
import type { ReactNode } from 'react';
import type { LineState } from '../../../src-shared/contract/recording.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { Button, Card } from '../../parts/controls.tsx';
import { formatBytes, formatClock, formatCount, formatDuration, formatTime } from '../../parts/format.ts';
import { lineTones } from '../../parts/line-style.ts';
import { Mark, MarkShape } from '../../parts/mark.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import type { LineAct } from './line-confirm.tsx';
import { LineLog } from './line-log.tsx';
import { ageMs, type Difference, differences, hostOf, pairsOf, twinOf } from './line-rows.ts';

export function LineDetail(props: {
  readonly line: LineState;
  readonly lines: readonly LineState[];
  readonly nowUs: number;
  readonly busy: boolean;
  onAct(act: LineAct): void;
  onGaps(): void;
}) {
  const { line, lines, busy } = props;
  const text = useText();
  const words = text.lines.detail;
  const pair = pairsOf(lines).find((one) => one.lines.some(({ id }) => id === line.id));
  const stopped = line.state === 'stopped';
  const live = line.state === 'live';
  return (
    <>
      <Card
        title={
          <>
            {venueNames[line.venue]} {line.market ?? text.lines.notice} <span className="faint">{line.id}</span>
          </>
        }
        className="line-detail"
        testId="line-detail"
        end={
          line.market !== null && (
            <>
              <Button
                small
                keys="R"
                testId="line-renew"
                aria-disabled={!live || busy}
                onClick={() => live && !busy && props.onAct('renew')}
              >
                {words.renew}
              </Button>
              <Button
                small
                keys="S"
                testId={stopped ? 'line-start' : 'line-stop'}
                kind={stopped ? 'primary' : 'normal'}
                aria-disabled={busy || line.state === 'closing'}
                onClick={() => !busy && line.state !== 'closing' && props.onAct(stopped ? 'start' : 'stop')}
              >
                {stopped ? words.start : words.stop}
              </Button>
            </>
          )
        }
      >
        <div className="card-body line-detail-body">
          {line.market === null && <p className="quiet">{words.cannotNotices}</p>}
          {pair && <Pair lines={pair.lines} chosen={line.id} nowUs={props.nowUs} />}
          {line.note && (
            <p className="line-detail-note">
              <MarkShape tone={line.state === 'live' ? 'warn' : lineTones[line.state]} /> {text.common.note(line.note)}
            </p>
          )}
          {line.market !== null && (
            <p>
              <Button small keys="G" testId="line-gaps" onClick={props.onGaps}>
                {words.gaps}
              </Button>
            </p>
          )}
        </div>
      </Card>
      <Card title={words.log} className="line-log-card" testId="line-log-card">
        <div className="card-body line-log-body">
          <LineLog key={line.id} line={line} />
        </div>
      </Card>
    </>
  );
}

/** Both lines of a market in two columns: where one is worse, its figure is marked. */
function Pair({ lines, chosen, nowUs }: { lines: readonly LineState[]; chosen: string; nowUs: number }) {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const words = text.lines;
  const rows: readonly { name: string; what: Difference | null; show(line: LineState): ReactNode }[] = [
    {
      name: words.state,
      what: null,
      show: (line) => <Mark tone={lineTones[line.state]}>{text.live.lineStates[line.state]}</Mark>,
    },
    {
      name: words.carried,
      what: 'carried',
      show: (line) => `${formatCount(line.acknowledged)} / ${formatCount(line.wanted)}`,
    },
    {
      name: words.age,
      what: null,
      show: (line) => (
        <>
          <span className="nowrap">{formatDuration(ageMs(line, nowUs), text.units)} /</span>{' '}
          <span className="nowrap">
            {line.maxAgeMs === null ? words.noLimit : formatDuration(line.maxAgeMs, text.units)}
          </span>
        </>
      ),
    },
    {
      name: words.detail.since,
      what: null,
      show: (line) => <span title={formatTime(line.connectedUs, zone)}>{formatClock(line.connectedUs, zone)}</span>,
    },
    { name: words.frame, what: 'frame', show: (line) => formatDuration(line.lastFrameAgeMs, text.units) },
    { name: words.data, what: 'data', show: (line) => formatDuration(line.lastDataAgeMs, text.units) },
    { name: words.renewals, what: null, show: (line) => formatCount(line.renewals) },
    { name: words.reconnects, what: 'reconnects', show: (line) => formatCount(line.reconnects) },
    { name: words.detail.frames, what: null, show: (line) => formatCount(line.frames) },
    { name: words.bytes, what: 'bytes', show: (line) => formatBytes(line.bytes) },
    {
      name: words.detail.endpoint,
      what: null,
      show: (line) => (
        <span className="pair-host cut" title={line.url}>
          {hostOf(line.url)}
        </span>
      ),
    },
    { name: words.source, what: null, show: (line) => line.address ?? words.anySource },
  ];
  const worse = new Map(lines.map((line) => [line.id, differences(line, twinOf(lines, line))]));
  return (
    <table className="pair" data-testid="line-pair">
      <caption className="unseen">{words.detail.pair}</caption>
      <thead>
        <tr>
          <td />
          {lines.map((line) => (
            <th key={line.id} scope="col" data-own={line.id === chosen || undefined}>
              {line.market === null ? words.notice : words.detail.self(String(line.line))}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            {lines.map((line) => {
              const off = row.what !== null && (worse.get(line.id)?.has(row.what) ?? false);
              return (
                <td key={line.id} data-worse={off || undefined}>
                  {off && <MarkShape tone="warn" />} {row.show(line)}
                  {off && <span className="unseen"> {words.differs}</span>}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
