// Asks before a panel is left that holds something unsaved. A panel arms the guard; whoever shows the question lets go or stays.
import { create } from 'zustand';
import type { Place } from './address.ts';

interface LeaveGuard {
  readonly armed: boolean;
  /** Where the reader wanted to go; null: nowhere. */
  readonly asked: Place | null;
}

export const useLeaveGuard = create<LeaveGuard>(() => ({ armed: false, asked: null }));

/** True when leaving must be asked first; then the question is open. */
export function holdsBack(now: Place, next: Place): boolean {
  if (!useLeaveGuard.getState().armed || next.panel === now.panel) return false;
  useLeaveGuard.setState({ asked: next });
  return true;
}
