// Which of the shell's own windows is open. Palette and shortcut sheet are in the state of commands, because keys close them again.
import { create } from 'zustand';

export const useOpen = create<{ readonly notices: boolean; readonly host: boolean }>(() => ({
  notices: false,
  host: false,
}));
