// What happens by itself when a listing comes, as the settings say it, and the way to them where this console has one.
import { useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { formatPlace } from '../../state/address.ts';
import { useCommandState } from '../../state/commands.ts';

const FORMATS = { parquet: 'Parquet', csv: 'CSV', jsonl: 'JSONL' } as const;

export function AutomaticLine() {
  const text = useText();
  const words = text.window.automatic;
  const settings = useRequest('system.settings', {}, { staleMs: 60_000 }).data?.settings.extract;
  const linked = useCommandState((state) =>
    [...state.groups.values()].some((group) => group.some((command) => command.id === 'go-settings')),
  );
  if (!settings) return null;
  return (
    <p className="automatic faint" data-testid="automatic">
      {settings.automatic
        ? words.on(String(settings.beforeSeconds), String(settings.afterSeconds), FORMATS[settings.format])
        : words.off}
      {linked && <a href={formatPlace({ panel: 'settings', item: null })}>{words.settings}</a>}
    </p>
  );
}
