// Two short tones, made by the browser itself: no file, no network. A browser that has not been clicked yet may refuse; the caller is told.

let context: AudioContext | null = null;

const TONES = [
  { hertz: 660, at: 0 },
  { hertz: 880, at: 0.16 },
] as const;
const LONG = 0.34;
const LOUD = 0.14;

/** True when it sounds; false when the browser allows no sound before a click on this page. */
export async function playChime(): Promise<boolean> {
  context ??= new AudioContext();
  const { destination } = context;
  if (context.state !== 'running') {
    // Without a click the promise of resume() may stay open for ever.
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 250))]);
  }
  // TypeScript does not know that resume() changes the state.
  const state: AudioContextState = context.state;
  if (state !== 'running') return false;
  for (const { hertz, at } of TONES) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    const begin = context.currentTime + at;
    tone.type = 'sine';
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, begin);
    gain.gain.linearRampToValueAtTime(LOUD, begin + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, begin + LONG);
    tone.connect(gain).connect(destination);
    tone.start(begin);
    tone.stop(begin + LONG);
  }
  return true;
}
