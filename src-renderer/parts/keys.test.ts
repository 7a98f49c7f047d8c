// Keys while Hangul is written: no command fires inside a composition, no syllable is cut by an early Enter.
import { describe, expect, it } from 'vitest';
import { createEnterGuard, type KeyPress, keyName, printKeys } from './keys.ts';

const press = (more: Partial<KeyPress>): KeyPress => ({
  key: 'e',
  code: 'KeyE',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  keyCode: 69,
  ...more,
});

describe('key names', () => {
  it('are the printed key, with Mod for Ctrl and Command', () => {
    expect(keyName(press({}))).toBe('E');
    expect(keyName(press({ key: '?', shiftKey: true }))).toBe('?');
    expect(keyName(press({ key: 'k', ctrlKey: true }))).toBe('Mod+K');
    expect(keyName(press({ key: 'k', metaKey: true }))).toBe('Mod+K');
    expect(keyName(press({ key: 'K', ctrlKey: true, shiftKey: true }))).toBe('Mod+Shift+K');
  });

  it('a Hangul layout presses the key under the finger', () => {
    expect(keyName(press({ key: 'ㄷ', code: 'KeyE' }))).toBe('E');
    expect(keyName(press({ key: 'ㅏ', code: 'KeyK', ctrlKey: true }))).toBe('Mod+K');
  });

  it('compositions, dead keys, Alt and AltGr are never commands', () => {
    expect(keyName(press({ isComposing: true }))).toBeNull();
    expect(keyName(press({ keyCode: 229 }))).toBeNull();
    expect(keyName(press({ key: 'Process' }))).toBeNull();
    expect(keyName(press({ key: 'Dead' }))).toBeNull();
    expect(keyName(press({ altKey: true }))).toBeNull();
    expect(keyName(press({ getModifierState: () => true }))).toBeNull();
  });

  it('are printed for the system', () => {
    expect(printKeys('Mod+K', false)).toEqual(['Ctrl', 'K']);
    expect(printKeys('Mod+K', true)).toEqual(['⌘', 'K']);
  });
});

describe('the Enter guard', () => {
  const enter = { key: 'Enter', isComposing: false, keyCode: 13 };

  it('takes a plain Enter', () => {
    expect(createEnterGuard(() => undefined).accepts(enter)).toBe(true);
    expect(createEnterGuard(() => undefined).accepts({ ...enter, key: 'a' })).toBe(false);
  });

  it('does not take the Enter that ends a composition, even where the system has already cleared isComposing', () => {
    const turns: (() => void)[] = [];
    const guard = createEnterGuard((run) => turns.push(run));
    guard.compositionStart();
    expect(guard.accepts({ ...enter, isComposing: true, keyCode: 229 })).toBe(false);
    expect(guard.accepts(enter)).toBe(false);
    guard.compositionEnd();
    // macOS: compositionend comes first, then keydown Enter with isComposing false, in the same turn.
    expect(guard.accepts(enter)).toBe(false);
    for (const run of turns) run();
    expect(guard.accepts(enter)).toBe(true);
  });
});
