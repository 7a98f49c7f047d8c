// The lower left of Live: lines, what happened, top movers or delays; two of them side by side where there is room. Only what is shown asks.
import { useSyncExternalStore } from 'react';
import { create } from 'zustand';
import { useText } from '../../i18n/text.ts';
import { Choice } from '../../parts/controls.tsx';
import { useCommands } from '../../state/commands.ts';
import { DelaysCard } from './delays-card.tsx';
import { HappenedCard } from './happened-card.tsx';
import { LinesCard } from './lines-card.tsx';
import { MoversCard } from './movers-card.tsx';

const panes = ['lines', 'happened', 'movers', 'delays'] as const;
type Pane = (typeof panes)[number];

const KEY = 'tapedeck.live-panes';
const WIDE = '(min-width: 1700px)';

interface PaneState {
  readonly left: Pane;
  readonly right: Pane;
}

function remembered(): PaneState {
  const [left, right] = (localStorage.getItem(KEY) ?? '').split(' ');
  return {
    left: panes.find((pane) => pane === left) ?? 'lines',
    right: panes.find((pane) => pane === right) ?? 'happened',
  };
}

const usePanes = create<PaneState>(remembered);

function show(change: Partial<PaneState>): void {
  usePanes.setState(change);
  const { left, right } = usePanes.getState();
  localStorage.setItem(KEY, `${left} ${right}`);
}

function useWide(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(WIDE);
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => matchMedia(WIDE).matches,
  );
}

export function LivePanes() {
  const { watch: words, live } = useText();
  const wide = useWide();
  const { left, right } = usePanes();
  useCommands(
    'live-panes',
    panes.map((pane) => ({
      id: `live-${pane}`,
      section: live.title,
      title: words.panes[pane],
      run: () => show({ left: pane }),
    })),
  );
  return (
    <div className="live-panes" data-testid="live-pane">
      <PaneBox pane={left} onChange={(pane) => show({ left: pane })} />
      {wide && <PaneBox pane={right} onChange={(pane) => show({ right: pane })} />}
    </div>
  );
}

function PaneBox({ pane, onChange }: { pane: Pane; onChange(pane: Pane): void }) {
  const words = useText().watch;
  return (
    <div className="live-pane">
      <Choice<Pane>
        small
        label={words.pane}
        value={pane}
        options={panes.map((value) => ({ value, label: words.panes[value] }))}
        onChange={onChange}
      />
      {pane === 'lines' && <LinesCard />}
      {pane === 'happened' && <HappenedCard />}
      {pane === 'movers' && <MoversCard />}
      {pane === 'delays' && <DelaysCard />}
    </div>
  );
}
