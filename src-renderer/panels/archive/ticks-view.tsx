// The ticks of an instrument one by one: sought by time, walked backward and forward without an end, only those in sight in the page.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Window } from '../../../src-shared/base/time.ts';
import type { Tick } from '../../../src-shared/market/tick.ts';
import { usePreferences, type Zone } from '../../i18n/preferences.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { Button, EmptyState, FailedState } from '../../parts/controls.tsx';
import { useEnter } from '../../parts/enter.ts';
import { formatDuration, formatTime } from '../../parts/format.ts';
import { parseSeek, type StreamKey } from './day.ts';
import { cursorAfter, cursorBefore } from './tick-list.ts';
import { type Seek, useTicks } from './use-ticks.ts';

const ROW_PX = 24;
/** Rows before an end of the list at which more is read. */
const AHEAD = 60;

export function TicksView(props: {
  readonly stream: StreamKey;
  readonly window: Window;
  readonly dayName: string;
  readonly seek: Seek;
  readonly field: RefObject<HTMLInputElement | null>;
  onSeek(us: number, direction: Seek['direction']): void;
}) {
  const text = useText();
  const words = text.archive.ticks;
  const zone = usePreferences((preferences) => preferences.zone);
  const ticks = useTicks(props.stream, props.seek);
  const [moment, setMoment] = useState('');
  const us = parseSeek(moment, props.dayName, zone);
  const bad = moment.trim() !== '' && us === undefined;
  const go = (): void => {
    if (us !== undefined) props.onSeek(us, 'forward');
  };
  const onEnter = useEnter(go);
  const held = ticks.stretch.ticks;

  return (
    <div className="ticks">
      <div className="archive-filter">
        <label className="ticks-seek">
          <span className="field-label nowrap">
            {words.seek} ({zone})
          </span>
          <input
            ref={props.field}
            className="input"
            data-testid="ticks-seek"
            placeholder={words.seekHint}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={bad}
            value={moment}
            onChange={(event) => setMoment(event.currentTarget.value)}
            {...onEnter}
          />
        </label>
        <Button small testId="ticks-go" disabled={us === undefined} onClick={go}>
          {words.go}
        </Button>
        <Button small testId="ticks-first" onClick={() => props.onSeek(props.window.fromUs, 'forward')}>
          {words.beginning}
        </Button>
        <Button small testId="ticks-last" onClick={() => props.onSeek(props.window.toUs, 'backward')}>
          {words.end}
        </Button>
        {bad && (
          <span className="field-error" role="alert">
            {words.badTime}
          </span>
        )}
      </div>
      <div className="ticks-room">
        {ticks.failure ? (
          <FailedState title={words.failed} failure={ticks.failure} onRetry={ticks.retry} />
        ) : held.length === 0 ? (
          ticks.pending ? (
            <EmptyState title={text.common.loading} />
          ) : (
            <EmptyState title={words.none} text={words.noneWhat} testId="ticks-empty" />
          )
        ) : (
          <TickRows ticks={ticks} seek={props.seek} zone={zone} />
        )}
      </div>
    </div>
  );
}

function TickRows({ ticks, seek, zone }: { ticks: ReturnType<typeof useTicks>; seek: Seek; zone: Zone }) {
  const text = useText();
  const words = text.archive.ticks;
  const { stretch, version, readEarlier, readLater } = ticks;
  const rows = stretch.ticks;
  const [box, setBox] = useState<HTMLElement | null>(null);
  const [active, setActive] = useState(0);
  const placed = useRef({ nth: -1, version: -1 });
  /** Steps of keys beyond an end whose next page is on its way: taken when it is here. */
  const owed = useRef(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: useCallback(() => box, [box]),
    estimateSize: () => ROW_PX,
    overscan: 10,
  });

  // After a seek the sought tick is at the top (or the last one at the bottom); when rows come or go above, the view stays on its ticks.
  useLayoutEffect(() => {
    if (!box || placed.current.version === version) return;
    if (placed.current.nth !== ticks.nth) {
      const index = seek.direction === 'forward' ? 0 : rows.length - 1;
      setActive(index);
      owed.current = 0;
      box.scrollTop = seek.direction === 'forward' ? 0 : box.scrollHeight;
    } else {
      // Rows above mean that the earlier page came, others that the later one did.
      const taken = Math.sign(owed.current) === (stretch.shift > 0 ? -1 : 1) ? owed.current : 0;
      owed.current -= taken;
      const moved = stretch.shift + taken;
      box.scrollTop += moved * ROW_PX;
      setActive((at) => Math.max(0, Math.min(rows.length - 1, at + moved)));
    }
    placed.current = { nth: ticks.nth, version };
  }, [box, version, ticks.nth, stretch, rows.length, seek.direction]);

  const items = virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length === 0 || placed.current.version !== version) return;
    if (from < AHEAD) readEarlier();
    if (to > rows.length - AHEAD) readLater();
  }, [from, to, rows.length, version, readEarlier, readLater]);

  const press = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((box?.clientHeight ?? 0) / ROW_PX) - 2);
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: rows.length - 1,
    };
    const wanted = steps[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, wanted));
    const more = wanted < next ? cursorBefore(stretch) : cursorAfter(stretch);
    owed.current = wanted === next || more === null ? 0 : owed.current + wanted - next;
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const semantics = { tabIndex: 0, onKeyDown: press };

  return (
    <section ref={setBox} className="table-scroll" aria-label={words.label} data-testid="ticks" {...semantics}>
      <table className="table ticks-table">
        <thead>
          <tr>
            <th scope="col">{words.time}</th>
            <th scope="col">{words.side}</th>
            <th scope="col" className="number">
              {words.price}
            </th>
            <th scope="col" className="number">
              {words.qty}
            </th>
            <th scope="col" className="number">
              {words.base}
            </th>
            <th scope="col" className="number">
              {words.id}
            </th>
            <th scope="col" className="number" title={words.delayWhat}>
              {words.delay}
            </th>
            <th scope="col" title={words.linesWhat}>
              {words.lines}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td colSpan={8} className="ticks-space" style={{ height: above }} />
          </tr>
          {items.map((item) => {
            const tick = rows[item.index];
            return (
              tick && (
                <TickRow
                  key={item.key}
                  tick={tick}
                  text={text}
                  zone={zone}
                  active={item.index === active}
                  edge={
                    (item.index === 0 && cursorBefore(stretch) === null && words.atStart) ||
                    (item.index === rows.length - 1 && cursorAfter(stretch) === null && words.atEnd) ||
                    ''
                  }
                  onClick={() => setActive(item.index)}
                />
              )
            );
          })}
          <tr>
            <td colSpan={8} className="ticks-space" style={{ height: below }} />
          </tr>
        </tbody>
      </table>
    </section>
  );
}

function TickRow(props: {
  readonly tick: Tick;
  readonly text: Text;
  readonly zone: Zone;
  readonly active: boolean;
  /** What the row is the end of; empty: of nothing. */
  readonly edge: string;
  onClick(): void;
}) {
  const { tick, text } = props;
  const words = text.archive.ticks;
  const state = { 'aria-selected': props.active, onClick: props.onClick };
  return (
    <tr data-testid="tick-row" data-us={tick.eventUs} title={props.edge} {...state}>
      <td className="fits">{formatTime(tick.eventUs, props.zone, 'micro')}</td>
      <td className={`fits side-${tick.side}`}>
        <span aria-hidden="true">{tick.side === 'buy' ? '▲' : tick.side === 'sell' ? '▼' : ''}</span>{' '}
        {words.sides[tick.side]}
      </td>
      <td className="number fits">{tick.price}</td>
      <td className="number fits">{tick.qty}</td>
      <td className="number fits">{tick.baseQty ?? '–'}</td>
      <td className="number fits faint">{tick.id}</td>
      <td className="number fits">{formatDuration((tick.recvUs - tick.eventUs) / 1000, text.units)}</td>
      <td className="fits">
        {tick.lines.map((line) => line + 1).join(' + ')}
        {tick.origin === 'backfill' && <span className="faint"> {words.backfilled}</span>}
      </td>
    </tr>
  );
}
