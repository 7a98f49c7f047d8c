// The tokens as data: what a stylesheet of tokens sets per theme, and how far apart two colours are for the eye (WCAG 2).

export type Tokens = ReadonlyMap<string, string>;

/** Tokens of the blocks `:root` and `:root[data-theme="light"]`; the light theme inherits what it does not set. */
export function readTokens(css: string): { readonly dark: Tokens; readonly light: Tokens } {
  const plain = css.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const block = (selector: string): [string, string][] => {
    const at = plain.indexOf(`${selector} {`);
    if (at < 0) return [];
    const body = plain.slice(plain.indexOf('{', at) + 1, plain.indexOf('}', at));
    return [...body.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value.trim()]);
  };
  const dark = new Map(block(':root'));
  return { dark, light: new Map([...dark, ...block(':root[data-theme="light"]')]) };
}

function channel(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance of "#rrggbb". */
export function luminance(color: string): number {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) throw new Error(`${color} is no colour of the form #rrggbb`);
  const [red = 0, green = 0, blue = 0] = match.slice(1).map((part) => channel(Number.parseInt(part, 16)));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** 1 (the same) to 21 (black on white). */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
