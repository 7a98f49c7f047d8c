// A strict JSON reader (RFC 8259) whose numbers keep their digits: 19-digit ids and prices never pass through a float.
// It promises an answer for any bytes: a value, or a Failure that says what is wrong and where; it never throws.
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';

/** A JSON number as it was written. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A JSON object in the order it was written. Keys are unique: an object that names a key twice says two things at
 * once, so the whole text is refused rather than one of the two believed.
 */
export class JsonObject {
  readonly keys: string[] = [];
  readonly values: JsonValue[] = [];
  #index: Map<string, JsonValue> | undefined;

  get(key: string): JsonValue | undefined {
    if (this.#index) return this.#index.get(key);
    const at = this.keys.indexOf(key);
    return at < 0 ? undefined : this.values[at];
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Adds a member; false when the key is already there. */
  add(key: string, value: JsonValue): boolean {
    if (this.has(key)) return false;
    this.keys.push(key);
    this.values.push(value);
    if (this.#index) this.#index.set(key, value);
    else if (this.keys.length > LINEAR) this.#index = new Map(this.keys.map((name, i) => [name, this.values[i]!]));
    return true;
  }
}

export type JsonValue = null | boolean | string | JsonNumber | JsonObject | readonly JsonValue[];

/** Up to this many keys a walk is faster than a Map. */
const LINEAR = 24;
export const MAX_DEPTH = 64;

/** A byte order mark is no blank: it stays, and is refused. */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads one JSON text; nothing but blanks may follow it. Bytes that are not UTF-8 are refused. */
export function parseJson(bytes: Uint8Array): Result<JsonValue> {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    return fail('json.encoding', 'not UTF-8');
  }
  return parseJsonText(text);
}

/**
 * As parseJson, by the engine's own parser: several times faster, for long lists whose numbers are all small. Numbers are
 * doubles and of two equal keys the last one counts, so nothing that is a price or an id may come this way.
 */
export function parseNative(bytes: Uint8Array): Result<unknown> {
  try {
    const value: unknown = JSON.parse(strict.decode(bytes));
    return ok(value);
  } catch (error) {
    return fail('json.invalid', `not JSON: ${reasonOf(error).slice(0, 120)}`);
  }
}

/** As parseJson, of text that is already decoded. */
export function parseJsonText(text: string): Result<JsonValue> {
  const reader = new Reader(text);
  const value = reader.document();
  if (value === undefined) return fail('json.invalid', `not JSON: ${reader.fault} at character ${reader.at}`);
  return ok(value);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;
const HIGH_SURROGATE = 0xd800;
const LOW_SURROGATE = 0xdc00;
const AFTER_SURROGATES = 0xe000;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Recursive descent, undefined for "refused"; the depth limit bounds the recursion. */
class Reader {
  readonly #text: string;
  readonly #length: number;
  at = 0;
  fault = '';

  constructor(text: string) {
    this.#text = text;
    this.#length = text.length;
  }

  document(): JsonValue | undefined {
    this.#blanks();
    const value = this.#value(0);
    if (value === undefined) return undefined;
    this.#blanks();
    if (this.at < this.#length) return this.#refuse('something follows the value');
    return value;
  }

  #refuse(fault: string): undefined {
    if (this.fault === '') this.fault = this.at >= this.#length && this.#length > 0 ? `${fault} (text ends)` : fault;
    return undefined;
  }

  #blanks(): void {
    while (this.at < this.#length) {
      const c = this.#text.charCodeAt(this.at);
      if (c > SPACE || (c !== SPACE && c !== 0x0a && c !== 0x0d && c !== 0x09)) return;
      this.at++;
    }
  }

  #value(depth: number): JsonValue | undefined {
    const c = this.#text.charCodeAt(this.at);
    if (c === QUOTE) return this.#string();
    if (c === MINUS || (c >= ZERO && c <= NINE)) return this.#number();
    if (c === OPEN_BRACE) return depth < MAX_DEPTH ? this.#object(depth + 1) : this.#refuse('nested too deeply');
    if (c === OPEN_BRACKET) return depth < MAX_DEPTH ? this.#array(depth + 1) : this.#refuse('nested too deeply');
    if (c === 0x74) return this.#word('true', true);
    if (c === 0x66) return this.#word('false', false);
    if (c === 0x6e) return this.#word('null', null);
    return this.#refuse('a value expected');
  }

  #word(word: string, value: boolean | null): boolean | null | undefined {
    if (!this.#text.startsWith(word, this.at)) return this.#refuse('an unknown word');
    this.at += word.length;
    return value;
  }

  #object(depth: number): JsonObject | undefined {
    const object = new JsonObject();
    this.at++;
    this.#blanks();
    if (this.#text.charCodeAt(this.at) === CLOSE_BRACE) {
      this.at++;
      return object;
    }
    for (;;) {
      if (this.#text.charCodeAt(this.at) !== QUOTE) return this.#refuse('a key expected');
      const key = this.#string();
      if (key === undefined) return undefined;
      this.#blanks();
      if (this.#text.charCodeAt(this.at) !== COLON) return this.#refuse('":" expected');
      this.at++;
      this.#blanks();
      const value = this.#value(depth);
      if (value === undefined) return undefined;
      if (!object.add(key, value)) return this.#refuse(`key "${key.slice(0, 40)}" twice`);
      this.#blanks();
      const c = this.#text.charCodeAt(this.at);
      if (c !== COMMA && c !== CLOSE_BRACE) return this.#refuse('"," or "}" expected');
      this.at++;
      if (c === CLOSE_BRACE) return object;
      this.#blanks();
    }
  }

  #array(depth: number): readonly JsonValue[] | undefined {
    const array: JsonValue[] = [];
    this.at++;
    this.#blanks();
    if (this.#text.charCodeAt(this.at) === CLOSE_BRACKET) {
      this.at++;
      return array;
    }
    for (;;) {
      const value = this.#value(depth);
      if (value === undefined) return undefined;
      array.push(value);
      this.#blanks();
      const c = this.#text.charCodeAt(this.at);
      if (c !== COMMA && c !== CLOSE_BRACKET) return this.#refuse('"," or "]" expected');
      this.at++;
      if (c === CLOSE_BRACKET) return array;
      this.#blanks();
    }
  }

  #digits(): boolean {
    const from = this.at;
    for (;;) {
      const c = this.#text.charCodeAt(this.at);
      if (!(c >= ZERO && c <= NINE)) return this.at > from;
      this.at++;
    }
  }

  #number(): JsonNumber | undefined {
    const from = this.at;
    if (this.#text.charCodeAt(this.at) === MINUS) this.at++;
    if (this.#text.charCodeAt(this.at) === ZERO) {
      this.at++;
      const next = this.#text.charCodeAt(this.at);
      if (next >= ZERO && next <= NINE) return this.#refuse('a number with a leading zero');
    } else if (!this.#digits()) return this.#refuse('a digit expected');
    if (this.#text.charCodeAt(this.at) === DOT) {
      this.at++;
      if (!this.#digits()) return this.#refuse('a digit expected');
    }
    const e = this.#text.charCodeAt(this.at);
    if (e === 0x65 || e === 0x45) {
      this.at++;
      const sign = this.#text.charCodeAt(this.at);
      if (sign === 0x2b || sign === MINUS) this.at++;
      if (!this.#digits()) return this.#refuse('a digit expected');
    }
    return new JsonNumber(this.#text.slice(from, this.at));
  }

  /** The usual string has no escape and is one slice. */
  #string(): string | undefined {
    this.at++;
    const from = this.at;
    for (;;) {
      const c = this.#text.charCodeAt(this.at);
      if (c === QUOTE) {
        const value = this.#text.slice(from, this.at);
        this.at++;
        return value;
      }
      if (c === BACKSLASH) return this.#escaped(from);
      if (!(c >= SPACE)) return this.#refuse(c < SPACE ? 'a control character in a string' : 'a string without end');
      this.at++;
    }
  }

  #escaped(from: number): string | undefined {
    let value = this.#text.slice(from, this.at);
    let run = this.at;
    for (;;) {
      const c = this.#text.charCodeAt(this.at);
      if (c === QUOTE) {
        value += this.#text.slice(run, this.at);
        this.at++;
        return value.isWellFormed() ? value : this.#refuse('half of a surrogate pair');
      }
      if (!(c >= SPACE)) return this.#refuse(c < SPACE ? 'a control character in a string' : 'a string without end');
      if (c !== BACKSLASH) {
        this.at++;
        continue;
      }
      value += this.#text.slice(run, this.at);
      const kind = this.#text.charAt(this.at + 1);
      if (kind === 'u') {
        const unit = this.#hex(this.at + 2);
        if (unit < 0) return this.#refuse('four hex digits expected');
        value += String.fromCharCode(unit);
        this.at += 6;
      } else {
        const plain = ESCAPES[kind];
        if (plain === undefined) return this.#refuse('an unknown escape');
        value += plain;
        this.at += 2;
      }
      run = this.at;
    }
  }

  #hex(from: number): number {
    let unit = 0;
    for (let i = from; i < from + 4; i++) {
      const c = this.#text.charCodeAt(i);
      const digit =
        c >= ZERO && c <= NINE ? c - ZERO : c >= 0x61 && c <= 0x66 ? c - 0x57 : c >= 0x41 && c <= 0x46 ? c - 0x37 : -1;
      if (digit < 0) return -1;
      unit = unit * 16 + digit;
    }
    return unit;
  }
}

/** True for text that is one to `most` visible characters: nothing blank, no control or format characters, no quotes, no half pairs. */
export function isVisible(text: string, most: number): boolean {
  if (text.length === 0 || text.length > most) return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= SPACE || c === QUOTE || c === BACKSLASH || (c >= 0x7f && c <= 0xa0)) return false;
    if (c >= 0x2000 && c <= 0x206f) return false;
    if (c === 0x3000 || c === 0xfeff || c === 0xfffd) return false;
    if (c >= HIGH_SURROGATE && c < AFTER_SURROGATES) {
      const low = text.charCodeAt(i + 1);
      if (c >= LOW_SURROGATE || !(low >= LOW_SURROGATE && low < AFTER_SURROGATES)) return false;
      i++;
    }
  }
  return true;
}
