// The form as the schema of the settings says it: every leaf with its kind, its range and its usual value. Pure.
import { z } from 'zod';
import { settingsSchema } from '../../../src-shared/contract/settings.ts';
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

interface Node {
  readonly type?: string | undefined;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly string[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly properties?: Readonly<Record<string, Node>> | undefined;
  readonly additionalProperties?: Node | boolean | undefined;
  readonly propertyNames?: Node | undefined;
  readonly items?: Node | undefined;
  readonly anyOf?: readonly Node[] | undefined;
}

const nodeSchema: z.ZodType<Node> = z.looseObject({
  type: z.string().optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  get properties() {
    return z.record(z.string(), nodeSchema).optional();
  },
  get additionalProperties() {
    return z.union([nodeSchema, z.boolean()]).optional();
  },
  get propertyNames() {
    return nodeSchema.optional();
  },
  get items() {
    return nodeSchema.optional();
  },
  get anyOf() {
    return z.array(nodeSchema).optional();
  },
});

const GIB = 1024 ** 3;
/** Settings that are kept in one unit and read better in another. */
const scales: Readonly<Record<string, number>> = { 'disk.warnBytes': GIB, 'disk.haltBytes': GIB };
/** Written by the product, not by people. */
const hidden: ReadonlySet<string> = new Set(['version']);

/** All fields, in the order of the schema. */
export function allFields(): Field[] {
  const root = nodeSchema.parse(z.toJSONSchema(settingsSchema, { io: 'input' }));
  return fieldsOf([], root);
}

const fields = allFields();

/** Fields under a part of the settings. */
export function fieldsUnder(...path: Path): Field[] {
  return fields.filter((field) => path.every((part, index) => field.path[index] === part));
}

export const fieldKeys: readonly string[] = [...new Set(fields.map((field) => field.key))];

export function keyOf(path: Path): string {
  const any: ReadonlySet<string | number> = new Set([...venues, ...marketSchema.options]);
  const [section] = path;
  return path.map((part, index) => (section === 'venues' && index > 0 && any.has(part) ? '*' : part)).join('.');
}

function fieldsOf(path: Path, node: Node): Field[] {
  const key = keyOf(path);
  if (hidden.has(key)) return [];
  if (path.at(-1) === 'symbols') return [{ path, key, field: { kind: 'symbols' }, usual: node.default }];
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([name, inner]) => fieldsOf([...path, name], inner));
  }
  if (typeof node.additionalProperties === 'object' && node.propertyNames?.enum) {
    const inner = node.additionalProperties;
    return node.propertyNames.enum.flatMap((name) => fieldsOf([...path, name], inner));
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
  if (node.enum) return { kind: 'choice', options: node.enum };
  const consts = (node.anyOf ?? []).flatMap((one) =>
    typeof one.const === 'number' || typeof one.const === 'string' ? [one.const] : [],
  );
  if (consts.length > 0 && consts.length === node.anyOf?.length) return { kind: 'choice', options: consts };
  if (node.type === 'array')
    return node.items?.enum ? { kind: 'several', options: node.items.enum } : { kind: 'words' };
  if (node.type === 'string') return { kind: 'text' };
  throw new Error(`the settings form cannot show ${key}: ${JSON.stringify(node)}`);
}

export function isFieldKey(key: string, known: Readonly<Record<FieldKey, unknown>>): key is FieldKey {
  return Object.hasOwn(known, key);
}
