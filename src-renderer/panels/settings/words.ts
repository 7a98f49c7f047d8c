// Values and places of settings in the reader's words.
import type { Settings } from '../../../src-shared/contract/settings.ts';
import { isVenue, type Market, marketSchema, recordedMarkets } from '../../../src-shared/market/instrument.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { formatCount } from '../../parts/format.ts';
import { venueNames } from '../../parts/venue-style.ts';
import type { Json } from './draft.ts';
import { type Field, fieldsUnder, isFieldKey, keyOf, type Path } from './form-model.ts';

export interface FieldWords {
  /** A value as it is shown beside its setting. */
  show(field: Field, value: Json | undefined): string;
  option(field: Field, option: string | number): string;
  /** What may be chosen of several, and what was chosen all the same. */
  several(field: Field, chosen: readonly Json[]): string[];
}

export function useFieldWords(): FieldWords {
  return fieldWords(useText());
}

export function isMarket(name: unknown): name is Market {
  return marketSchema.safeParse(name).success;
}

export function fieldWords(text: Text): FieldWords {
  const words = text.settings;
  const option = (field: Field, value: string | number): string => {
    if (field.key === 'venues.*.lines') return value === 2 ? words.lineCounts['2'] : words.lineCounts['1'];
    return isMarket(value) ? words.markets[value] : String(value);
  };
  return {
    option,
    several: (field, chosen) => {
      const { field: kind, path } = field;
      const all = kind.kind === 'several' ? kind.options : [];
      const venue = path[1];
      const able: readonly string[] =
        typeof venue === 'string' && isVenue(venue) ? (recordedMarkets[venue] ?? []) : all;
      return all.filter((one) => able.includes(one) || chosen.includes(one));
    },
    show: (field, value) => {
      if (value === undefined) return words.changes.nothing;
      if (typeof value === 'boolean') return value ? words.on : words.off;
      const { field: kind, key } = field;
      if (typeof value === 'number') {
        if (kind.kind === 'choice') return option(field, value);
        const scale = kind.kind === 'number' ? kind.scale : 1;
        const unit = isFieldKey(key, words.fields) ? words.fields[key].unit : undefined;
        const figure = String(Number((value / scale).toPrecision(6)));
        return unit ? `${figure} ${unit}` : figure;
      }
      if (kind.kind === 'symbols') return symbolsWords(value, text);
      if (Array.isArray(value)) {
        if (value.length === 0) return words.empty;
        return value.map((one) => (isMarket(one) ? words.markets[one] : String(one))).join(', ');
      }
      return typeof value === 'string' ? value : JSON.stringify(value);
    },
  };
}

const NAMES_SHOWN = 6;

function symbolsWords(value: Json, text: Text): string {
  const { kinds } = text.settings.symbols;
  const named = (names: Json | undefined): string => {
    const list = Array.isArray(names) ? names.map(String) : [];
    const rest = list.length - NAMES_SHOWN;
    return rest > 0 ? `${list.slice(0, NAMES_SHOWN).join(' ')} … (${formatCount(list.length)})` : list.join(' ');
  };
  if (value === 'all') return kinds.all;
  if (Array.isArray(value)) return `${kinds.list}: ${named(value)}`;
  if (typeof value === 'object' && value !== null) {
    if ('quote' in value) return `${kinds.quote}: ${named(value.quote)}`;
    if ('coin' in value) return `${kinds.coin}: ${named(value.coin)}`;
  }
  return JSON.stringify(value);
}

/** A place as a person names it: "Upbit · Symbols". */
export function placeWords(path: Path, text: Text): string {
  const words = text.settings;
  const key = keyOf(path);
  const [section, name] = path;
  const about =
    section === 'venues' && typeof name === 'string'
      ? isVenue(name)
        ? venueNames[name]
        : name
      : sectionWords(path, text);
  const market = path.find(isMarket);
  if (!isFieldKey(key, words.fields)) {
    const rest = path.slice(section === 'venues' ? 2 : 1).join('.');
    return rest === '' ? about : `${about} · ${rest}`;
  }
  const title = words.fields[key].title;
  return [about, ...(market !== undefined && key.includes('endpoints') ? [words.markets[market]] : []), title].join(
    ' · ',
  );
}

export type Section = 'venues' | 'notices' | 'extract' | 'storage' | 'alerts' | 'versions';

/** The section of the form that shows this part of the settings. */
export function sectionOf([first]: Path): Section {
  if (first === 'notices' || first === 'extract' || first === 'alerts') return first;
  return first === 'disk' || first === 'retention' ? 'storage' : 'venues';
}

function sectionWords(path: Path, text: Text): string {
  return text.settings.sections[sectionOf(path)];
}

/** The field that stands at this place, or whose value holds it. */
export function fieldAt(path: Path): Field | undefined {
  const [first, second] = path;
  if (first === undefined) return undefined;
  const near = second === undefined ? fieldsUnder(first) : fieldsUnder(first, second);
  return near.find((field) => field.path.every((part, index) => path[index] === part));
}

/** What a venue gets that was not in the settings. */
export function usualVenue(venue: keyof Settings['venues']): Json {
  return {
    enabled: true,
    markets: [...(recordedMarkets[venue] ?? [])],
    symbols: { quote: [venue === 'upbit' ? 'KRW' : 'USDT'] },
    lines: 2,
    endpoints: {},
    addresses: [],
  };
}
