// Health: what is wrong and what to do, how the disk and the processes are, and what the logs say.
import { useState } from 'react';
import { useText } from '../../i18n/text.ts';
import { useLinkState } from '../../link/hooks.tsx';
import { useCommands } from '../../state/commands.ts';
import { AlertsCard } from './alerts-card.tsx';
import { DiskCard } from './disk-card.tsx';
import './health.css';
import { LogsCard } from './logs-card.tsx';
import { ProcessesCard } from './processes-card.tsx';
import { useBundle } from './support-bundle.ts';

export function HealthPanel() {
  const text = useText();
  const words = text.health;
  const open = useLinkState().phase === 'open';
  const bundle = useBundle();
  const [follow, setFollow] = useState(true);
  useCommands('health', [
    {
      id: 'support-bundle',
      section: words.title,
      title: words.commands.bundle,
      enabled: open && !bundle.busy,
      run: bundle.make,
    },
    { id: 'follow-logs', section: words.title, title: words.commands.follow, run: () => setFollow((on) => !on) },
  ]);
  return (
    <div className="health">
      <AlertsCard />
      <div className="health-side">
        <ProcessesCard />
        <DiskCard />
      </div>
      <LogsCard follow={follow} onFollow={setFollow} bundle={bundle} />
    </div>
  );
}
