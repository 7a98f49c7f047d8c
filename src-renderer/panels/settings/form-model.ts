// The form as the schema of the settings says it: every leaf with its kind, its range and its usual value. Pure.
import { z } from 'zod';
import { settingsSchema, venueSettingsSchema } from '../../../src-shared/contract/settings.ts';
import { marketSchema, venues } from '../../../src-shared/market/instrument.ts';
import type { FieldKey } from '../../i18n/settings.ts';

export type Path = readonly (string | number)[];

export type FieldKind =
  | { readonly kind: 'switch' }
  | { readonly kind: 'number'; readonly min: number | null; readonly max: number | null; readonly scale: number }
  | { readonly kind: 'choice'; readonly options: readonly (string | number)[] }
  | { readonly kind: 'several'; readonly options: readonly string[] }
  | { readonly kind: 'words' }
  | { readonly kind: 'text' }
  | { readonly kind: 'symbols' };

export interface Field {
  readonly path: Path;
  /** Names its text: the path with * for any venue or market. */
  readonly key: string;
  readonly field: FieldKind;
  readonly usual: unknown;
}

type Node = z.core.JSONSchema.BaseSchema;

const GIB = 1024 ** 3;
/** Settings that are kept in one unit and read better in another. */
const scales: Readonly<Record<string, number>> = { 'disk.warnBytes': GIB, 'disk.haltBytes': GIB };
/** Written by the product, not by people. */
const hidden: ReadonlySet<string> = new Set(['version']);

/** The parts of the settings that a person writes, each with its schema; all venues have the same. */
function schemaOf(part: string): z.ZodType | null {
  if (part === 'venues') return venueSettingsSchema;
  const shape: Readonly<Record<string, z.ZodType>> = settingsSchema.shape;
  return hidden.has(part) ? null : (shape[part] ?? null);
}

const made = new Map<string, readonly Field[]>();

/** Fields of one part, or of one venue. Made when first looked at, a part at a time: reading a whole schema takes longer than a frame. */
function fieldsOfPart(part: string, venue: string | null): readonly Field[] {
  const path = venue === null ? [part] : [part, venue];
  const name = path.join('.');
  const schema = schemaOf(part);
  const known = made.get(name) ?? (schema ? fieldsOf(path, z.toJSONSchema(schema, { io: 'input' })) : []);
  made.set(name, known);
  return known;
}

/** All fields, in the order of the schema. */
export function allFields(): Field[] {
  return Object.keys(settingsSchema.shape).flatMap((part) =>
    part === 'venues' ? venues.flatMap((venue) => fieldsOfPart(part, venue)) : fieldsOfPart(part, null),
  );
}

/** Fields under a part of the settings; of the venues one must be named. */
export function fieldsUnder(part: string | number, ...rest: Path): Field[] {
  const [first] = rest;
  const venue = part === 'venues' && typeof first === 'string' ? first : null;
  if (part === 'venues' && venue === null) return [];
  const path = [part, ...rest];
  return fieldsOfPart(String(part), venue).filter((field) => path.every((one, index) => field.path[index] === one));
}

export function fieldKeys(): string[] {
  return [...new Set(allFields().map((field) => field.key))];
}

export function keyOf(path: Path): string {
  const any: ReadonlySet<string | number> = new Set([...venues, ...marketSchema.options]);
  const [section] = path;
  return path.map((part, index) => (section === 'venues' && index > 0 && any.has(part) ? '*' : part)).join('.');
}

function fieldsOf(path: Path, node: Node): Field[] {
  const key = keyOf(path);
  if (path.at(-1) === 'symbols') return [{ path, key, field: { kind: 'symbols' }, usual: node.default }];
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([name, inner]) =>
      typeof inner === 'boolean' ? [] : fieldsOf([...path, name], inner),
    );
  }
  const { additionalProperties: each, propertyNames: names } = node;
  if (typeof each === 'object' && typeof names === 'object') {
    return (names.enum ?? []).flatMap((name) => fieldsOf([...path, String(name)], each));
  }
  return [{ path, key, field: kindOf(node, key), usual: node.default }];
}

function kindOf(node: Node, key: string): FieldKind {
  if (node.type === 'boolean') return { kind: 'switch' };
  if (node.type === 'number' || node.type === 'integer') {
    // A whole number without a stated limit is limited by what a number can hold, which is no news to anyone.
    const stated = (limit: number | undefined): number | null =>
      limit === undefined || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? null : limit;
    return { kind: 'number', min: stated(node.minimum), max: stated(node.maximum), scale: scales[key] ?? 1 };
  }
  if (node.enum) return { kind: 'choice', options: words(node.enum) };
  const consts = (node.anyOf ?? []).flatMap(({ const: value }) =>
    typeof value === 'number' || typeof value === 'string' ? [value] : [],
  );
  if (consts.length > 0 && consts.length === node.anyOf?.length) return { kind: 'choice', options: consts };
  if (node.type === 'array') {
    const { items } = node;
    const chosen = typeof items === 'object' && !Array.isArray(items) ? items.enum : undefined;
    return chosen ? { kind: 'several', options: words(chosen) } : { kind: 'words' };
  }
  if (node.type === 'string') return { kind: 'text' };
  throw new Error(`the settings form cannot show ${key}: ${JSON.stringify(node)}`);
}

function words(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === 'string');
}

export function isFieldKey(key: string, known: Readonly<Record<FieldKey, unknown>>): key is FieldKey {
  return Object.hasOwn(known, key);
}
