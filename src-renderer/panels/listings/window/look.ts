// How windows are looked at: the clock, the drawing, the open tab. Kept while the reader goes from version to version.
import { create } from 'zustand';
import type { Alignment } from '../../../../src-shared/contract/listings.ts';

export const layouts = ['percent', 'price', 'lanes'] as const;
/** All streams as percent of their first price, one with its price, or each with its price below the others. */
export type Layout = (typeof layouts)[number];

export const tabs = ['figures', 'leads', 'versions', 'files', 'clocks', 'terms'] as const;
export type Tab = (typeof tabs)[number];

interface Look {
  readonly align: Alignment;
  readonly layout: Layout;
  readonly tab: Tab;
}

export const useLook = create<Look>(() => ({ align: 'published', layout: 'percent', tab: 'figures' }));

export function changeLook(change: Partial<Look>): void {
  useLook.setState(change);
}
