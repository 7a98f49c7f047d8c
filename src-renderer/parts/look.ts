// The look that the reader chose: theme (dark, light, or as the system has it) and density, kept in this browser and set on the page before it is drawn.
import { create } from 'zustand';
import { keepNote, readNote } from './notes.ts';

export const themes = ['dark', 'light', 'system'] as const;
export type Theme = (typeof themes)[number];
export const densities = ['normal', 'compact'] as const;
export type Density = (typeof densities)[number];

interface Look {
  readonly theme: Theme;
  readonly density: Density;
  /** The theme that is on the screen: what charts are drawn with depends on it. */
  readonly shown: 'dark' | 'light';
  setTheme(theme: Theme): void;
  setDensity(density: Density): void;
}

const KEY = 'look';

/** What an earlier visit kept, piece by piece; the console is dark until somebody wants it otherwise. */
export function parseLook(note: unknown): { theme: Theme; density: Density } {
  const kept = typeof note === 'object' && note !== null ? note : {};
  return {
    theme: themes.find((theme) => 'theme' in kept && theme === kept.theme) ?? 'dark',
    density: densities.find((density) => 'density' in kept && density === kept.density) ?? 'normal',
  };
}

export function shownTheme(theme: Theme, systemIsLight: boolean): 'dark' | 'light' {
  if (theme === 'system') return systemIsLight ? 'light' : 'dark';
  return theme;
}

export function nextTheme(theme: Theme): Theme {
  return themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'dark';
}

const colours = new Map<string, string>();
let probe: HTMLElement | null = null;

const systemIsLight = (): boolean => matchMedia('(prefers-color-scheme: light)').matches;

export const useLook = create<Look>((set, get) => {
  const change = (part: Partial<Pick<Look, 'theme' | 'density'>>): void => {
    const { theme, density } = { theme: get().theme, density: get().density, ...part };
    keepNote(KEY, { theme, density });
    // The page first: who draws because of this change reads the colours that are then set.
    putOn(shownTheme(theme, systemIsLight()), density);
    set({ theme, density, shown: shownTheme(theme, systemIsLight()) });
  };
  return {
    theme: 'dark',
    density: 'normal',
    shown: 'dark',
    setTheme: (theme) => change({ theme }),
    setDensity: (density) => change({ density }),
  };
});

function putOn(shown: 'dark' | 'light', density: Density): void {
  document.documentElement.dataset.theme = shown;
  document.documentElement.dataset.density = density;
}

/** Puts the kept look on the page and follows the system's theme until the returned function is called. */
export function followLook(): () => void {
  const show = (): void => {
    const { theme, density } = useLook.getState();
    const shown = shownTheme(theme, systemIsLight());
    putOn(shown, density);
    useLook.setState({ shown });
  };
  useLook.setState(parseLook(readNote(KEY)));
  show();
  const query = matchMedia('(prefers-color-scheme: light)');
  query.addEventListener('change', show);
  return () => query.removeEventListener('change', show);
}

/** Any CSS colour, `var(--token)` and mixtures included, as a canvas takes it: in the theme that is on the screen. */
export function resolveColor(css: string, theme = useLook.getState().shown): string {
  const key = `${theme} ${css}`;
  const known = colours.get(key);
  if (known !== undefined) return known;
  if (!probe) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = css;
  const found = getComputedStyle(probe).color;
  colours.set(key, found);
  return found;
}

/** Height of a row of a dense table, px: what `--row` is in this density. */
export function useRowHeight(): number {
  return useLook((look) => (look.density === 'compact' ? 24 : 28));
}
