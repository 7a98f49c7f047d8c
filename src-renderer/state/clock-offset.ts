// How far the host's clock and this screen's are apart, as far as messages can tell: a message cannot come before it was sent.
import { create } from 'zustand';
import type { LinkClient } from '../link/client.ts';

/** A minute of meters at four a second. */
const SAMPLES = 240;
const TOLD_EVERY = 20;

/** Screen minus host, ms; null: not known yet. The way of the message is in it, so it is an upper bound for a host whose clock is behind. */
export const useClockOffset = create<{ readonly offsetMs: number | null }>(() => ({ offsetMs: null }));

export interface OffsetWindow {
  /** A message that was sent at `sentMs` of the host's clock came at `cameMs` of the screen's. */
  add(sentMs: number, cameMs: number): void;
  /** The smallest difference in the window: the message that was on its way for the shortest time. */
  least(): number | null;
  clear(): void;
}

export function createOffsetWindow(capacity = SAMPLES): OffsetWindow {
  const kept = new Float64Array(capacity);
  let count = 0;
  return {
    add: (sentMs, cameMs) => {
      kept[count % capacity] = cameMs - sentMs;
      count += 1;
    },
    least: () => (count === 0 ? null : Math.min(...kept.subarray(0, Math.min(count, capacity)))),
    clear: () => {
      count = 0;
    },
  };
}

/** Measures from the collector's meter until the returned function is called. */
export function followClockOffset(link: LinkClient): () => void {
  const window = createOffsetWindow();
  let since = TOLD_EVERY;
  const stopMeter = link.subscribe('recording.meter', (meter) => {
    window.add(meter.atUs / 1000, Date.now());
    since += 1;
    if (since < TOLD_EVERY) return;
    since = 0;
    useClockOffset.setState({ offsetMs: window.least() });
  });
  const stopState = link.onState(() => {
    if (link.state().phase === 'open') return;
    // Another host may answer next, or this clock may have been set meanwhile.
    window.clear();
    since = TOLD_EVERY;
    if (useClockOffset.getState().offsetMs !== null) useClockOffset.setState({ offsetMs: null });
  });
  return () => {
    stopMeter();
    stopState();
  };
}
