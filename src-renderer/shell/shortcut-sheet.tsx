// Every key on one sheet: what commands registered, the keys that work everywhere, and the way to change the former.
import { useEffect, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Button, Keys } from '../parts/controls.tsx';
import { keyName, printKeys } from '../parts/keys.ts';
import { Modal } from '../parts/modal.tsx';
import { type Command, listCommands, useCommandState } from '../state/commands.ts';
import { boundKey, changeKey, conflictsOf, fitnessOf, resetKeys, useShortcuts } from '../state/shortcuts.ts';

export function ShortcutSheet() {
  const text = useText();
  const open = useCommandState((state) => state.sheet);
  const close = (): void => useCommandState.setState({ sheet: false });
  return (
    <Modal open={open} title={text.sheet.title} className="sheet" testId="shortcuts" onClose={close}>
      <Sheet onClose={close} />
    </Modal>
  );
}

function Sheet({ onClose }: { onClose(): void }) {
  const text = useText();
  const groups = useCommandState((state) => state.groups);
  const changed = useShortcuts((state) => state.changed);
  const [changing, setChanging] = useState<string | null>(null);
  const commands = listCommands(groups);
  const shown = commands.filter((command) => command.keys !== undefined || command.id in changed);
  const sections = [...new Set(shown.map((command) => command.section))];
  const always = [
    { keys: '↑+↓', title: text.sheet.move },
    { keys: 'Enter', title: text.sheet.open },
    { keys: 'Tab', title: text.sheet.next },
    { keys: 'Esc', title: text.sheet.escape },
  ];
  return (
    <>
      <div className="sheet-columns">
        {sections.map((section) => (
          <section key={section}>
            <h3 className="sheet-section">{section}</h3>
            {shown
              .filter((command) => command.section === section)
              .map((command) =>
                command.id === changing ? (
                  <Capture key={command.id} command={command} commands={commands} onEnd={() => setChanging(null)} />
                ) : (
                  <KeyRow
                    key={command.id}
                    command={command}
                    commands={commands}
                    onChange={() => setChanging(command.id)}
                  />
                ),
              )}
          </section>
        ))}
        <section>
          <h3 className="sheet-section">{text.nav.shortcuts}</h3>
          {always.map((entry) => (
            <p key={entry.keys} className="sheet-row">
              <span>{entry.title}</span>
              <Keys keys={entry.keys} />
            </p>
          ))}
        </section>
      </div>
      <div className="dialog-foot">
        {Object.keys(changed).length > 0 && (
          <Button testId="keys-reset" onClick={resetKeys}>
            {text.shell.keys.reset}
          </Button>
        )}
        <Button onClick={onClose}>{text.common.close}</Button>
      </div>
    </>
  );
}

function KeyRow(props: { command: Command; commands: readonly Command[]; onChange(): void }) {
  const words = useText().shell.keys;
  const changed = useShortcuts((state) => state.changed);
  const { command } = props;
  const keys = boundKey(command, changed);
  const other = keys === undefined ? undefined : conflictsOf(props.commands, command.id, keys, changed)[0];
  return (
    <p className="sheet-row">
      <span>
        {command.title}
        {command.id in changed && <span className="faint"> · {words.changed}</span>}
        {other && <span className="tone-warn"> · {words.twice(other.title)}</span>}
      </span>
      <button
        type="button"
        className="sheet-key"
        aria-label={words.change(command.title)}
        title={words.change(command.title)}
        data-testid={`key-${command.id}`}
        onClick={props.onChange}
      >
        {keys === undefined ? <span className="faint">{words.none}</span> : <Keys keys={keys} />}
      </button>
    </p>
  );
}

/** Waits for the next key press and gives it to the command, unless somebody else has it: that is asked first. */
function Capture(props: { command: Command; commands: readonly Command[]; onEnd(): void }) {
  const words = useText().shell.keys;
  const { command, commands, onEnd } = props;
  const [wanted, setWanted] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const changed = useShortcuts((state) => state.changed);
  const holders = wanted === null ? [] : conflictsOf(commands, command.id, wanted, changed);

  useEffect(() => {
    if (wanted !== null) return;
    const press = (event: KeyboardEvent): void => {
      const keys = keyName(event);
      if (keys === null || fitnessOf(keys) === 'never') return;
      event.preventDefault();
      event.stopPropagation();
      if (keys === 'Escape') onEnd();
      else if (keys === 'Delete' || keys === 'Backspace') {
        changeKey(command.id, '');
        onEnd();
      } else if (fitnessOf(keys) === 'fixed') setRefused(keys);
      else if (conflictsOf(commands, command.id, keys, useShortcuts.getState().changed).length > 0) setWanted(keys);
      else {
        changeKey(command.id, keys);
        onEnd();
      }
    };
    // Before the dialog hears of it: Escape belongs to this row now.
    window.addEventListener('keydown', press, true);
    return () => window.removeEventListener('keydown', press, true);
  }, [wanted, command.id, commands, onEnd]);

  return (
    <div className="sheet-row sheet-capture" data-testid="key-capture">
      <span>{command.title}</span>
      <span className="sheet-capture-words" role="status">
        {wanted !== null && holders[0] ? (
          <>
            <span className="tone-warn">{words.taken(printKeys(wanted).join(' '), holders[0].title)}</span>
            <Button
              small
              testId="key-take"
              onClick={() => {
                for (const holder of holders) changeKey(holder.id, '');
                changeKey(command.id, wanted);
                onEnd();
              }}
            >
              {words.take}
            </Button>
          </>
        ) : (
          <>
            <b>{words.press}</b>{' '}
            <span className="quiet">{refused === null ? words.pressWhat : words.refused(refused)}</span>
          </>
        )}
      </span>
    </div>
  );
}
