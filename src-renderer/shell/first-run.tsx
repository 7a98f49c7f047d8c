// The first screen of a new data folder: two ways to begin, one click each.
import { useText } from '../i18n/text.ts';
import { useCommand } from '../link/hooks.tsx';
import { Button, FailureWords } from '../parts/controls.tsx';
import { useCommands } from '../state/commands.ts';
import type { SystemState } from '../state/recording-state.ts';

export function FirstRun({ system }: { system: SystemState }) {
  const text = useText();
  const choose = useCommand('system.choose');
  const live = (): void => choose.mutate({ mode: 'live' });
  const rehearsal = (): void => choose.mutate({ mode: 'rehearsal' });
  useCommands('first-run', [
    { id: 'choose-live', section: text.commands.recorder, title: text.commands.chooseLive, keys: 'L', run: live },
    {
      id: 'choose-rehearsal',
      section: text.commands.recorder,
      title: text.commands.chooseRehearsal,
      keys: 'R',
      run: rehearsal,
    },
  ]);
  return (
    <main id="panel" tabIndex={-1} className="first" data-testid="first-run">
      <h1 className="first-title">{text.first.title}</h1>
      <p className="quiet">{text.first.lead}</p>
      <div className="first-choices">
        <section className="first-choice">
          <h2>{text.first.live}</h2>
          <p>{text.first.liveWhat}</p>
          <p className="faint">{text.first.liveNeeds}</p>
          <Button kind="primary" keys="L" testId="choose-live" disabled={choose.isPending} onClick={live}>
            {text.first.liveGo}
          </Button>
        </section>
        <section className="first-choice">
          <h2>{text.first.rehearsal}</h2>
          <p>{text.first.rehearsalWhat}</p>
          <p className="faint">{text.first.rehearsalNeeds}</p>
          <Button kind="primary" keys="R" testId="choose-rehearsal" disabled={choose.isPending} onClick={rehearsal}>
            {text.first.rehearsalGo}
          </Button>
        </section>
      </div>
      {choose.isPending && <p role="status">{text.first.working}</p>}
      {choose.error && (
        <p role="alert" className="tone-bad">
          {text.common.failed}: <FailureWords failure={choose.error.failure} />
        </p>
      )}
      <p className="faint">
        {text.first.folder}: <code>{system.dataDir}</code>
      </p>
    </main>
  );
}
