// A clock that re-renders: for ages and countdowns, once a second is enough for eyes. Where nobody can see it, it stands still.
import { useEffect, useState } from 'react';

/** performance.now() of the last beat. */
export function useBeat(everyMs = 1000): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const beat = (): void => {
      if (!document.hidden) setNow(performance.now());
    };
    const timer = setInterval(beat, everyMs);
    document.addEventListener('visibilitychange', beat);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', beat);
    };
  }, [everyMs]);
  return now;
}
