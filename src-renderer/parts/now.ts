// A clock that re-renders: for ages and countdowns, once a second is enough for eyes.
import { useEffect, useState } from 'react';

/** performance.now() of the last beat. */
export function useBeat(everyMs = 1000): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
