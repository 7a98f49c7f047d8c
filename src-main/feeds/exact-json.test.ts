// The JSON reader keeps every digit, agrees with JSON.parse on what is JSON, and survives any bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonNumber, JsonObject, type JsonValue, MAX_DEPTH, parseJson, parseJsonText } from './exact-json.ts';

function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (value instanceof JsonObject)
    return Object.fromEntries(value.keys.map((key, i) => [key, plain(value.values[i] ?? null)]));
  return Array.isArray(value) ? value.map((entry: JsonValue) => plain(entry)) : value;
}

/** The value, or undefined when refused. */
function read(text: string): unknown {
  const parsed = parseJsonText(text);
  return parsed.ok ? plain(parsed.value) : undefined;
}

function refusal(bytes: string | Uint8Array): string {
  const parsed = parseJson(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  return parsed.ok ? 'accepted' : `${parsed.failure.code}: ${parsed.failure.message}`;
}

describe('exact JSON', () => {
  it('keeps the digits of every number', () => {
    for (const text of [
      '17883351803770004',
      '0.00000115',
      '106691000.00000000',
      '-0',
      '1.0E-8',
      '9223372036854775807',
    ]) {
      const parsed = parseJsonText(text);
      expect(parsed.ok && parsed.value instanceof JsonNumber && parsed.value.text).toBe(text);
    }
  });

  it('reads what JSON.parse reads, as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        const parsed = parseJsonText(text);
        // Two equal keys are the one thing that this reader refuses and JSON.parse lets pass.
        if (!parsed.ok && /twice/.test(parsed.failure.message)) return;
        expect(read(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what JSON.parse refuses, whatever one character is changed', () => {
    const sample = '{"a":[1,-2.50e+3,true,false,null,"x\\u00e9\\n"],"b":{"c":""}}';
    for (let i = 0; i < sample.length; i++) {
      for (const put of ['', '"', '{', ']', '0', '-', '.', ',', ' ', '\\', 'e', '\u0001', 'é']) {
        const text = sample.slice(0, i) + put + sample.slice(i + 1);
        let known: unknown;
        try {
          known = JSON.parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
          known = undefined;
        }
        expect([text, read(text)]).toEqual([text, known]);
      }
    }
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof parseJson(bytes).ok).toBe('boolean');
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['{"a":1,"a":2}', 'key "a" twice'],
    ['{"a":1} x', 'something follows'],
    ['{"a":1', 'expected (text ends)'],
    ['', 'a value expected'],
    ['NaN', 'a value expected'],
    ['[Infinity]', 'a value expected'],
    ['-Infinity', 'a digit expected'],
    ['01', 'leading zero'],
    ['1.', 'a digit expected'],
    ['+1', 'a value expected'],
    ['"\\ud800"', 'surrogate'],
    ['"\t"', 'control character'],
    ['\ufeff{}', 'a value expected'],
    ['[1,]', 'a value expected'],
    ["{'a':1}", 'a key expected'],
  ])('refuses %s', (text, reason) => {
    expect(refusal(text)).toContain(reason);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toBe('json.encoding: not UTF-8');
    expect(refusal(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe('json.encoding: not UTF-8');
  });

  it('reads as deep as its limit and refuses one level more, and a million', () => {
    expect(parseJsonText('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH)).ok).toBe(true);
    expect(refusal('['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1))).toContain('nested too deeply');
    expect(refusal('[{"a":'.repeat(1_000_000))).toContain('nested too deeply');
  });

  it('treats names of the prototype as names', () => {
    const parsed = parseJsonText('{"__proto__":1,"constructor":2,"toString":3}');
    const object = parsed.ok && parsed.value instanceof JsonObject ? parsed.value : new JsonObject();
    expect(object.keys).toEqual(['__proto__', 'constructor', 'toString']);
    expect(object.has('hasOwnProperty')).toBe(false);
  });

  it('finds doubles and members among many keys', () => {
    const many = Array.from({ length: 500 }, (_, i) => `"k${i}":${i}`);
    const parsed = parseJsonText(`{${many.join()}}`);
    const last = parsed.ok && parsed.value instanceof JsonObject ? parsed.value.get('k499') : undefined;
    expect(last instanceof JsonNumber && last.text).toBe('499');
    expect(refusal(`{${many.join()},"k7":1}`)).toContain('key "k7" twice');
  });
});
