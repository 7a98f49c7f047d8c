// The envelopes that cross a process wall: screen <-> host <-> child. The same on a MessagePort, a WebSocket and a child's channel.
import { z } from 'zod';
import { failureSchema } from '../base/result.ts';

const id = z.number().int().nonnegative();

/** Asker to owner. */
export const requestEnvelope = z.object({ t: z.literal('request'), id, name: z.string(), input: z.unknown() });
/** Asker to owner: the answer is no longer wanted. */
export const cancelEnvelope = z.object({ t: z.literal('cancel'), id });
/** Subscribe to an event; the latest value comes first, then changes with running numbers. */
export const subscribeEnvelope = z.object({ t: z.literal('subscribe'), id, name: z.string() });
export const unsubscribeEnvelope = z.object({ t: z.literal('unsubscribe'), id });
/** Owner to asker. */
export const replyEnvelope = z.object({
  t: z.literal('reply'),
  id,
  result: z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value: z.unknown() }),
    z.object({ ok: z.literal(false), failure: failureSchema }),
  ]),
});
/** seq runs from 1 per subscription: a hole means that values were skipped, never that they were reordered. */
export const eventEnvelope = z.object({ t: z.literal('event'), id, seq: z.number().int(), value: z.unknown() });

export const upEnvelope = z.discriminatedUnion('t', [
  requestEnvelope,
  cancelEnvelope,
  subscribeEnvelope,
  unsubscribeEnvelope,
]);
export const downEnvelope = z.discriminatedUnion('t', [replyEnvelope, eventEnvelope]);
export type UpEnvelope = z.infer<typeof upEnvelope>;
export type DownEnvelope = z.infer<typeof downEnvelope>;

/** What a child says of itself to the supervisor, beside replies and events: ready, alive, leaving on purpose; a value for every subscriber of one of its events. */
export const childEnvelope = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), process: z.string(), pid: z.number().int() }),
  z.object({ t: z.literal('ready') }),
  z.object({
    t: z.literal('beat'),
    atMs: z.number(),
    /** Resident memory, and processor time since its start. */
    rssBytes: z.number().optional(),
    cpuUs: z.number().optional(),
  }),
  z.object({ t: z.literal('goodbye'), reason: z.string() }),
  z.object({ t: z.literal('publish'), name: z.string(), value: z.unknown() }),
  replyEnvelope,
  requestEnvelope,
]);
export type ChildEnvelope = z.infer<typeof childEnvelope>;

/** What the supervisor says to a child. A child's own request (collector asks store, or the other way) is answered with a reply. */
export const parentEnvelope = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('start'),
    dataDir: z.string(),
    settings: z.unknown(),
    options: z.record(z.string(), z.unknown()),
  }),
  z.object({ t: z.literal('drain'), reason: z.string() }),
  requestEnvelope,
  cancelEnvelope,
  replyEnvelope,
]);
export type ParentEnvelope = z.infer<typeof parentEnvelope>;
