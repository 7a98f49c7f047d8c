// Every key on one sheet: what commands registered, and the keys that work everywhere.
import { useText } from '../i18n/text.ts';
import { Button, Keys } from '../parts/controls.tsx';
import { Modal } from '../parts/modal.tsx';
import { listCommands, useCommandState } from '../state/commands.ts';

export function ShortcutSheet() {
  const text = useText();
  const open = useCommandState((state) => state.sheet);
  const groups = useCommandState((state) => state.groups);
  const close = (): void => useCommandState.setState({ sheet: false });
  const bound = listCommands(groups).filter((command) => command.keys);
  const sections = [...new Set(bound.map((command) => command.section))];
  const always = [
    { keys: '↑+↓', title: text.sheet.move },
    { keys: 'Enter', title: text.sheet.open },
    { keys: 'Tab', title: text.sheet.next },
    { keys: 'Esc', title: text.sheet.escape },
  ];
  return (
    <Modal open={open} title={text.sheet.title} className="sheet" testId="shortcuts" onClose={close}>
      <div className="sheet-columns">
        {sections.map((section) => (
          <section key={section}>
            <h3 className="sheet-section">{section}</h3>
            {bound
              .filter((command) => command.section === section)
              .map((command) => (
                <Row key={command.id} title={command.title} keys={command.keys ?? ''} />
              ))}
          </section>
        ))}
        <section>
          <h3 className="sheet-section">{text.nav.shortcuts}</h3>
          {always.map((entry) => (
            <Row key={entry.keys} title={entry.title} keys={entry.keys} />
          ))}
        </section>
      </div>
      <div className="dialog-foot">
        <Button onClick={close}>{text.common.close}</Button>
      </div>
    </Modal>
  );
}

function Row({ title, keys }: { title: string; keys: string }) {
  return (
    <p className="sheet-row">
      <span>{title}</span>
      <Keys keys={keys} />
    </p>
  );
}
