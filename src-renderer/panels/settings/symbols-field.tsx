// Which symbols of a venue: all, by quote, by coin or named; and beforehand what that makes.
import { useEffect, useState } from 'react';
import { symbolsSchema } from '../../../src-shared/contract/settings.ts';
import { isVenue, type Venue } from '../../../src-shared/market/instrument.ts';
import { useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { Choice } from '../../parts/controls.tsx';
import { formatCount } from '../../parts/format.ts';
import { change, type Json, useDraft, valueAt, wordsOf } from './draft.ts';
import { Typed } from './field.tsx';
import type { Field } from './form-model.ts';
import { isMarket } from './words.ts';

const kinds = ['all', 'quote', 'coin', 'list'] as const;
type Kind = (typeof kinds)[number];

export function kindOf(value: Json | undefined): Kind {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object' && value !== null) return 'coin' in value ? 'coin' : 'quote';
  return 'all';
}

export function namesOf(value: Json | undefined): readonly string[] {
  const list =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value.quote ?? value.coin) : value;
  return Array.isArray(list) ? list.map(String) : [];
}

export function symbolsOf(kind: Kind, names: readonly string[]): Json {
  if (kind === 'all') return 'all';
  return kind === 'list' ? [...names] : { [kind]: [...names] };
}

export function SymbolsField(props: {
  readonly id: string;
  readonly title: string;
  readonly field: Field;
  readonly value: Json | undefined;
  readonly wrong: boolean;
  readonly describedBy: string;
  readonly disabled: boolean;
}) {
  const { field, value, disabled } = props;
  const words = useText().settings.symbols;
  const kind = kindOf(value);
  // What was written for one kind is there again when the reader comes back to it.
  const [kept, setKept] = useState<Partial<Record<Kind, readonly string[]>>>({});
  const usual = field.path[1] === 'upbit' ? ['KRW'] : ['USDT'];
  const take = (next: Kind): void => {
    setKept({ ...kept, [kind]: namesOf(value) });
    change(field.path, symbolsOf(next, kept[next] ?? (next === 'quote' ? usual : [])));
  };
  return (
    <fieldset className="setting-group symbols" id={props.id} tabIndex={-1} disabled={disabled}>
      <Choice<Kind>
        small
        label={words.kind}
        value={kind}
        options={kinds.map((one) => ({ value: one, label: words.kinds[one] }))}
        testId="symbols-kind"
        onChange={(next) => !disabled && next !== kind && take(next)}
      />
      <p className="setting-what">{words.whats[kind]}</p>
      {kind !== 'all' && (
        <Typed
          id={`${props.id}-names`}
          shown={namesOf(value).join(' ')}
          className="input"
          inputMode="text"
          wrong={props.wrong}
          describedBy={props.describedBy}
          disabled={disabled}
          label={words.words}
          onText={(text) => change(field.path, symbolsOf(kind, wordsOf(text)))}
        />
      )}
      <Preview venue={String(field.path[1])} value={value} />
    </fieldset>
  );
}

const SETTLE_MS = 400;

function Preview({ venue, value }: { venue: string; value: Json | undefined }) {
  const known = isVenue(venue) ? venue : null;
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  const symbols = symbolsSchema.safeParse(settled);
  if (!known || !symbols.success) return null;
  return <Counts venue={known} symbols={symbols.data} />;
}

function Counts({ venue, symbols }: { venue: Venue; symbols: ReturnType<typeof symbolsSchema.parse> }) {
  const text = useText();
  const words = text.settings.symbols;
  const wanted = useDraft((state) => JSON.stringify(valueAt(state.draft, ['venues', venue, 'markets']) ?? []));
  const lines = useDraft((state) => (valueAt(state.draft, ['venues', venue, 'lines']) === 2 ? 2 : 1));
  const parsed: unknown = JSON.parse(wanted);
  const markets = Array.isArray(parsed) ? parsed.filter(isMarket) : [];
  const asked = useRequest('settings.preview', { venue, markets, symbols, lines }, { keep: true, staleMs: 10_000 });
  if (!asked.data) return null;
  return (
    <ul
      className={asked.isPlaceholderData ? 'symbols-preview faint' : 'symbols-preview'}
      aria-busy={asked.isPlaceholderData}
      aria-label={words.preview}
      data-testid="symbols-preview"
    >
      {asked.data.markets.map((one) => {
        const name = text.settings.markets[one.market];
        const tooMany = one.connections !== null && one.allowed !== null && one.connections > one.allowed;
        const parts = [
          one.chosen === null || one.listed === null
            ? words.unknownList(name)
            : words.count(name, formatCount(one.chosen), formatCount(one.listed)),
          ...(one.connections === null ? [] : [words.connections(formatCount(one.connections))]),
          ...(tooMany ? [words.allowed(formatCount(one.allowed))] : []),
          ...(one.unknown.length > 0 ? [words.strange(one.unknown.join(', '))] : []),
        ];
        return (
          <li key={one.market} className={one.unknown.length > 0 || one.chosen === 0 ? 'tone-warn' : undefined}>
            {parts.join(' · ')}
          </li>
        );
      })}
    </ul>
  );
}
