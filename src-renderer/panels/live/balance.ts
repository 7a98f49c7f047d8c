// The two equations of the balance sheet.
import type { Totals } from '../../../src-shared/contract/archive.ts';

/** How far each equation is off; 0 when it adds up. frames = control + data + other + rejected; ticks = stored + duplicates. */
export function balanceOf(totals: Totals): { readonly frames: number; readonly ticks: number } {
  return {
    frames: totals.frames - (totals.control + totals.data + totals.other + totals.rejected),
    ticks: totals.ticks - (totals.stored + totals.duplicates),
  };
}
