// The whole contract by name. A request or event exists when it is in here.
import type { z } from 'zod';
import { analysis } from './analysis.ts';
import { archive } from './archive.ts';
import { configuration } from './configuration.ts';
import { days } from './days.ts';
import type { EventDefinition, RequestDefinition } from './define.ts';
import { desktop } from './desktop.ts';
import { gaps } from './gaps.ts';
import { health } from './health.ts';
import { lines } from './lines.ts';
import { listings } from './listings.ts';
import { live } from './live.ts';
import { recording } from './recording.ts';
import { system } from './system.ts';

export const contract = {
  ...recording,
  ...lines,
  ...live,
  ...gaps,
  ...listings,
  ...archive,
  ...analysis,
  ...days,
  ...system,
  ...health,
  ...configuration,
  ...desktop,
};
export type Contract = typeof contract;

export type RequestName = {
  [N in keyof Contract]: Contract[N] extends RequestDefinition ? N : never;
}[keyof Contract];
export type EventName = {
  [N in keyof Contract]: Contract[N] extends EventDefinition ? N : never;
}[keyof Contract];

/** What an asker writes (defaults may be left out), what an owner receives, what comes back. */
export type RequestInput<N extends RequestName> = Contract[N] extends RequestDefinition<infer I> ? z.input<I> : never;
export type RequestParsed<N extends RequestName> = Contract[N] extends RequestDefinition<infer I> ? z.output<I> : never;
export type RequestOutput<N extends RequestName> =
  Contract[N] extends RequestDefinition<z.ZodType, infer O> ? z.output<O> : never;
export type EventValue<N extends EventName> = Contract[N] extends EventDefinition<infer V> ? z.output<V> : never;

const requestNames = new Set<string>(
  Object.entries(contract).flatMap(([name, definition]) => (definition.kind === 'request' ? [name] : [])),
);

export function isRequestName(name: string): name is RequestName {
  return requestNames.has(name);
}

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(contract, name) && !requestNames.has(name);
}
