// The SQL editor in React: the text stands there at once, the editor takes its place as soon as it is loaded.
import { type RefObject, useEffect, useRef, useState } from 'react';
import { reasonOf } from '../../src-shared/base/result.ts';
import './sql-editor.css';
import type { EditorMark, EditorSchema, SqlEditorHandle, SqlEditorOptions } from './sql-editor-port.ts';

type Core = typeof import('./sql-editor-core.ts');
let loading: Promise<Core> | null = null;

/** Fetches the editor's code ahead of its first use; what fails is tried again at the next call. */
export function loadSqlEditor(): Promise<Core> {
  loading ??= import('./sql-editor-core.ts').catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

export interface SqlEditorProps extends SqlEditorOptions {
  /** Which text is shown; each has its own undo history. */
  readonly id: string;
  /** Read when the id changes; afterwards the editor's own text counts. */
  readonly text: string;
  readonly schema: EditorSchema;
  readonly mark: EditorMark | null;
  readonly handle: RefObject<SqlEditorHandle | null>;
  /** Where the editor's code could not be loaded: the reason, and a plain field in its place. */
  readonly failed: (reason: string) => string;
}

export function SqlEditor(props: SqlEditorProps) {
  const { id, schema, mark, handle } = props;
  const host = useRef<HTMLDivElement>(null);
  const newest = useRef(props);
  newest.current = props;
  const [state, setState] = useState<'loading' | 'ready' | { reason: string }>('loading');

  useEffect(() => {
    let gone = false;
    loadSqlEditor().then(
      ({ mountSqlEditor }) => {
        if (gone || !host.current) return;
        const editor = mountSqlEditor(host.current, newest.current);
        editor.setSchema(newest.current.schema);
        editor.show(newest.current.id, newest.current.text);
        editor.setMark(newest.current.mark);
        handle.current = editor;
        setState('ready');
      },
      (error: unknown) => {
        if (!gone) setState({ reason: reasonOf(error) });
      },
    );
    return () => {
      gone = true;
      handle.current?.destroy();
      handle.current = null;
    };
  }, [handle]);

  const ready = state === 'ready';
  useEffect(() => {
    if (ready) handle.current?.setOptions(newest.current);
  });
  useEffect(() => {
    if (ready) handle.current?.show(id, newest.current.text);
  }, [ready, id, handle]);
  useEffect(() => {
    if (ready) handle.current?.setSchema(schema);
  }, [ready, schema, handle]);
  useEffect(() => {
    if (ready && id !== '') handle.current?.setMark(mark);
  }, [ready, id, mark, handle]);

  return (
    <div className="sql-editor" data-state={typeof state === 'string' ? state : 'failed'} data-testid="sql-editor">
      <div ref={host} className="sql-editor-room" />
      {state === 'loading' && <pre className="sql-editor-wait">{props.text}</pre>}
      {typeof state === 'object' && (
        <>
          <p className="field-error sql-editor-note">{props.failed(state.reason)}</p>
          <textarea
            className="sql-editor-plain"
            aria-label={props.label}
            data-testid="sql-text"
            spellCheck={false}
            value={props.text}
            onChange={(event) => props.onChange(id, event.currentTarget.value)}
          />
        </>
      )}
    </div>
  );
}
