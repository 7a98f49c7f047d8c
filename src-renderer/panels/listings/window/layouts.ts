// How a window is drawn: all streams as percent of their base price, one with its price, or each with its price below the others.

export const layouts = ['percent', 'price', 'lanes'] as const;
export type Layout = (typeof layouts)[number];
