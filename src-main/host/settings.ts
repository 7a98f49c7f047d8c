// Reads and checks the settings file: what is wrong is named with its place, its value and the nearest right word.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { nearest } from '../../src-shared/base/nearest.ts';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import type { SettingsIssue } from '../../src-shared/contract/configuration.ts';
import { type Settings, settingsSchema, venueSettingsSchema } from '../../src-shared/contract/settings.ts';
import { isVenue, recordedMarkets, type Venue } from '../../src-shared/market/instrument.ts';

/** Settings that "Live venues" of the first screen writes: what a listing trader watches on every venue, on two lines each. */
export function liveSettings(): Settings {
  const usdt = { markets: ['spot', 'perp'], symbols: { quote: ['USDT'] }, lines: 2 };
  return settingsSchema.parse({
    version: 1,
    venues: {
      binance: usdt,
      bybit: usdt,
      okx: usdt,
      kucoin: usdt,
      gate: usdt,
      phemex: usdt,
      upbit: { markets: ['spot'], symbols: { quote: ['KRW'] }, lines: 2 },
    },
    notices: { upbit: {} },
  });
}

/** Settings of a host that only reads what was recorded. */
export function offlineSettings(): Settings {
  return settingsSchema.parse({ version: 1 });
}

/** What is wrong with settings of any origin, each with its place; and the settings when nothing is. */
export function judgeSettings(value: unknown): {
  readonly settings: Settings | null;
  readonly issues: SettingsIssue[];
} {
  const parsed = settingsSchema.safeParse(value);
  if (!parsed.success) {
    // What reads well for itself is judged all the same: a person mends everything in one go.
    const sound = soundVenues(value);
    const issues = parsed.error.issues.flatMap((issue) => explain(issue, value));
    return { settings: null, issues: [...issues, ...marketIssues(sound), ...symbolIssues(sound)] };
  }
  const issues = [...marketIssues(parsed.data), ...symbolIssues(parsed.data), ...markIssues(parsed.data)];
  return { settings: issues.length === 0 ? parsed.data : null, issues };
}

/** Checks settings of any origin. `from` names it in messages. Failure `settings.invalid`; detail lists every issue. */
export function checkSettings(value: unknown, from: string): Result<Settings> {
  const { settings, issues } = judgeSettings(value);
  if (settings) return ok(settings);
  const words = issues.map(({ message }) => message);
  const first = words.slice(0, 5).join('; ');
  const more = words.length > 5 ? `; and ${words.length - 5} more` : '';
  return fail('settings.invalid', `${from}: ${first}${more}`, { detail: { issues: words } });
}

/** Reads and checks a settings file. Failures: `settings.unreadable`, `settings.not-json`, `settings.invalid`. */
export async function readSettings(path: string): Promise<Result<Settings>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return fail('settings.unreadable', `settings file ${path} cannot be read: ${reasonOf(error)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return fail('settings.not-json', `settings file ${path} is not JSON: ${reasonOf(error)}`);
  }
  return checkSettings(value, path);
}

/** Settings of those venues alone whose own part is right. */
function soundVenues(value: unknown): Settings {
  const parts = z.object({ venues: z.record(z.string(), z.unknown()) }).safeParse(value);
  const venues = Object.entries(parts.success ? parts.data.venues : {}).filter(
    ([name, one]) => isVenue(name) && venueSettingsSchema.safeParse(one).success,
  );
  return settingsSchema.parse({ version: 1, venues: Object.fromEntries(venues) });
}

type Issue = z.core.$ZodIssue;

/** How symbols can be chosen by a property instead of by name. */
const SYMBOL_KEYS = ['quote', 'coin'];

function explain(issue: Issue, root: unknown): SettingsIssue[] {
  const path = plainPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, issue.path) }));
  }
  return explained(issue, root).map((message) => ({ path, message }));
}

function plainPath(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

function unknownKey(key: string, path: readonly PropertyKey[]): string {
  const place = placeOf(path);
  const near = nearest(key, knownKeys(path));
  return `unknown key "${key}"${place === '' ? '' : ` in ${place}`}${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

function explained(issue: Exclude<Issue, { code: 'unrecognized_keys' }>, root: unknown): string[] {
  const place = placeOf(issue.path);
  const value = shown(valueAt(root, issue.path));
  switch (issue.code) {
    case 'invalid_value': {
      const values = issue.values.map(String);
      const given = valueAt(root, issue.path);
      const near = typeof given === 'string' ? nearest(given, values) : undefined;
      if (values.length === 1) return [`${place}: ${value} must be ${values[0]}`];
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      return [`${place}: ${value} is none of ${values.map((one) => shown(one)).join(', ')}${hint}`];
    }
    case 'invalid_union': {
      if (issue.path.at(-1) === 'symbols') {
        const given = valueAt(root, issue.path);
        const strange =
          typeof given === 'object' && given !== null && !Array.isArray(given)
            ? Object.keys(given).filter((key) => !SYMBOL_KEYS.includes(key))
            : [];
        if (strange.length > 0)
          return strange.map(
            (key) => `unknown key "${key}" in ${place}; did you mean "${nearest(key, SYMBOL_KEYS) ?? 'quote'}"?`,
          );
        return [`${place}: ${value} must be "all", a list like ["BTCUSDT"], {"quote": ["USDT"]} or {"coin": ["BTC"]}`];
      }
      const choices = issue.errors.flatMap((branch) =>
        branch.flatMap((one) => (one.code === 'invalid_value' ? one.values.map(String) : [])),
      );
      return [`${place}: ${value} ${choices.length > 0 ? `must be ${choices.join(' or ')}` : issue.message}`];
    }
    case 'invalid_key': {
      const key = String(issue.path.at(-1));
      const inside = placeOf(issue.path.slice(0, -1));
      const near = nearest(key, knownKeys(issue.path.slice(0, -1)));
      return [`unknown key "${key}" in ${inside}${near === undefined ? '' : `; did you mean "${near}"?`}`];
    }
    case 'invalid_type':
      return [
        valueAt(root, issue.path) === undefined
          ? `${place || 'the file'}: ${issue.expected} is missing`
          : `${place || 'the file'}: ${value} must be ${article(issue.expected)}`,
      ];
    case 'too_small':
      return [`${place}: ${value} ${issue.origin === 'array' ? 'must name' : 'must be'} at least ${issue.minimum}`];
    case 'too_big':
      return [`${place}: ${value} ${issue.origin === 'array' ? 'must name' : 'must be'} at most ${issue.maximum}`];
    default:
      return [`${place}: ${value} ${issue.message.replace(/^Invalid (?:string|input): /, '')}`];
  }
}

function article(expected: string): string {
  return `${/^[aeio]/.test(expected) ? 'an' : 'a'} ${expected}`;
}

function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Part of a JSON schema, as far as known keys need it. */
const keyed = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  propertyNames: z.object({ enum: z.array(z.string()).optional() }).optional(),
  anyOf: z.array(z.unknown()).optional(),
});

function knownKeys(path: readonly PropertyKey[]): string[] {
  let here: unknown = z.toJSONSchema(settingsSchema, { io: 'input' });
  for (const part of path) {
    const node = keyed.safeParse(here);
    if (!node.success) return [];
    here = node.data.properties?.[String(part)] ?? node.data.additionalProperties;
  }
  const node = keyed.safeParse(here);
  if (!node.success) return [];
  return Object.keys(node.data.properties ?? {}).concat(node.data.propertyNames?.enum ?? []);
}

/** Venues and markets that this version does not record yet: a recorder that starts and records nothing would be a lie. */
function marketIssues(settings: Settings): SettingsIssue[] {
  const able = Object.entries(recordedMarkets).map(([venue, markets]) => `${venue} (${markets.join(', ')})`);
  return Object.entries(settings.venues).flatMap(([venue, one]) => {
    if (!one?.enabled) return [];
    const known = recordedMarkets[venue as Venue] ?? [];
    return one.markets.flatMap((market, index) =>
      known.includes(market)
        ? []
        : [
            {
              path: ['venues', venue, 'markets', index],
              message: `venues.${venue}.markets[${index}]: ${venue} ${market} is not recorded by this version; it records ${able.slice(0, -1).join(', ')} and ${able.at(-1)}`,
            },
          ],
    );
  });
}

/** What no schema says: symbols as the venue writes them, each once. */
function symbolIssues(settings: Settings): SettingsIssue[] {
  const issues: SettingsIssue[] = [];
  for (const [venue, one] of Object.entries(settings.venues)) {
    if (!one || one.symbols === 'all') continue;
    const lists = Array.isArray(one.symbols) ? { symbols: one.symbols } : one.symbols;
    for (const [kind, words] of Object.entries(lists)) {
      const path = ['venues', venue, 'symbols', ...(kind === 'symbols' ? [] : [kind])];
      const seen = new Set<string>();
      for (const [index, word] of (words as readonly string[]).entries()) {
        const tell = (message: string): void => {
          issues.push({ path: [...path, index], message: `${placeOf([...path, index])}: ${shown(word)} ${message}` });
        };
        if (/[\s,;"']/.test(word)) tell('holds a blank, comma or quote; one name per entry');
        else if (word !== word.toUpperCase() && word === word.toLowerCase())
          tell(`is not written as the venue writes it; did you mean "${word.toUpperCase()}"?`);
        if (seen.has(word)) tell('is named twice');
        seen.add(word);
      }
    }
  }
  return issues;
}

/** Marks in an order that the ladder cannot be walked in. */
function markIssues({ disk }: Settings): SettingsIssue[] {
  if (disk.warnBytes > disk.haltBytes) return [];
  return [
    {
      path: ['disk', 'warnBytes'],
      message: `disk.warnBytes: ${disk.warnBytes} must be more than disk.haltBytes (${disk.haltBytes}): the warning comes before the halt`,
    },
  ];
}
