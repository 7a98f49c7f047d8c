// Expected trouble as a value: what a call gives back when it can fail for reasons a caller should handle.
import { z } from 'zod';

/** Why a call did not succeed: a stable dotted code, a sentence that names the thing and the value, and whether trying again can help. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retry: boolean;
  readonly detail?: unknown;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  retry: z.boolean(),
  detail: z.unknown().optional(),
});

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** A failed Result. `retry` says whether the same call may succeed later without anyone changing anything. */
export function fail(
  code: string,
  message: string,
  options: { retry?: boolean; detail?: unknown } = {},
): Result<never> {
  const failure: Failure = { code, message, retry: options.retry ?? false };
  return { ok: false, failure: options.detail === undefined ? failure : { ...failure, detail: options.detail } };
}

/** The message of anything thrown; Node errors keep their code in front. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code && !error.message.includes(code) ? `${code}: ${error.message}` : error.message;
  }
  return String(error);
}

/** Thrown where a Result cannot travel (a stream, a constructor); carries the failure unchanged. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'FailureError';
    this.failure = failure;
  }
}

/** The value, or the failure thrown as a FailureError. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new FailureError(result.failure);
}
