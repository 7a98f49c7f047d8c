// The draft of the settings: changed by path, never in place; kept while other panels are looked at, so that nothing is lost.
import { z } from 'zod';
import { create } from 'zustand';
import type { Path } from './form-model.ts';

const jsonSchema = z.json();
export type Json = z.infer<typeof jsonSchema>;

interface DraftState {
  /** What was in force when the draft was begun; null: not known yet. */
  readonly base: Json | null;
  readonly draft: Json | null;
  /** Differs from what is in force. */
  readonly dirty: boolean;
  /** What is in force was changed elsewhere since the draft was begun. */
  readonly movedOn: boolean;
}

export const useDraft = create<DraftState>(() => ({ base: null, draft: null, dirty: false, movedOn: false }));

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Plain data as JSON would carry it; undefined for anything else. */
export function asJson(value: unknown): Json | undefined {
  return jsonSchema.safeParse(value).data;
}

export function valueAt(root: Json | undefined | null, path: Path): Json | undefined {
  let value: Json | undefined = root ?? undefined;
  for (const part of path) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isObject(value)) value = Object.hasOwn(value, part) ? value[part] : undefined;
    else return undefined;
  }
  return value;
}

/** The root with another value at this place; undefined takes the key away. What is missing on the way is made. */
export function withValue(root: Json, path: Path, value: Json | undefined): Json {
  const [first, ...rest] = path;
  if (first === undefined) return value ?? {};
  if (Array.isArray(root) && typeof first === 'number') {
    const inner = rest.length > 0 ? withValue(root[first] ?? {}, rest, value) : value;
    return inner === undefined ? root.filter((_, index) => index !== first) : root.with(first, inner);
  }
  const fields = isObject(root) ? root : {};
  const { [first]: present, ...others } = fields;
  if (rest.length === 0) {
    if (value === undefined) return others;
    // An existing key keeps its place among the others.
    return { ...fields, [first]: value };
  }
  if (present === undefined && value === undefined) return fields;
  return { ...fields, [first]: withValue(present ?? {}, rest, value) };
}

/** Equal as JSON, whatever the order of keys. */
export function sameJson(a: Json | undefined | null, b: Json | undefined | null): boolean {
  if (a === b) return true;
  const [left, right] = [a ?? undefined, b ?? undefined];
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((one, index) => sameJson(one, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => sameJson(left[key], right[key]));
}

/** The settings in force as the host told them. A draft that was begun stays. */
export function settle(inForce: unknown): void {
  const base = asJson(inForce);
  if (base === undefined) return;
  const now = useDraft.getState();
  if (!now.dirty || sameJson(now.draft, base)) useDraft.setState({ base, draft: base, dirty: false, movedOn: false });
  else if (!sameJson(now.base, base)) useDraft.setState({ base, movedOn: true });
}

export function change(path: Path, value: Json | undefined): void {
  useDraft.setState(({ draft, base }) => {
    const next = withValue(draft ?? {}, path, value);
    return { draft: next, dirty: !sameJson(next, base) };
  });
}

/** A whole other draft, as from a file. */
export function replaceDraft(next: Json): void {
  useDraft.setState(({ base }) => ({ draft: next, dirty: !sameJson(next, base) }));
}

export function undoAll(): void {
  useDraft.setState(({ base }) => ({ draft: base, dirty: false, movedOn: false }));
}

/** Puts back what is in force at one place. */
export function undoAt(path: Path): void {
  change(path, valueAt(useDraft.getState().base, path));
}

/** "BTC, eth" -> ["BTC", "eth"]; as people separate names. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== '');
}
