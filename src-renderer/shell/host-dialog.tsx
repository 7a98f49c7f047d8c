// The host behind the screen: version, folder, link and processes, as they are at this moment.
import { usePreferences } from '../i18n/preferences.ts';
import { useText } from '../i18n/text.ts';
import { useEvent, useLinkState } from '../link/hooks.tsx';
import { Button } from '../parts/controls.tsx';
import { formatAge, formatCount, formatTime, NOTHING } from '../parts/format.ts';
import { Mark, type Tone } from '../parts/mark.tsx';
import { Modal } from '../parts/modal.tsx';
import { noteRefusals } from '../parts/notes.ts';
import { useBeat } from '../parts/now.ts';
import type { SystemState } from '../state/recording-state.ts';
import { useOpen } from './open.ts';

const tones: Record<SystemState['children'][number]['state'], Tone> = {
  starting: 'busy',
  ready: 'ok',
  restarting: 'busy',
  held: 'bad',
  stopped: 'idle',
};

export function HostDialog() {
  const text = useText();
  const open = useOpen((state) => state.host);
  const close = (): void => useOpen.setState({ host: false });
  return (
    <Modal open={open} title={text.shell.host.title} className="host-dialog" testId="host-dialog" onClose={close}>
      <HostFacts />
      <div className="dialog-foot">
        <Button onClick={close}>{text.common.close}</Button>
      </div>
    </Modal>
  );
}

function HostFacts() {
  const text = useText();
  const words = text.shell.host;
  const zone = usePreferences((preferences) => preferences.zone);
  const system = useEvent('system.state');
  const link = useLinkState();
  const since = formatAge(useBeat(1000) - link.sinceMs, text.units);
  const linked = link.phase === 'open';
  return (
    <>
      <dl className="host-facts">
        <dt>{words.link}</dt>
        <dd>
          <Mark tone={linked ? 'ok' : 'bad'}>{linked ? words.linked(since) : words.notLinked(since)}</Mark>
          {link.recoveries > 0 && <span className="faint"> · {words.recoveries(formatCount(link.recoveries))}</span>}
        </dd>
        <dt>{words.version}</dt>
        <dd>{system ? `Tapedeck ${system.version}` : NOTHING}</dd>
        <dt>{words.kind}</dt>
        <dd>{system ? text.status[system.host] : NOTHING}</dd>
        <dt>{words.mode}</dt>
        <dd>{system ? words.modes[system.mode] : NOTHING}</dd>
        <dt>{words.folder}</dt>
        <dd>
          <code>{system?.dataDir ?? NOTHING}</code>
        </dd>
        <dt>{words.started}</dt>
        <dd>{formatTime(system?.startedUs, zone)}</dd>
        <dt>{words.unreadable}</dt>
        <dd>{formatCount(link.unreadable)}</dd>
        <dt>{words.refusals}</dt>
        <dd>{formatCount(noteRefusals())}</dd>
      </dl>
      {system && system.children.length > 0 ? (
        <table className="table" data-testid="host-processes">
          <thead>
            <tr>
              <th scope="col">{words.process}</th>
              <th scope="col">{words.state}</th>
              <th scope="col" className="number">
                {words.pid}
              </th>
              <th scope="col" className="number">
                {words.restarts}
              </th>
              <th scope="col">{words.note}</th>
            </tr>
          </thead>
          <tbody>
            {system.children.map((child) => (
              <tr key={child.process}>
                <td className="fits">
                  <code>{child.process}</code>
                </td>
                <td className="fits">
                  <Mark tone={tones[child.state]}>{text.live.childStates[child.state]}</Mark>
                </td>
                <td className="number fits">{child.pid ?? NOTHING}</td>
                <td className="number fits">{formatCount(child.restarts)}</td>
                <td className="cut fills" title={child.note ? text.common.note(child.note) : undefined}>
                  {child.note && text.common.note(child.note)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p className="quiet">{words.none}</p>
      )}
    </>
  );
}
