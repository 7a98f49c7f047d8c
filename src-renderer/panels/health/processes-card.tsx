// The processes: whether they run, since when, what they use, how they ended last, and the button that starts one anew.
import { useState } from 'react';
import type { ProcessLife } from '../../../src-shared/contract/health.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useEvent, useLinkState } from '../../link/hooks.tsx';
import { Button, Card, EmptyState } from '../../parts/controls.tsx';
import { formatAge, formatBytes, formatCount, formatTime, NOTHING } from '../../parts/format.ts';
import { Mark, type Tone } from '../../parts/mark.tsx';
import { Modal } from '../../parts/modal.tsx';
import { showFailure, showToast } from '../../parts/toasts.tsx';
import { useCommands } from '../../state/commands.ts';

const tones: Record<ProcessLife['state'], Tone> = {
  starting: 'busy',
  ready: 'ok',
  restarting: 'busy',
  held: 'bad',
  stopped: 'idle',
};

const restartable = ['collector', 'store', 'rehearsal'] as const;
type Restartable = (typeof restartable)[number];

function asRestartable(name: string): Restartable | undefined {
  return restartable.find((one) => one === name);
}

export function ProcessesCard() {
  const text = useText();
  const words = text.health.processes;
  const told = useEvent('health.processes');
  const open = useLinkState().phase === 'open';
  const [asked, setAsked] = useState<Restartable | null>(null);
  const nameOf = (name: string): string => {
    const names: Readonly<Record<string, string>> = words.names;
    return names[name] ?? name;
  };
  const restart = useCommand('system.restart');
  const there = (told?.processes ?? []).flatMap((life) => asRestartable(life.process) ?? []);
  useCommands(
    'processes',
    there.map((name) => ({
      id: `restart-${name}`,
      section: text.health.title,
      title: words.restartOf(nameOf(name)),
      enabled: open,
      run: () => setAsked(name),
    })),
  );
  return (
    <Card title={words.title} className="processes-card" testId="processes">
      <div className="card-body">
        {told ? (
          <ul>
            {told.processes.map((life) => (
              <ProcessRow
                key={life.process}
                life={life}
                name={nameOf(life.process)}
                onRestart={
                  open && asRestartable(life.process) ? () => setAsked(asRestartable(life.process) ?? null) : null
                }
              />
            ))}
          </ul>
        ) : (
          <EmptyState title={text.common.loading} text={words.waiting} />
        )}
      </div>
      {asked && (
        <Modal
          open
          title={words.confirm(nameOf(asked))}
          text={words.costs[asked]}
          testId="restart-dialog"
          onClose={() => setAsked(null)}
        >
          <div className="dialog-foot">
            <Button onClick={() => setAsked(null)}>{text.common.cancel}</Button>
            <Button
              kind="primary"
              testId="restart-confirm"
              onClick={() => {
                showToast('busy', ({ health: { processes } }) => processes.restarted(processes.names[asked]));
                restart.mutate({ process: asked }, { onError: (error) => showFailure(error.failure) });
                setAsked(null);
              }}
            >
              {words.restart}
            </Button>
          </div>
        </Modal>
      )}
    </Card>
  );
}

function ProcessRow(props: { life: ProcessLife; name: string; onRestart: (() => void) | null }) {
  const { life, name, onRestart } = props;
  const text = useText();
  const words = text.health.processes;
  const zone = usePreferences((preferences) => preferences.zone);
  const [end] = life.ends;
  const figures: readonly (readonly [string, string])[] = [
    [words.up, life.startedUs === null ? NOTHING : formatAge(Date.now() - life.startedUs / 1000, text.units)],
    [words.memory, formatBytes(life.rssBytes)],
    [words.cpu, life.cpuPercent === null ? NOTHING : `${life.cpuPercent.toFixed(1)} %`],
    [words.restarts, formatCount(life.restarts)],
    [words.pid, life.pid === null ? NOTHING : String(life.pid)],
  ];
  return (
    <li className="process" data-testid={`process-${life.process}`} data-state={life.state} data-pid={life.pid ?? ''}>
      <div className="process-head">
        <Mark tone={tones[life.state]}>
          <b>{name}</b> <span className="quiet">{text.live.childStates[life.state]}</span>
        </Mark>
        {onRestart && (
          <Button small testId={`restart-${life.process}`} onClick={onRestart}>
            {words.restart}
            <span className="unseen"> {name}</span>
          </Button>
        )}
      </div>
      <dl className="process-figures">
        {figures.map(([title, value]) => (
          <div key={title} title={title === words.restarts ? words.restartsWhat : undefined}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {life.note && !life.note.startsWith('ended with') && (
        <p className="tone-warn process-words">{text.common.note(life.note)}</p>
      )}
      {end && (
        <p className="quiet process-words" data-testid={`process-words-${life.process}`}>
          {words.lastWords(formatTime(end.atUs, zone))}:{' '}
          <span className="mono">
            {[text.common.note(end.how), end.words || words.noWords].filter(Boolean).join(' · ')}
          </span>
        </p>
      )}
    </li>
  );
}
