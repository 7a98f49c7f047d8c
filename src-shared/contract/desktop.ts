// What only a desktop can do: show another recorder in its window, over the network, by address and token.
import { z } from 'zod';
import { event, request } from './define.ts';

export const remoteStates = ['local', 'connecting', 'open', 'gone', 'refused'] as const;

export const recordersSchema = z.object({
  /** Address of the recorder that the window shows; null: the one of this computer. */
  attached: z.string().nullable(),
  state: z.enum(remoteStates),
  /** Why it is not open. */
  note: z.string().nullable(),
  /** Recorders that were attached before; kept: with their token, in the system's own store. */
  remotes: z.array(z.object({ url: z.string(), kept: z.boolean() })),
  /** This system can keep a token safely; else it must be given each time. */
  canKeep: z.boolean(),
});
export type Recorders = z.infer<typeof recordersSchema>;

export const screenLanguages = ['en', 'ko'] as const;
export type ScreenLanguage = (typeof screenLanguages)[number];

export const desktop = {
  'desktop.recorders': event('desktop', recordersSchema),
  /**
   * Shows the recorder at this address. The token may stand in the address (as a host prints it) and is taken out of it; without one the
   * kept one is used. Plain http is refused for anything but this computer, unless insecure says otherwise.
   */
  'desktop.attach': request(
    'desktop',
    z.object({
      url: z.string().max(2000),
      token: z.string().max(500).optional(),
      insecure: z.boolean().default(false),
      keep: z.boolean().default(true),
    }),
    z.object({ url: z.string() }),
    { timeoutMs: 20_000 },
  ),
  /** Back to the recorder of this computer. */
  'desktop.detach': request('desktop', z.object({}), z.object({})),
  /** The language that the screen is shown in: the native menu and questions follow it. */
  'desktop.language': request('desktop', z.object({ language: z.enum(screenLanguages) }), z.object({})),
  /** Takes an address and its token out of the list. */
  'desktop.forget': request('desktop', z.object({ url: z.string() }), z.object({})),
};
