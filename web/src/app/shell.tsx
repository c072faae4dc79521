import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { Keyboard, Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { serverStats } from '@/api/queries';
import { cx } from '@/base/class_names';
import { formatCompact, formatCount } from '@/base/format';
import { type Preferences, preferences, usePreferences } from '@/base/preferences';
import { useShortcuts } from '@/base/shortcuts';
import { IconButton } from '@/widgets/button';
import { Tooltip } from '@/widgets/tooltip';
import { Help } from './help';
import styles from './shell.module.css';

const kPages = [
  { to: '/traces', name: 'Traces' },
  { to: '/calls', name: 'Calls' },
  { to: '/costs', name: 'Costs' },
] as const;

export function Shell() {
  const [help, setHelp] = useState(false);
  useShortcuts({ '?': () => setHelp(true) });
  return (
    <div className={styles.shell}>
      <header className={styles.bar}>
        <Link to="/traces" className={styles.brand} aria-label="Telltale: all traces">
          <Mark />
          Telltale
        </Link>
        <nav aria-label="Pages" className={styles.pages}>
          {kPages.map(({ to, name }) => (
            <Link key={to} to={to} className={styles.page} activeProps={{ className: styles.here ?? '' }}>
              {name}
            </Link>
          ))}
        </nav>
        <span className={styles.tools}>
          <ServerState />
          <ThemeButton />
          <span className={styles.keys}>
            <IconButton label="Keyboard shortcuts" shortcut="?" onClick={() => setHelp(true)}>
              <Keyboard size={15} aria-hidden />
            </IconButton>
          </span>
        </span>
      </header>
      <div className={styles.content}>
        <Outlet />
      </div>
      <Help open={help} onOpenChange={setHelp} />
    </div>
  );
}

function Mark() {
  return (
    <svg aria-hidden="true" width="18" height="18" viewBox="0 0 18 18" className={styles.mark}>
      <rect x="0.5" y="2" width="17" height="3.4" rx="1.7" className={styles.lamp} />
      <rect x="4" y="7.3" width="9" height="3.4" rx="1.7" />
      <rect x="8" y="12.6" width="9.5" height="3.4" rx="1.7" />
    </svg>
  );
}

// Whether the server answers, and how much it holds.
function ServerState() {
  const { data, isError } = useQuery(serverStats());
  if (isError) {
    return (
      <span role="status" className={cx(styles.state, styles.away)}>
        <i aria-hidden />
        not reachable
      </span>
    );
  }
  if (data === undefined) return null;
  const doors = Object.entries(data.receivers).map(
    ([name, address]) => `${name.replace('_', '/').toUpperCase()} on ${address}`,
  );
  return (
    <Tooltip
      text={
        <span>
          {formatCount(data.spans_stored)} spans stored
          {doors.map((door) => (
            <span key={door} className={styles.door}>
              {door}
            </span>
          ))}
          <span className={styles.door}>Telltale {data.version}</span>
        </span>
      }
    >
      <span className={styles.state}>
        <i aria-hidden />
        {formatCompact(data.spans_stored)} spans
      </span>
    </Tooltip>
  );
}

const kThemes: Record<Preferences['theme'], { next: Preferences['theme']; label: string; icon: typeof Sun }> =
  {
    system: { next: 'light', label: 'Theme: as the system', icon: Monitor },
    light: { next: 'dark', label: 'Theme: light', icon: Sun },
    dark: { next: 'system', label: 'Theme: dark', icon: Moon },
  };

function ThemeButton() {
  const { theme } = usePreferences();
  const { next, label, icon: Icon } = kThemes[theme];
  return (
    <IconButton label={label} onClick={() => preferences.update({ theme: next })}>
      <Icon size={15} aria-hidden />
    </IconButton>
  );
}
