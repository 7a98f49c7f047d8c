// Small controls that every panel uses: buttons with their key, choices, number fields, cards, empty and failed states.
import { NumberField } from '@base-ui/react/number-field';
import { type ButtonHTMLAttributes, type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import type { Failure } from '../../src-shared/base/result.ts';
import { failureWords, type Told } from '../i18n/failures.ts';
import { useText } from '../i18n/text.ts';
import { useBoundKey } from './bound-keys.ts';
import { printKeys } from './keys.ts';

export function Keys({ keys }: { keys: string }) {
  return (
    <span className="keys" aria-hidden="true">
      {printKeys(keys).map((part) => (
        <kbd key={part} className="key">
          {part}
        </kbd>
      ))}
    </span>
  );
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'normal' | 'primary' | 'quiet';
  readonly small?: boolean;
  readonly keys?: string;
  readonly testId?: string;
}

export function Button({ kind = 'normal', small, keys: written, testId, children, className, ...rest }: ButtonProps) {
  const keys = useBoundKey(written);
  const classes = ['button', kind !== 'normal' && `button-${kind}`, small && 'button-small', className];
  return (
    <button
      type="button"
      className={classes.filter(Boolean).join(' ')}
      data-testid={testId}
      {...(keys ? { 'aria-keyshortcuts': keys.replace('Mod', 'Control') } : {})}
      {...rest}
    >
      {children}
      {keys && <Keys keys={keys} />}
    </button>
  );
}

export interface Option<V extends string> {
  readonly value: V;
  readonly label: string;
}

/**
 * One of a few, as buttons in a row: Tab comes to the one that is chosen, arrows, Home and End go over them. Written here because Base UI's
 * group asks of every button whether it can be seen, and lays the page out for that whenever it is drawn.
 */
export function Choice<V extends string>(props: {
  readonly label: string;
  readonly value: V;
  readonly options: readonly Option<V>[];
  readonly small?: boolean;
  readonly testId?: string;
  onChange(value: V): void;
}) {
  const [focused, setFocused] = useState<V | null>(null);
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    const buttons = [...event.currentTarget.querySelectorAll('button')];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    const next = steps[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    buttons.at(next % buttons.length)?.focus();
  };
  const at = (wanted: V | null): Option<V> | undefined => props.options.find(({ value }) => value === wanted);
  const stop = at(focused) ?? at(props.value) ?? props.options[0];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is framed and named by a legend.
    <div
      role="group"
      className={props.small ? 'choice choice-small' : 'choice'}
      aria-label={props.label}
      data-testid={props.testId}
      onKeyDown={walk}
      onBlur={() => setFocused(null)}
    >
      {props.options.map((option) => {
        const chosen = option.value === props.value;
        return (
          <button
            key={option.value}
            type="button"
            className="choice-item"
            data-value={option.value}
            data-pressed={chosen ? '' : undefined}
            aria-pressed={chosen}
            tabIndex={option === stop ? 0 : -1}
            onFocus={() => setFocused(option.value)}
            onClick={() => !chosen && props.onChange(option.value)}
          >
            {option.label}
          </button>
        );
      })}
    </div>
  );
}

export function NumberInput(props: {
  readonly label: string;
  readonly unit: string;
  readonly value: number | null;
  readonly min: number;
  readonly max: number;
  readonly testId?: string;
  onChange(value: number | null): void;
}) {
  const id = useId();
  return (
    <NumberField.Root
      id={id}
      value={props.value}
      min={props.min}
      max={props.max}
      locale="en-US"
      format={{ useGrouping: false, maximumFractionDigits: 3 }}
      onValueChange={(value) => props.onChange(value)}
      className="field"
    >
      <label className="field-label" htmlFor={id}>
        {props.label}
      </label>
      <span className="input-unit">
        <NumberField.Input className="input input-number" data-testid={props.testId} />
        <span className="faint">{props.unit}</span>
      </span>
    </NumberField.Root>
  );
}

export function Card(props: {
  readonly title: ReactNode;
  readonly end?: ReactNode;
  readonly className?: string;
  readonly testId?: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`card ${props.className ?? ''}`} aria-labelledby={id} data-testid={props.testId}>
      <header className="card-head">
        <h2 className="card-title" id={id}>
          {props.title}
        </h2>
        {props.end !== undefined && <div className="card-head-end">{props.end}</div>}
      </header>
      {props.children}
    </section>
  );
}

/** Nothing is there, and what would make something be there. */
export function EmptyState(props: {
  readonly title: string;
  readonly text?: string;
  readonly testId?: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="note-screen" data-testid={props.testId}>
      <p className="note-screen-title">{props.title}</p>
      {props.text && <p className="note-screen-text">{props.text}</p>}
      {props.children}
    </div>
  );
}

/** In the place of what only a recorder that speaks can say. */
export function NoAnswer() {
  const text = useText();
  return <EmptyState title={text.common.noAnswer} text={text.common.noAnswerWhat} testId="no-answer" />;
}

/** A failure inside of a paragraph: its code, and what it says in the reader's language and zone. */
export function FailureWords({ failure }: { readonly failure: Told }) {
  const text = useText();
  return (
    <>
      <code>{failure.code}</code> {failureWords(text, failure)}
    </>
  );
}

/** What failed, in the owner's words, and the way to try again. */
export function FailedState(props: { readonly title: string; readonly failure: Failure; onRetry?(): void }) {
  const text = useText();
  return (
    <div className="note-screen" role="alert">
      <p className="note-screen-title tone-bad">{props.title}</p>
      <p className="note-screen-code">
        <FailureWords failure={props.failure} />
      </p>
      {props.onRetry && (
        <Button small onClick={props.onRetry}>
          {text.common.retry}
        </Button>
      )}
    </div>
  );
}
