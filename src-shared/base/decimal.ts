// Exact decimals: a venue's decimal text as an integer mantissa and a scale, and back, digit by digit.
// "61837.63000000" is 6183763000000 at scale 8; trailing zeros survive. Nothing here goes through a float.

/** mantissa / 10^scale. Canonical text has no sign '+', no exponent, no leading zeros but one before the point. */
export interface Decimal {
  readonly mantissa: bigint;
  readonly scale: number;
}

const CANONICAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** True when the text can be stored as mantissa and scale and given back unchanged. */
export function isCanonicalDecimal(text: string): boolean {
  return CANONICAL.test(text) && text !== '-0';
}

/** Undefined when the text is not canonical (exponents, blanks, leading zeros): keep such text as it is. */
export function parseDecimal(text: string): Decimal | undefined {
  if (!isCanonicalDecimal(text)) return undefined;
  const dot = text.indexOf('.');
  if (dot < 0) return { mantissa: BigInt(text), scale: 0 };
  const mantissa = BigInt(text.slice(0, dot) + text.slice(dot + 1));
  if (mantissa === 0n && text[0] === '-') return undefined;
  return { mantissa, scale: text.length - dot - 1 };
}

/** The text that parseDecimal read. */
export function formatDecimal(mantissa: bigint | number, scale: number): string {
  const digits = mantissa < 0 ? String(-mantissa) : String(mantissa);
  const sign = mantissa < 0 ? '-' : '';
  if (scale === 0) return sign + digits;
  const padded = digits.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** Exact product; the scale is the sum of both scales. Undefined when either text is not a plain decimal. */
export function multiplyDecimals(left: string, right: string): string | undefined {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (!a || !b) return undefined;
  return formatDecimal(a.mantissa * b.mantissa, a.scale + b.scale);
}

/** -1, 0 or 1 by value; "1.0" equals "1.00". Undefined when either text is not a plain decimal. */
export function compareDecimals(left: string, right: string): -1 | 0 | 1 | undefined {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (!a || !b) return undefined;
  const scale = Math.max(a.scale, b.scale);
  const x = a.mantissa * 10n ** BigInt(scale - a.scale);
  const y = b.mantissa * 10n ** BigInt(scale - b.scale);
  return x < y ? -1 : x > y ? 1 : 0;
}
