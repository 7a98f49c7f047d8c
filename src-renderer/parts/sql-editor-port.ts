// What the screen and its SQL editor say to each other; without CodeMirror itself, so that it can be loaded when it is needed.

/** What can be completed. */
export interface EditorSchema {
  readonly tables: readonly {
    readonly name: string;
    readonly about: string;
    readonly columns: readonly { readonly name: string; readonly type: string; readonly about: string }[];
  }[];
  readonly functions: readonly { readonly name: string; readonly about: string }[];
}

/** A place in the text, line and column from 1, and what is wrong there. */
export interface EditorMark {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface SqlEditorOptions {
  readonly label: string;
  /** The editor's own words (search, completion) in the reader's language. */
  readonly phrases: Readonly<Record<string, string>>;
  onChange(id: string, text: string): void;
  onRun(): void;
  onCancel(): void;
  onSave(): void;
  /** Escape while no list of words is open; true: it was of use, false: the editor has it. */
  onEscape(): boolean;
}

export interface SqlEditorHandle {
  /** Shows a text under its id; each id keeps its own undo history. */
  show(id: string, text: string): void;
  forget(id: string): void;
  /** Puts another text in the place of the shown one, as one step that can be undone. */
  replace(text: string): void;
  /** Writes at the cursor, over what is marked. */
  insert(text: string): void;
  /** What is marked, and where it begins; null: nothing. */
  selected(): { readonly text: string; readonly line: number; readonly column: number } | null;
  setSchema(schema: EditorSchema): void;
  setOptions(options: SqlEditorOptions): void;
  setMark(mark: EditorMark | null): void;
  goTo(mark: EditorMark): void;
  focus(): void;
  destroy(): void;
}
