// What every Bybit v5 REST reply has around its list, and what its return codes mean.
// Sources: bybit-exchange/docs v5/guide.mdx (common response), v5/error.mdx.
import { fail, ok, type Result } from '../../../src-shared/base/result.ts';
import { quoted } from '../cells.ts';
import { JsonNumber, JsonObject, type JsonValue, parseJson, parseNative } from '../exact-json.ts';
import { memberOf } from '../list-fields.ts';

export type Category = 'spot' | 'linear';

/** Codes after which the same request may succeed: server timeout and restarts, too many visits, address limited. */
export const PASSING: ReadonlySet<string> = new Set(['10000', '10006', '10016', '10018', '10429']);

/** Too many visits, address limited, frequency protection: they come with HTTP 200. */
const LIMITED: ReadonlySet<unknown> = new Set([10006, 10018, 10429]);
/** A reply that holds anything is longer, one that only refuses is not. */
const SHORT_BYTES = 2048;

export function statusIn(body: Uint8Array): number | null {
  if (body.length > SHORT_BYTES) return null;
  const parsed = parseNative(body);
  return parsed.ok && LIMITED.has(memberOf(parsed.value, 'retCode')) ? 429 : null;
}

/** The `list` of a reply; `what` names the request in failures, `code` begins their code. */
export function listOf(code: 'history' | 'candles', what: string, body: Uint8Array): Result<readonly JsonValue[]> {
  const parsed = parseJson(body);
  if (!parsed.ok) return fail(`${code}.reply`, `bybit ${what}: ${parsed.failure.message}`, { retry: true });
  const reply = parsed.value;
  if (!(reply instanceof JsonObject)) return fail(`${code}.reply`, `bybit ${what}: ${quoted(reply)} is not a reply`);
  const retCode = reply.get('retCode');
  const number = retCode instanceof JsonNumber ? retCode.text : quoted(retCode);
  if (number !== '0')
    return fail(`${code}.refused`, `bybit ${what}: ${number} ${quoted(reply.get('retMsg'))}`, {
      retry: PASSING.has(number),
    });
  const result = reply.get('result');
  const list = result instanceof JsonObject ? result.get('list') : undefined;
  if (!Array.isArray(list)) return fail(`${code}.reply`, `bybit ${what}: list is ${quoted(list)}`);
  return ok(list);
}

/** Numbers that REST writes in quotes, read as if they were bare. */
export function unquoted(value: JsonValue | undefined): JsonValue | undefined {
  return typeof value === 'string' ? new JsonNumber(value) : value;
}
