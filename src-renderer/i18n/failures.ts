// What a request that failed says, in the reader's language and zone. A failure reaches a screen through here alone, so that a new place has it too.
import type { Failure } from '../../src-shared/base/result.ts';
import type { Text } from './text.ts';

export type Told = Pick<Failure, 'code' | 'message'>;

/** What DuckDB said of the reader's own statement is nobody's to rewrite, not even its times. */
const verbatim: ReadonlySet<string> = new Set(['analysis.sql']);

export function failureWords(text: Text, { code, message }: Told): string {
  return verbatim.has(code) ? message : text.common.note(message);
}
