// Says what an act on a line costs before it is done: nothing while the other line stands, trades when it does not.
import { useRef } from 'react';
import type { LineState } from '../../../src-shared/contract/recording.ts';
import { useText } from '../../i18n/text.ts';
import { Button } from '../../parts/controls.tsx';
import { formatCount } from '../../parts/format.ts';
import { Mark } from '../../parts/mark.tsx';
import { Modal } from '../../parts/modal.tsx';
import { isWhole, stopCosts, twinOf } from './line-rows.ts';

export type LineAct = 'renew' | 'stop' | 'start';

/** The cost is judged from the newest meter while the dialog is open: it may change under the reader's eyes. */
export function LineConfirm(props: {
  readonly act: LineAct;
  readonly line: LineState;
  readonly lines: readonly LineState[];
  onDo(evenIfLast: boolean): void;
  onClose(): void;
}) {
  const { act, line, lines } = props;
  const words = useText().lines.confirm;
  const first = useRef<HTMLButtonElement>(null);
  const costs = stopCosts(lines, line);
  const loses = act === 'stop' && costs.loses;
  const title = { renew: words.renewTitle, stop: words.stopTitle, start: words.startTitle }[act](line.id);
  return (
    <Modal open title={title} testId="line-confirm" initialFocus={first} onClose={props.onClose}>
      <div className="line-confirm">
        {act === 'renew' && <RenewWords line={line} lines={lines} />}
        {act === 'start' && <Mark tone="ok">{words.startWhat}</Mark>}
        {act === 'stop' &&
          (costs.loses ? (
            <p className="line-loses">
              <Mark tone="bad">{words.stopLoses(formatCount(line.wanted))}</Mark>
            </p>
          ) : (
            <Mark tone="ok">{words.stopSafe(costs.other)}</Mark>
          ))}
        {act === 'stop' && <p className="dialog-text">{words.stopUntil}</p>}
      </div>
      <div className="dialog-foot">
        <Cancel onClose={props.onClose} focus={loses ? first : null} />
        <FocusButton
          focus={loses ? null : first}
          loses={loses}
          label={
            act === 'renew' ? words.renewGo : act === 'start' ? words.startGo : loses ? words.stopAnyway : words.stopGo
          }
          onClick={() => props.onDo(loses)}
        />
      </div>
    </Modal>
  );
}

function RenewWords({ line, lines }: { line: LineState; lines: readonly LineState[] }) {
  const words = useText().lines.confirm;
  const twin = twinOf(lines, line);
  const stands = twin !== null && isWhole(twin);
  return (
    <>
      <Mark tone="ok">{words.renewWhat}</Mark>
      {stands ? <p className="dialog-text">{words.renewWith(twin.id)}</p> : <Mark tone="warn">{words.renewAlone}</Mark>}
    </>
  );
}

type FocusRef = React.RefObject<HTMLButtonElement | null> | null;

function Cancel({ onClose, focus }: { onClose(): void; focus: FocusRef }) {
  const text = useText();
  return (
    <button type="button" className="button" ref={focus ?? undefined} onClick={onClose} data-testid="line-cancel">
      {text.common.cancel}
    </button>
  );
}

/** What loses trades never has the focus first: Enter alone must not do it. */
function FocusButton(props: { focus: FocusRef; loses: boolean; label: string; onClick(): void }) {
  if (props.focus === null)
    return (
      <Button className="line-danger" onClick={props.onClick} testId="line-do">
        {props.label}
      </Button>
    );
  return (
    <button
      type="button"
      className="button button-primary"
      ref={props.focus}
      onClick={props.onClick}
      data-testid="line-do"
    >
      {props.label}
    </button>
  );
}
