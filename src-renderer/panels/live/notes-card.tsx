// What an operator should know and cannot see in a figure: halts, restarts, the disk, the store's own notes.
import { useText } from '../../i18n/text.ts';
import { useEvent } from '../../link/hooks.tsx';
import { Card } from '../../parts/controls.tsx';
import { formatCount } from '../../parts/format.ts';
import { MarkShape, type Tone } from '../../parts/mark.tsx';
import { useLive } from '../../state/live.ts';

interface Note {
  readonly key: string;
  readonly tone: Tone;
  readonly text: string;
}

export function NotesCard() {
  const text = useText();
  const system = useEvent('system.state');
  const collector = useLive((view) => view.collector);
  const store = useLive((view) => view.store);
  const words = text.live.notes;

  const notes: Note[] = [];
  if (collector && !collector.recording && collector.halt)
    notes.push({ key: 'halt', tone: 'bad', text: words.halt(text.common.note(collector.halt)) });
  if (store && store.disk.state !== 'ok')
    notes.push({
      key: 'disk',
      tone: store.disk.state === 'warn' || store.disk.state === 'pruning' ? 'warn' : 'bad',
      text: words.disk(text.live.diskStates[store.disk.state], text.common.note(store.disk.note ?? '')),
    });
  for (const child of system?.children ?? []) {
    if (child.state === 'ready' && child.restarts === 0) continue;
    const line = words.child(child.process, text.live.childStates[child.state], formatCount(child.restarts));
    notes.push({
      key: `child-${child.process}`,
      tone: child.state === 'held' ? 'bad' : child.state === 'ready' ? 'idle' : 'busy',
      text: child.note ? `${line} (${text.common.note(child.note)})` : line,
    });
  }
  for (const [index, note] of (store?.notes ?? []).entries())
    notes.push({ key: `store-${index}`, tone: 'warn', text: text.common.note(note) });

  return (
    <Card title={words.title} className="notes-card" testId="notes">
      <div className="card-body">
        {notes.length === 0 ? (
          <p className="notes-none faint">{words.none}</p>
        ) : (
          <ul className="notes">
            {notes.map((note) => (
              <li key={note.key} className="note">
                <MarkShape tone={note.tone} />
                <span>{note.text}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}
