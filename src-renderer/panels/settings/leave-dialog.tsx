// The question before the panel is left with unsaved changes.
import { useEffect } from 'react';
import { useText } from '../../i18n/text.ts';
import { Button } from '../../parts/controls.tsx';
import { Modal } from '../../parts/modal.tsx';
import { useLeaveGuard } from '../../state/leave-guard.ts';
import { goTo } from '../../state/place.ts';
import { undoAll, useDraft } from './draft.ts';

export function LeaveDialog() {
  const text = useText();
  const words = text.settings.leave;
  const dirty = useDraft((state) => state.dirty);
  const asked = useLeaveGuard((state) => state.asked);
  useEffect(() => {
    useLeaveGuard.setState({ armed: dirty });
    return () => useLeaveGuard.setState({ armed: false, asked: null });
  }, [dirty]);
  useEffect(() => {
    // The desktop's window would not close at all, without a word.
    if (!dirty || 'tapedeck' in window) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [dirty]);
  const leave = (): void => {
    useLeaveGuard.setState({ armed: false, asked: null });
    if (asked) goTo(asked.panel, asked.item);
  };
  return (
    <Modal
      open={asked !== null}
      title={words.title}
      text={words.what}
      testId="leave-dialog"
      onClose={() => useLeaveGuard.setState({ asked: null })}
    >
      <div className="dialog-foot">
        <Button
          testId="leave-undo"
          onClick={() => {
            undoAll();
            leave();
          }}
        >
          {words.undo}
        </Button>
        <Button testId="leave-keep" onClick={leave}>
          {words.keep}
        </Button>
        <Button kind="primary" testId="leave-stay" onClick={() => useLeaveGuard.setState({ asked: null })}>
          {words.stay}
        </Button>
      </div>
    </Modal>
  );
}
