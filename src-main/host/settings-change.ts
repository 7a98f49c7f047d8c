// What differs between two settings, key by key, and what applying each difference does to the recording. Pure.
import type { SettingsChange } from '../../src-shared/contract/configuration.ts';
import type { Settings } from '../../src-shared/contract/settings.ts';

type Path = readonly (string | number)[];

export function changesBetween(before: Settings, after: Settings): SettingsChange[] {
  return differences([], before, after).map((change) => ({ ...change, effect: effectOf(change.path, before, after) }));
}

/** The smallest named parts that differ. A list is one part: its order and length mean something. */
function differences(path: Path, before: unknown, after: unknown): Omit<SettingsChange, 'effect'>[] {
  if (same(before, after)) return [];
  const [a, b] = [fieldsOf(before), fieldsOf(after)];
  if (a && b && path.at(-1) !== 'symbols') {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      differences([...path, key], a[key], b[key]),
    );
  }
  return [
    {
      path: [...path],
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const [left, right] = [fieldsOf(a), fieldsOf(b)];
  if (left && right) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => same(left[key], right[key]));
  }
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => same(one, b[index]));
}

function effectOf([section, name]: Path, before: Settings, after: Settings): SettingsChange['effect'] {
  if (section === 'notices') return 'at-once';
  if (section !== 'venues' || typeof name !== 'string') return 'at-once';
  const venue = (settings: Settings) => Object.entries(settings.venues).find(([key]) => key === name)?.[1];
  const [was, will] = [venue(before)?.enabled ?? false, venue(after)?.enabled ?? false];
  if (!was && !will) return 'at-once';
  if (!was) return 'opens';
  return will ? 'reopens' : 'closes';
}
