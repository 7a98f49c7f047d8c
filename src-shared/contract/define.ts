// How a request and an event are declared: who owns it and what its shapes are. Everything that runs between processes is declared with these.
import type { z } from 'zod';

/** The process that answers. desktop: the part of the host that only a desktop has. */
export type Owner = 'host' | 'desktop' | 'collector' | 'store' | 'analyst' | 'rehearsal';

export interface RequestDefinition<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly kind: 'request';
  readonly owner: Owner;
  readonly input: I;
  readonly output: O;
  /** How long the router waits for a reply; long work answers at once with a job id and reports by events. */
  readonly timeoutMs: number;
}

export interface EventDefinition<V extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  readonly owner: Owner;
  readonly value: V;
}

export function request<I extends z.ZodType, O extends z.ZodType>(
  owner: Owner,
  input: I,
  output: O,
  options: { timeoutMs?: number } = {},
): RequestDefinition<I, O> {
  return { kind: 'request', owner, input, output, timeoutMs: options.timeoutMs ?? 15_000 };
}

export function event<V extends z.ZodType>(owner: Owner, value: V): EventDefinition<V> {
  return { kind: 'event', owner, value };
}
