// The proof that nothing vanished: what came in equals what was made of it. A sum that does not add up is loud.
import type { Totals } from '../../../src-shared/contract/archive.ts';
import { useText } from '../../i18n/text.ts';
import { Card, EmptyState, NoAnswer } from '../../parts/controls.tsx';
import { formatCount } from '../../parts/format.ts';
import { Mark } from '../../parts/mark.tsx';
import { useLive } from '../../state/live.ts';
import { balanceOf } from './balance.ts';

export function BalanceSheet() {
  const text = useText();
  const store = useLive((view) => view.store);
  const silent = useLive((view) => view.storeSilent);
  const words = text.live.balance;
  return (
    <Card title={<span title={words.what}>{words.title}</span>} testId="balance-sheet" className="balance-card">
      {silent ? (
        <NoAnswer />
      ) : store ? (
        <Sheet totals={store.totals} quarantined={store.quarantined} />
      ) : (
        <EmptyState title={text.common.noData} />
      )}
    </Card>
  );
}

function Sheet({ totals, quarantined }: { totals: Totals; quarantined: number }) {
  const text = useText();
  const words = text.live.balance;
  const { frames, ticks } = balanceOf(totals);
  return (
    <div className="balance">
      <Sum
        name={words.frames}
        testId="balance-frames"
        total={totals.frames}
        off={frames}
        parts={[
          { name: words.control, value: totals.control },
          { name: words.data, value: totals.data },
          { name: words.other, value: totals.other },
          { name: words.rejected, value: totals.rejected },
        ]}
      />
      <Sum
        name={words.ticks}
        testId="balance-ticks"
        total={totals.ticks}
        off={ticks}
        parts={[
          { name: words.stored, value: totals.stored },
          { name: words.duplicates, value: totals.duplicates },
        ]}
      />
      {(totals.rejectedRows > 0 || quarantined > 0) && (
        <p className="balance-more quiet">
          {totals.rejectedRows > 0 && <span>{words.rejectedRows(formatCount(totals.rejectedRows))}</span>}
          {quarantined > 0 && <span>{words.quarantined(formatCount(quarantined))}</span>}
        </p>
      )}
    </div>
  );
}

function Sum(props: {
  readonly name: string;
  readonly total: number;
  readonly off: number;
  readonly parts: readonly { readonly name: string; readonly value: number }[];
  readonly testId: string;
}) {
  const text = useText();
  const words = text.live.balance;
  return (
    <section className={props.off === 0 ? 'sum' : 'sum sum-off'} data-testid={props.testId} data-off={props.off}>
      <p className="sum-head">
        <span>{props.name}</span>
        <b>{formatCount(props.total)}</b>
        <span className="sum-check">
          {props.off === 0 ? (
            <Mark tone="ok">{words.adds}</Mark>
          ) : (
            <Mark tone="bad">
              <b>{words.off(formatCount(props.off))}</b>
            </Mark>
          )}
        </span>
      </p>
      <dl className="sum-parts">
        {props.parts.map((part) => (
          <div key={part.name}>
            <dt className="faint">{part.name}</dt>
            <dd>{formatCount(part.value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
