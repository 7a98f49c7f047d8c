// Processor time: who steps back for whom. Promises: no process ever asks for more than it was started with, which only root may.
import { constants, getPriority, setPriority } from 'node:os';

/** The niceness one step behind a process that has this one. */
export function behind(niceness: number): number {
  return Math.min(constants.priority.PRIORITY_LOW, niceness + constants.priority.PRIORITY_BELOW_NORMAL);
}

/** This process, and threads that start later, step behind those that were started like it. */
export function stepBack(): void {
  setPriority(behind(getPriority()));
}
