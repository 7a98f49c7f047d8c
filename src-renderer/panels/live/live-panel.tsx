// Live: is it recording, is anything missing, is it keeping up. One screen, no scrolling at 1280 by 800.
import { useText } from '../../i18n/text.ts';
import { EmptyState } from '../../parts/controls.tsx';
import { Splitter, useSplit } from '../../parts/splitter.tsx';
import { useLive } from '../../state/live.ts';
import { BalanceSheet } from './balance-sheet.tsx';
import { Figures } from './figures.tsx';
import { GapCard } from './gap-card.tsx';
import { HistoryCard } from './history-card.tsx';
import { LivePanes } from './live-pane.tsx';
import './live.css';
import { NotesCard } from './notes-card.tsx';
import { VenuesCard } from './venues-card.tsx';

export function LivePanel() {
  const text = useText();
  const known = useLive((view) => view.collector !== null || view.store !== null);
  const split = useSplit('live', 300, 900);
  if (!known) {
    return (
      <div className="live-waiting">
        <EmptyState title={text.live.waiting} text={text.live.waitingWhat} testId="live-waiting" />
        <NotesCard />
      </div>
    );
  }
  return (
    <div className="live" style={split.style}>
      <Figures />
      <HistoryCard />
      <LivePanes />
      <aside className="live-side">
        <Splitter split={split} testId="live-splitter" />
        <VenuesCard />
        <BalanceSheet />
        <GapCard />
        <NotesCard />
      </aside>
    </div>
  );
}
