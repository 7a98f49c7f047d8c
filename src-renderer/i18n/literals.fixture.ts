// The texts that a source file holds, with the calls that each is given to. Enough of a reader for our own files: strings, templates, comments, patterns.

export interface Literal {
  /** What stands between its `${}`; a plain string has one part. */
  readonly parts: readonly string[];
  /** Names of the calls around it, outermost first. */
  readonly calls: readonly string[];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

export function literalsOf(source: string): Literal[] {
  const found: Literal[] = [];
  const calls: string[] = [];
  let at = 0;

  const escaped = (): string => {
    at += 2;
    const sign = source[at - 1] ?? '';
    return ESCAPES[sign] ?? sign;
  };
  const plain = (quote: string): void => {
    let text = '';
    for (at += 1; at < source.length && source[at] !== quote; ) {
      if (source[at] === '\\') text += escaped();
      else {
        text += source[at];
        at += 1;
      }
    }
    at += 1;
    found.push({ parts: [text], calls: [...calls] });
  };
  const template = (): void => {
    const parts = [''];
    const around = [...calls];
    for (at += 1; at < source.length && source[at] !== '`'; ) {
      if (source.startsWith('${', at)) {
        at += 2;
        code('}');
        parts.push('');
      } else {
        const sign = source[at] === '\\' ? escaped() : (source[at++] ?? '');
        parts[parts.length - 1] += sign;
      }
    }
    at += 1;
    found.push({ parts, calls: around });
  };
  const pattern = (): void => {
    let inClass = false;
    for (at += 1; at < source.length; at += 1) {
      const sign = source[at];
      if (sign === '\\') at += 1;
      else if (sign === '[') inClass = true;
      else if (sign === ']') inClass = false;
      else if (sign === '/' && !inClass) break;
    }
    at += 1;
  };
  const begins = (): boolean => /(?:^|[(,=:[!&|?{};>]|\breturn)\s*$/.test(source.slice(Math.max(0, at - 40), at));

  function code(end: string): void {
    let depth = 0;
    while (at < source.length) {
      const sign = source[at] ?? '';
      if (source.startsWith('//', at) || source.startsWith('/*', at)) {
        const close = source[at + 1] === '/' ? '\n' : '*/';
        const next = source.indexOf(close, at + 2);
        at = next < 0 ? source.length : next + close.length;
      } else if (sign === "'" || sign === '"') plain(sign);
      else if (sign === '`') template();
      else if (sign === '/' && begins()) pattern();
      else {
        if (sign === '(') calls.push(/([\w.#?]*)\s*(?:<[^<>()]*>)?$/.exec(source.slice(0, at))?.[1] ?? '');
        else if (sign === ')') calls.pop();
        else if (sign === '{') depth += 1;
        else if (sign === '}') depth -= 1;
        at += 1;
        if (depth < 0 && sign === end) return;
      }
    }
  }

  code('');
  return found;
}

/** Where a text has this literal's words, in their order, whatever was put between them. */
export function patternOf({ parts }: Literal): RegExp {
  return new RegExp(parts.map((part) => part.replaceAll(/[.*+?^$()[\]{}|\\/-]/g, String.raw`\$&`)).join('.*'));
}
