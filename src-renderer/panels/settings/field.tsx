// One setting: its control by its kind, what it means, and what the host says is wrong with it.
import { type ReactNode, useState } from 'react';
import type { SettingsIssue } from '../../../src-shared/contract/configuration.ts';
import { useText } from '../../i18n/text.ts';
import { Choice } from '../../parts/controls.tsx';
import { change, type Json, useDraft, valueAt, wordsOf } from './draft.ts';
import { type Field, type FieldKind, isFieldKey, type Path } from './form-model.ts';
import { SymbolsField } from './symbols-field.tsx';
import { useFieldWords } from './words.ts';

/** How deep a path lies in another: all of it. */
function within(path: Path, outer: Path): boolean {
  return outer.every((part, index) => path[index] === part);
}

export function issuesAt(issues: readonly SettingsIssue[], path: Path): SettingsIssue[] {
  return issues.filter((issue) => within(issue.path, path));
}

export function fieldId(path: Path): string {
  return `setting-${path.join('-')}`;
}

export function FieldRow(props: { field: Field; issues: readonly SettingsIssue[]; disabled: boolean }) {
  const { field, disabled } = props;
  const text = useText();
  const words = text.settings;
  const value = useDraft((state) => valueAt(state.draft, field.path));
  const before = useDraft((state) => valueAt(state.base, field.path));
  const known = useFieldWords();
  const issues = issuesAt(props.issues, field.path);
  if (!isFieldKey(field.key, words.fields)) return null;
  const { title, what, unit } = words.fields[field.key];
  const id = fieldId(field.path);
  const changed = JSON.stringify(value) !== JSON.stringify(before);
  const describedBy = `${id}-what${issues.length > 0 ? ` ${id}-issue` : ''}`;
  const usual = field.usual === undefined ? null : known.show(field, asValue(field.usual));
  const range =
    field.field.kind === 'number' && field.field.min !== null && field.field.max !== null
      ? words.range(String(field.field.min / field.field.scale), String(field.field.max / field.field.scale))
      : null;
  return (
    <div
      className="setting"
      data-testid={`setting-${field.path.join('.')}`}
      data-changed={changed || undefined}
      data-wrong={issues.length > 0 || undefined}
    >
      <div className="setting-text">
        {/* Kinds with several controls are named by a group, the others by their label. */}
        {isGroup(field.field) ? (
          <span className="setting-title" id={`${id}-title`}>
            {title}
          </span>
        ) : (
          <label className="setting-title" htmlFor={id}>
            {title}
          </label>
        )}
        <p className="setting-what" id={`${id}-what`}>
          {what}
          {(usual !== null || range !== null) && field.field.kind !== 'symbols' && (
            <span className="faint">
              {' '}
              {[usual === null ? '' : words.default(usual), range ?? ''].filter(Boolean).join(' · ')}
            </span>
          )}
        </p>
      </div>
      <div className="setting-control">
        <Control
          id={id}
          title={title}
          field={field}
          value={value}
          unit={unit}
          wrong={issues.length > 0}
          describedBy={describedBy}
          disabled={disabled}
        />
        {issues.length > 0 && (
          <div className="field-error" id={`${id}-issue`} role="alert" data-testid="setting-issue">
            {issues.map((issue) => (
              <p key={issue.message}>{text.common.note(issue.message)}</p>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

function asValue(usual: unknown): Json | undefined {
  return typeof usual === 'string' || typeof usual === 'number' || typeof usual === 'boolean'
    ? usual
    : Array.isArray(usual)
      ? []
      : undefined;
}

function isGroup({ kind }: FieldKind): boolean {
  return kind === 'choice' || kind === 'several' || kind === 'symbols';
}

interface ControlProps {
  readonly id: string;
  readonly title: string;
  readonly field: Field;
  readonly value: Json | undefined;
  readonly unit: string | undefined;
  readonly wrong: boolean;
  readonly describedBy: string;
  readonly disabled: boolean;
}

function Control(props: ControlProps): ReactNode {
  const { id, title, field, value, disabled, describedBy } = props;
  const words = useFieldWords();
  const set = (next: Json | undefined): void => change(field.path, next);
  switch (field.field.kind) {
    case 'switch':
      return (
        <label className="switch">
          <input
            id={id}
            type="checkbox"
            checked={value === true}
            disabled={disabled}
            aria-describedby={describedBy}
            onChange={(event) => set(event.currentTarget.checked)}
          />
          <span aria-hidden="true">{words.show(field, value === true)}</span>
        </label>
      );
    case 'choice': {
      const { options } = field.field;
      return (
        <fieldset className="setting-group" id={id} tabIndex={-1} disabled={disabled} aria-describedby={describedBy}>
          <Choice
            small
            label={title}
            value={String(value ?? '')}
            options={options.map((option) => ({ value: String(option), label: words.option(field, option) }))}
            onChange={(next) => {
              const option = options.find((one) => String(one) === next);
              if (option !== undefined && !disabled) set(option);
            }}
          />
        </fieldset>
      );
    }
    case 'several': {
      const chosen = Array.isArray(value) ? value : [];
      return (
        <fieldset className="setting-group" id={id} tabIndex={-1} aria-labelledby={`${id}-title`} disabled={disabled}>
          {words.several(field, chosen).map((option) => (
            <label key={option} className="switch">
              <input
                type="checkbox"
                checked={chosen.includes(option)}
                onChange={(event) =>
                  set(event.currentTarget.checked ? [...chosen, option] : chosen.filter((one) => one !== option))
                }
              />
              {words.option(field, option)}
            </label>
          ))}
        </fieldset>
      );
    }
    case 'number':
      return (
        <span className="input-unit">
          <Typed
            {...props}
            shown={typeof value === 'number' ? String(rounded(value / field.field.scale)) : textOf(value)}
            className="input input-number"
            inputMode="decimal"
            onText={(text) => set(numberOf(text, field.field.kind === 'number' ? field.field.scale : 1))}
          />
          {props.unit && <span className="faint">{props.unit}</span>}
        </span>
      );
    case 'words':
      return (
        <Typed
          {...props}
          shown={Array.isArray(value) ? value.join(' ') : textOf(value)}
          className="input"
          inputMode="text"
          onText={(text) => set(wordsOf(text))}
        />
      );
    case 'text':
      return (
        <Typed
          {...props}
          shown={textOf(value)}
          className="input"
          inputMode="text"
          onText={(text) => set(text.trim() === '' ? undefined : text.trim())}
        />
      );
    case 'symbols':
      return <SymbolsField {...props} />;
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** A number, or the words as they stand: the host then says what is wrong with them. */
function numberOf(text: string, scale: number): Json {
  const plain = text.trim().replace(/^\+/, '');
  const value = Number(plain);
  if (plain === '' || !Number.isFinite(value)) return plain;
  return scale === 1 ? value : Math.round(value * scale);
}

/** An input whose text stays as it is typed ("1." or "abc") while it has the focus. */
export function Typed(props: {
  readonly id: string;
  readonly shown: string;
  readonly className: string;
  readonly inputMode: 'decimal' | 'text';
  readonly wrong: boolean;
  readonly describedBy: string;
  readonly disabled: boolean;
  readonly label?: string;
  onText(text: string): void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input
      id={props.id}
      className={props.className}
      type="text"
      inputMode={props.inputMode}
      autoComplete="off"
      spellCheck={false}
      value={typed ?? props.shown}
      disabled={props.disabled}
      aria-invalid={props.wrong}
      aria-describedby={props.describedBy}
      {...(props.label ? { 'aria-label': props.label } : {})}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        props.onText(event.currentTarget.value);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
