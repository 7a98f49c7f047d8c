// Two switches beside the list: a sound and a notice of the system when a listing comes.
import { useText } from '../../i18n/text.ts';
import { playChime } from '../../parts/chime.ts';
import { Button } from '../../parts/controls.tsx';
import { changeAlerts, useAlertPreferences } from './alert-preferences.ts';
import { chooseSystemNotices, hasSystemNotices } from './listing-alerts.tsx';

export function AlertChoices() {
  const text = useText();
  const words = text.window.alerts;
  const { sound, system } = useAlertPreferences();
  return (
    <fieldset className="alert-choices">
      <legend className="alert-choices-label faint">{words.label}</legend>
      <Button
        small
        kind="quiet"
        testId="alert-sound"
        aria-pressed={sound}
        title={words.soundWhat}
        onClick={() => {
          changeAlerts({ sound: !sound });
          // Heard once when it is turned on: how it sounds, and that it may.
          if (!sound) void playChime();
        }}
      >
        {sound ? '●' : '○'} {words.sound}
      </Button>
      {hasSystemNotices() && (
        <Button
          small
          kind="quiet"
          testId="alert-system"
          aria-pressed={system}
          title={words.systemWhat}
          onClick={() => chooseSystemNotices(!system)}
        >
          {system ? '●' : '○'} {words.system}
        </Button>
      )}
    </fieldset>
  );
}
