// Read-only SQL over sealed hours, in a process of its own that can be killed. Nothing is declared here until the analyst exists.
export const analysis = {};
