// The verdicts that decoders give; the commonest is a shared object, so that a good frame costs no allocation.
import type { FrameVerdict } from './feed.ts';

export const trades: FrameVerdict = { kind: 'trades', reason: '' };

export function control(reason: string): FrameVerdict {
  return { kind: 'control', reason };
}

/** A channel that is not trades. */
export function other(reason: string): FrameVerdict {
  return { kind: 'other', reason };
}

/** Unreadable; a reason that begins `legacy:` is a format that the venue no longer sends. */
export function quarantine(reason: string): FrameVerdict {
  return { kind: 'quarantine', reason };
}
