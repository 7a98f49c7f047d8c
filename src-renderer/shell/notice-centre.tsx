// Messages: everything that the console told, newest first, with its time and where it can be seen.
import { usePreferences } from '../i18n/preferences.ts';
import { useText } from '../i18n/text.ts';
import { Button, EmptyState } from '../parts/controls.tsx';
import { formatTime } from '../parts/format.ts';
import { MarkShape } from '../parts/mark.tsx';
import { Modal } from '../parts/modal.tsx';
import { clearNotices, markNoticesRead, muteNotices, useNotices } from '../parts/notices.ts';
import { reached } from '../parts/reached.ts';
import { useOpen } from './open.ts';

export function NoticeCentre() {
  const text = useText();
  const open = useOpen((state) => state.notices);
  const close = (): void => {
    useOpen.setState({ notices: false });
    // They were in sight until now: closing is having read them.
    markNoticesRead();
  };
  return (
    <Modal open={open} title={text.shell.notices.title} className="drawer" testId="notices" onClose={close}>
      <Notices onClose={close} />
    </Modal>
  );
}

function Notices({ onClose }: { onClose(): void }) {
  const text = useText();
  const words = text.shell.notices;
  const { zone, language } = usePreferences();
  const { history, unread, muted } = useNotices();
  return (
    <>
      <div className="drawer-tools">
        <Button
          small
          testId="notices-mute"
          aria-pressed={muted}
          onClick={() => {
            muteNotices(!muted);
          }}
        >
          {muted ? words.unmute : words.mute}
        </Button>
        <Button small testId="notices-clear" disabled={history.length === 0} onClick={clearNotices}>
          {words.clear}
        </Button>
      </div>
      {muted && <p className="quiet drawer-note">{words.muted}</p>}
      {history.length === 0 ? (
        <EmptyState title={words.none} text={words.noneWhat} testId="notices-empty" />
      ) : (
        <ul className="drawer-list" data-testid="notices-list" {...reached} aria-label={words.title}>
          {history.map((notice, at) => (
            <li key={notice.id} className="drawer-item" data-unread={at < unread || undefined} data-tone={notice.tone}>
              <MarkShape tone={notice.tone} />
              <div className="drawer-words">
                <p>
                  <span className="unseen">{words.tones[notice.tone]}: </span>
                  {notice.said[language]}
                </p>
                <p className="faint">
                  {formatTime(notice.atUs, zone)}
                  {at < unread && <b className="drawer-new"> · {words.unread}</b>}
                </p>
              </div>
              {notice.place !== null && (
                <a className="drawer-place" href={notice.place} onClick={onClose}>
                  {words.show}
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="dialog-foot">
        <Button onClick={onClose}>{text.common.close}</Button>
      </div>
    </>
  );
}
