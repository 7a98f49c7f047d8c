// For what is not a control and must still be reached with the keyboard: a box that scrolls, a divider that moves.

export const reached = { tabIndex: 0 } as const;
