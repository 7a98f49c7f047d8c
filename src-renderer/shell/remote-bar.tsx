// Says that the window shows another recorder than the one of this computer, how that one is, and leads back. Only in a desktop.
import { useText } from '../i18n/text.ts';
import { Button } from '../parts/controls.tsx';
import { Mark } from '../parts/mark.tsx';
import { showFailure } from '../parts/toasts.tsx';
import { useCommands } from '../state/commands.ts';
import { useDesktop } from '../state/desktop.ts';
import { goTo } from '../state/place.ts';

export function RemoteBar() {
  const text = useText();
  const words = text.settings.recorder;
  const { recorders, detach } = useDesktop();
  const attached = recorders?.attached ?? null;
  const back = (): void => {
    detach().then((result) => {
      if (!result.ok) showFailure(result.failure);
    });
  };
  useCommands('remote', [
    {
      id: 'recorder-attach',
      section: text.commands.recorder,
      title: words.add,
      enabled: recorders !== null,
      run: () => goTo('settings', 'recorder'),
    },
    {
      id: 'recorder-back',
      section: text.commands.recorder,
      title: words.command,
      enabled: attached !== null,
      run: back,
    },
  ]);
  if (!recorders || attached === null) return null;
  const { state, note } = recorders;
  const tone = state === 'open' ? 'ok' : state === 'connecting' ? 'busy' : 'bad';
  return (
    <div className="banner remote-bar" role="status" data-testid="remote-bar" data-state={state}>
      <p className="banner-text">
        <Mark tone={tone}>
          {words.banner(attached)} · {words.states[state]}
        </Mark>
        {note && <span className="faint"> {text.common.note(note)}</span>}
      </p>
      <Button small testId="remote-back" onClick={back}>
        {words.back}
      </Button>
    </div>
  );
}
