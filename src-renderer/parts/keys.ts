// Keyboard rules: which command a key press means, and when Enter is really Enter (never inside a Hangul composition).

export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
  readonly keyCode: number;
  /** True for AltGr, which many layouts need to write ordinary characters. */
  getModifierState?(name: 'AltGraph'): boolean;
}

/** The printed name of a press as commands write it ("E", "Mod+K", "?"), or null for presses that are never a command. */
export function keyName(press: KeyPress): string | null {
  if (press.isComposing || press.keyCode === 229 || press.key === 'Process' || press.key === 'Dead') return null;
  if (press.altKey || press.getModifierState?.('AltGraph')) return null;
  const mod = press.ctrlKey || press.metaKey;
  let name = press.key;
  // A Hangul layout gives 'ㄷ' for the key printed E: outside of text fields the place of the key counts.
  if (name.length === 1 && name.charCodeAt(0) > 127) {
    const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
    if (!letter) return null;
    name = letter;
  }
  if (name.length === 1) name = name.toUpperCase();
  if (mod && press.shiftKey) return `Mod+Shift+${name}`;
  return mod ? `Mod+${name}` : name;
}

/** True where a press writes text, so single keys must not be commands there. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'range'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

export const onMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);

/** "Mod+K" as it is printed on this system's keyboard. */
export function printKeys(keys: string, mac = onMac): string[] {
  return keys.split('+').map((part) => (part === 'Mod' ? (mac ? '⌘' : 'Ctrl') : part));
}

export interface EnterGuard {
  compositionStart(): void;
  compositionEnd(): void;
  /** True when this Enter means "do it": not while composing, and not the one that ended a composition. */
  accepts(press: Pick<KeyPress, 'key' | 'isComposing' | 'keyCode'>): boolean;
}

/** Some systems clear isComposing before the Enter that ends a composition is delivered: that Enter is recognised by its turn. */
export function createEnterGuard(nextTurn: (run: () => void) => void): EnterGuard {
  let composing = false;
  let settling = false;
  return {
    compositionStart: () => {
      composing = true;
    },
    compositionEnd: () => {
      composing = false;
      settling = true;
      nextTurn(() => {
        settling = false;
      });
    },
    accepts: (press) => press.key === 'Enter' && !press.isComposing && press.keyCode !== 229 && !composing && !settling,
  };
}
