// The command palette: every action by name, recent ones first, with its key beside it.
import { useEffect, useRef, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Keys } from '../parts/controls.tsx';
import { useEnter } from '../parts/enter.ts';
import { Modal } from '../parts/modal.tsx';
import { type Command, findCommands, listCommands, runCommand, useCommandState } from '../state/commands.ts';
import { boundKey, useShortcuts } from '../state/shortcuts.ts';

export function Palette() {
  const text = useText();
  const open = useCommandState((state) => state.palette);
  const input = useRef<HTMLInputElement>(null);
  return (
    <Modal
      open={open}
      title={text.palette.title}
      titleUnseen
      className="palette"
      testId="palette"
      initialFocus={input}
      onClose={closePalette}
    >
      <PaletteList input={input} />
    </Modal>
  );
}

function closePalette(): void {
  useCommandState.setState({ palette: false });
}

function PaletteList({ input }: { input: React.RefObject<HTMLInputElement | null> }) {
  const text = useText();
  const groups = useCommandState((state) => state.groups);
  const recent = useCommandState((state) => state.recent);
  const changed = useShortcuts((state) => state.changed);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const found = findCommands(listCommands(groups), query, recent);
  const active = found[Math.min(at, found.length - 1)];

  const run = (command: Command | undefined): void => {
    if (!command) return;
    closePalette();
    // The dialog gives the focus back first: a command may move it on.
    setTimeout(() => runCommand(command), 0);
  };
  const enter = useEnter(() => run(active));

  const activeId = active?.id;
  useEffect(() => {
    if (activeId) document.getElementById(`command-${activeId}`)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);

  return (
    <>
      <input
        ref={input}
        className="input palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={active ? `command-${active.id}` : undefined}
        aria-label={text.palette.hint}
        placeholder={text.palette.hint}
        data-testid="palette-input"
        spellCheck={false}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onCompositionStart={enter.onCompositionStart}
        onCompositionEnd={enter.onCompositionEnd}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            const step = event.key === 'ArrowDown' ? 1 : -1;
            if (found.length > 0) setAt((Math.min(at, found.length - 1) + step + found.length) % found.length);
          } else enter.onKeyDown(event);
        }}
      />
      <div id="palette-list" className="palette-list" role="listbox" aria-label={text.palette.title}>
        {found.map((command) => {
          const keys = boundKey(command, changed);
          return (
            <button
              type="button"
              key={command.id}
              id={`command-${command.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={command === active}
              className="palette-item"
              data-command={command.id}
              onMouseMove={() => setAt(found.indexOf(command))}
              onClick={() => run(command)}
            >
              <span className="faint palette-section">{command.section}</span>
              <span className="cut">{command.title}</span>
              {keys && <Keys keys={keys} />}
            </button>
          );
        })}
        {found.length === 0 && <p className="palette-none quiet">{text.palette.none}</p>}
      </div>
    </>
  );
}
