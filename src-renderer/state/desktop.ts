// The desktop that this screen is shown in: which recorder its window is attached to, and how to attach another one. Nothing in a browser.
import { create } from 'zustand';
import type { Result } from '../../src-shared/base/result.ts';
import type { Recorders, ScreenLanguage } from '../../src-shared/contract/desktop.ts';
import type { RequestInput } from '../../src-shared/contract/index.ts';
import type { LinkClient } from '../link/client.ts';

interface Desktop {
  /** null: no desktop, or it has not spoken yet. */
  readonly recorders: Recorders | null;
  readonly attach: (input: RequestInput<'desktop.attach'>) => Promise<Result<unknown>>;
  readonly detach: () => Promise<Result<unknown>>;
  readonly forget: (url: string) => Promise<Result<unknown>>;
}

const nowhere = async (): Promise<Result<unknown>> => ({
  ok: false,
  failure: { code: 'system.no-desktop', message: 'this screen is not shown by a desktop', retry: false },
});

export const useDesktop = create<Desktop>(() => ({
  recorders: null,
  attach: nowhere,
  detach: nowhere,
  forget: nowhere,
}));

/** Follows the desktop for as long as the page lives. */
export function followDesktop(link: LinkClient): void {
  useDesktop.setState({
    attach: (input) => link.request('desktop.attach', input),
    detach: () => link.request('desktop.detach', {}),
    forget: (url) => link.request('desktop.forget', { url }),
  });
  link.subscribe('desktop.recorders', (recorders) => useDesktop.setState({ recorders }));
}

/** Keeps the desktop told of the language that the screen is shown in: its menu and questions follow. */
export function tellLanguage(
  link: Pick<LinkClient, 'request' | 'state' | 'onState'>,
  spoken: { getState(): { readonly language: ScreenLanguage }; subscribe(listener: () => void): unknown },
): void {
  let told: ScreenLanguage | null = null;
  const tell = (): void => {
    const { language } = spoken.getState();
    // A pipe that opens anew may lead to a desktop that does not know.
    if (link.state().phase !== 'open') told = null;
    else if (language !== told) {
      told = language;
      void link.request('desktop.language', { language });
    }
  };
  spoken.subscribe(tell);
  link.onState(tell);
  tell();
}
