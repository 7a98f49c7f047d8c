// The earlier object as long as the new one says the same: new prices must not make a new chart.
import { useState } from 'react';

export function useStable<T>(value: T): T {
  const [kept, keep] = useState(value);
  if (kept === value || JSON.stringify(kept) === JSON.stringify(value)) return kept;
  keep(value);
  return value;
}
