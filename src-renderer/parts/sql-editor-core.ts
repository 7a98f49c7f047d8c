// CodeMirror for SQL, in a shadow root: there its styles are adopted sheets, which the screen's strict policy allows. Loaded when first needed.
import {
  acceptCompletion,
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands';
import { PostgreSQL, SQLDialect, type SQLNamespace, sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { EditorMark, EditorSchema, SqlEditorHandle, SqlEditorOptions } from './sql-editor-port.ts';

const duckDb = SQLDialect.define({
  ...PostgreSQL.spec,
  keywords: `${PostgreSQL.spec.keywords ?? ''} asof qualify semi anti positional pivot unpivot sample exclude summarize describe struct map columns list`,
  types: `${PostgreSQL.spec.types ?? ''} hugeint uhugeint ubigint uinteger usmallint utinyint tinyint blob struct map list`,
  specialVar: '?$',
  doubleDollarQuotedStrings: false,
});

const look = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--busy)' },
  { tag: [tags.lineComment, tags.blockComment], color: 'var(--text-third)', fontStyle: 'italic' },
  { tag: tags.special(tags.name), color: 'var(--bad)', fontWeight: '600' },
  { tag: [tags.operator, tags.punctuation, tags.paren], color: 'var(--text-second)' },
]);

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--ground)', fontSize: 'var(--size-body)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', scrollbarColor: 'var(--line-strong) transparent' },
  '.cm-content': { caretColor: 'var(--text)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--ground)', color: 'var(--text-third)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 12px', minWidth: '32px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--surface)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-ground)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--surface-pressed)' },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--surface-pressed)',
    outline: '1px solid var(--line-strong)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface-raised)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-small)',
    color: 'var(--text)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '14em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--surface-pressed)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--text-third)', fontStyle: 'normal' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700', color: 'var(--accent)' },
  '.cm-tooltip.cm-completionInfo': { padding: '6px 10px', maxWidth: '320px', fontSize: 'var(--size-small)' },
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)', borderTop: '1px solid var(--line)' },
  '.cm-panel.cm-search': {
    padding: '6px 8px',
    '& input, & button, & label': { fontSize: 'var(--size-small)', fontFamily: 'var(--sans)' },
  },
  '.cm-textfield': {
    backgroundColor: 'var(--ground)',
    border: '1px solid var(--line-strong)',
    color: 'var(--text)',
    borderRadius: 'var(--radius-small)',
  },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--surface-raised)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-small)',
    color: 'var(--text)',
  },
  '.cm-panel.cm-search [name=close]': { color: 'var(--text-second)', fontSize: '16px' },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-ground)', outline: '1px solid var(--warn)' },
  '.cm-mistake': {
    textDecoration: 'underline wavy var(--bad) 1.5px',
    textUnderlineOffset: '3px',
    backgroundColor: 'var(--bad-ground)',
  },
});

const setMistake = StateEffect.define<EditorMark | null>();

/** What the database did not take, underlined until it is run again or the place is written over. */
const mistake = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    let now = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setMistake)) continue;
      now = effect.value ? markOf(transaction.state, effect.value) : Decoration.none;
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The word at the place, or the character before it where nothing follows. */
function markOf(state: EditorState, mark: EditorMark): DecorationSet {
  const { length } = state.doc;
  if (length === 0) return Decoration.none;
  const at = Math.min(placeOf(state, mark), length);
  const word = state.wordAt(at);
  const from = word?.from ?? Math.min(at, length - 1);
  const to = Math.max(word?.to ?? at + 1, from + 1);
  const decoration = Decoration.mark({ class: 'cm-mistake', attributes: { title: mark.message } });
  return Decoration.set(decoration.range(from, Math.min(to, length)));
}

function placeOf(state: EditorState, mark: EditorMark): number {
  const line = state.doc.line(Math.min(Math.max(1, mark.line), state.doc.lines));
  return Math.min(line.from + Math.max(0, mark.column - 1), line.to);
}

function namespaceOf(schema: EditorSchema): SQLNamespace {
  const tables: Record<string, SQLNamespace> = {};
  for (const table of schema.tables) {
    tables[table.name] = {
      self: { label: table.name, type: 'class', detail: table.about, boost: 20 },
      children: table.columns.map((column) => ({
        label: column.name,
        type: 'property',
        detail: column.type,
        info: column.about,
        boost: 10,
      })),
    };
  }
  return tables;
}

/** Functions, and the columns of every table: most statements name one table, and its columns should not need a prefix. */
function wordsOf(schema: EditorSchema): (context: CompletionContext) => CompletionResult | null {
  const columns = new Map<string, { label: string; type: string; detail: string; info: string; boost: number }>();
  for (const table of schema.tables) {
    for (const { name, type, about } of table.columns) {
      if (!columns.has(name))
        columns.set(name, { label: name, type: 'property', detail: type, info: about, boost: 10 });
    }
  }
  const options = [
    ...columns.values(),
    ...schema.functions.map(({ name, about }) => ({ label: name, type: 'function', info: about, apply: `${name}(` })),
  ];
  return (context) => {
    const word = context.matchBefore(/[\w]+/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    // After a point only the columns of that table fit; the dialect's own source knows them.
    if (context.state.sliceDoc(Math.max(0, word.from - 1), word.from) === '.') return null;
    return { from: word.from, options, validFor: /^\w*$/ };
  };
}

/** A key that is taken, whatever comes of it. */
function does(act: () => void): () => boolean {
  return () => {
    act();
    return true;
  };
}

export function mountSqlEditor(host: HTMLElement, options: SqlEditorOptions): SqlEditorHandle {
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const room = document.createElement('div');
  room.style.height = '100%';
  shadow.replaceChildren(room);
  // Outside of the shadow a key press seems to come from a plain element: what is written must not be taken for a command.
  const keepIn = (event: KeyboardEvent): void => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  };
  room.addEventListener('keydown', keepIn);

  const language = new Compartment();
  const labels = new Compartment();
  let schema: EditorSchema = { tables: [], functions: [] };
  let current = options;
  let shown = '';
  const states = new Map<string, EditorState>();

  const languageOf = (): Extension => {
    const support = sql({ dialect: duckDb, schema: namespaceOf(schema), upperCaseKeywords: true });
    return [support, support.language.data.of({ autocomplete: wordsOf(schema) })];
  };
  const labelsOf = (): Extension => [
    EditorView.contentAttributes.of({
      'aria-label': current.label,
      'data-testid': 'sql-text',
      spellcheck: 'false',
      tabindex: '0',
    }),
    EditorState.phrases.of(current.phrases),
  ];
  const keys = Prec.highest(
    keymap.of([
      {
        key: 'Mod-Enter',
        run: (view) => {
          // What the editor offers goes with the start: Escape then belongs to the run.
          closeCompletion(view);
          current.onRun();
          return true;
        },
        preventDefault: true,
      },
      { key: 'Mod-.', run: does(() => current.onCancel()), preventDefault: true },
      { key: 'Mod-s', run: does(() => current.onSave()), preventDefault: true },
    ]),
  );
  const extensions: Extension = [
    keys,
    lineNumbers(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of('  '),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ icons: false }),
    highlightActiveLine(),
    highlightSelectionMatches(),
    search({ top: false }),
    syntaxHighlighting(look),
    theme,
    mistake,
    language.of(languageOf()),
    labels.of(labelsOf()),
    keymap.of([
      // Before CodeMirror's own, which would give up a selection first; an open list of words is closed before (autocompletion's key is higher).
      { key: 'Escape', run: () => current.onEscape() },
      { key: 'Tab', run: acceptCompletion },
      // Escape, then Tab leaves the editor.
      { key: 'Tab', run: indentMore, shift: indentLess },
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...completionKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && shown !== '') current.onChange(shown, update.state.doc.toString());
    }),
  ];
  const view = new EditorView({ state: EditorState.create({ extensions }), parent: room, root: shadow });

  const reconfigure = (): void => {
    view.dispatch({ effects: [language.reconfigure(languageOf()), labels.reconfigure(labelsOf())] });
  };

  return {
    show: (id, text) => {
      if (id === shown) return;
      if (shown !== '') states.set(shown, view.state);
      shown = id;
      const kept = states.get(id);
      states.delete(id);
      // A kept state whose text was changed elsewhere meanwhile is not what is to be shown.
      view.setState(kept && kept.doc.toString() === text ? kept : EditorState.create({ doc: text, extensions }));
      reconfigure();
    },
    forget: (id) => {
      states.delete(id);
      if (id === shown) shown = '';
    },
    replace: (text) => {
      if (text === view.state.doc.toString()) return;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        selection: { anchor: Math.min(view.state.selection.main.anchor, text.length) },
      });
    },
    insert: (text) => {
      view.dispatch(view.state.replaceSelection(text));
      view.focus();
    },
    selected: () => {
      const { from, to } = view.state.selection.main;
      const start = view.state.doc.lineAt(from);
      return from === to
        ? null
        : { text: view.state.sliceDoc(from, to), line: start.number, column: from - start.from + 1 };
    },
    setSchema: (next) => {
      schema = next;
      reconfigure();
    },
    setOptions: (next) => {
      const same = next.label === current.label && next.phrases === current.phrases;
      current = next;
      if (!same) reconfigure();
    },
    setMark: (mark) => view.dispatch({ effects: setMistake.of(mark) }),
    goTo: (mark) => {
      view.dispatch({ selection: { anchor: placeOf(view.state, mark) }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => {
      room.removeEventListener('keydown', keepIn);
      view.destroy();
    },
  };
}
