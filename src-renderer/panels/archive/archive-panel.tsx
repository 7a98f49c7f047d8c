// Archive: what is held by day and venue, down to each instrument's bars and ticks.
import { useCallback, useEffect, useRef, useState } from 'react';
import { DAY_US, type Us } from '../../../src-shared/base/time.ts';
import type { DayStream } from '../../../src-shared/contract/days.ts';
import type { Venue } from '../../../src-shared/market/instrument.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { Card, EmptyState } from '../../parts/controls.tsx';
import { useCommands } from '../../state/commands.ts';
import { goTo, settleAt, usePlace } from '../../state/place.ts';
import './archive.css';
import type { CalendarRow } from './calendar.ts';
import { CalendarCard } from './calendar-card.tsx';
import { dayInZone, dayName, dayNamed, formatItem, type OpenItem, parseItem, sameStream } from './day.ts';
import { DayCard, streamId } from './day-card.tsx';
import { InstrumentCard } from './instrument-card.tsx';

export function ArchivePanel() {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const item = usePlace((place) => (place.panel === 'archive' ? place.item : null));
  const open = parseItem(item);
  const searchField = useRef<HTMLInputElement>(null);
  const seekField = useRef<HTMLInputElement>(null);
  const go = (next: OpenItem): void => goTo('archive', formatItem(next));

  // The newest day that holds anything is open to begin with; after that only the reader moves.
  const [settled, setSettled] = useState(false);
  const onNewest = useCallback(
    (dayUs: Us): void => {
      if (!settled && item === null)
        settleAt('archive', formatItem({ day: dayName(dayUs, zone), venue: null, stream: null }));
      setSettled(true);
    },
    [settled, item, zone],
  );

  const shownIn = useRef(zone);
  useEffect(() => {
    const before = shownIn.current;
    shownIn.current = zone;
    const shown = before === zone ? null : parseItem(item);
    if (!shown) return;
    const day = dayInZone(shown.day, before, zone, Date.now() * 1000);
    if (day !== shown.day) settleAt('archive', formatItem({ ...shown, day }));
  }, [zone, item]);

  useCommands('archive', [
    {
      id: 'search-day',
      section: text.archive.section,
      title: text.archive.commands.searchDay,
      keys: '/',
      enabled: open !== null,
      run: () => searchField.current?.focus(),
    },
  ]);

  const dayUs = open ? (dayNamed(open.day, zone) ?? null) : null;
  return (
    <div className="archive">
      <CalendarCard
        openDay={dayUs}
        openRow={open?.venue ?? 'all'}
        onOpen={(day: Us, row: CalendarRow) =>
          go({ day: dayName(day, zone), venue: row === 'all' ? null : row, stream: null })
        }
        onNewest={onNewest}
      />
      {open && dayUs !== null ? (
        <OpenDay open={open} dayUs={dayUs} go={go} searchField={searchField} seekField={seekField} />
      ) : (
        <Card title={text.archive.calendar.day} className="archive-none">
          <EmptyState title={text.archive.day.chooseDay} text={text.archive.day.chooseDayWhat} />
        </Card>
      )}
    </div>
  );
}

function OpenDay(props: {
  readonly open: OpenItem;
  readonly dayUs: Us;
  readonly searchField: React.RefObject<HTMLInputElement | null>;
  readonly seekField: React.RefObject<HTMLInputElement | null>;
  go(item: OpenItem): void;
}) {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const { open, dayUs, go } = props;
  const window = { fromUs: dayUs, toUs: dayUs + DAY_US };
  const name = `${open.day} ${zone}`;
  const listed = useRequest('analysis.day', window).data?.streams;
  const { stream } = open;
  return (
    <div className="archive-open" data-instrument={stream ? true : undefined}>
      <DayCard
        window={window}
        dayName={name}
        venue={open.venue}
        chosen={stream ? streamId(stream) : null}
        searchField={props.searchField}
        narrow={stream !== null}
        onVenue={(venue: Venue | null) => go({ ...open, venue })}
        onChoose={(chosen: DayStream) => go({ ...open, stream: chosen })}
      />
      {stream ? (
        <InstrumentCard
          key={`${streamId(stream)} ${dayUs}`}
          stream={stream}
          listed={listed?.find((one) => sameStream(one, stream)) ?? null}
          window={window}
          dayName={open.day}
          seekField={props.seekField}
          onClose={() => go({ ...open, stream: null })}
        />
      ) : (
        <Card title={text.archive.day.instrument} className="instrument">
          <EmptyState title={text.archive.instrument.choose} text={text.archive.instrument.chooseWhat} />
        </Card>
      )}
    </div>
  );
}
