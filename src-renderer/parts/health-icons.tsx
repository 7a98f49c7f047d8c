// Icons of the Health and Settings panels, in the manner of the others.
import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      className="rail-icon"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export function HealthIcon() {
  return (
    <Icon>
      <path d="M10 16.8S3 12.9 3 7.9A3.7 3.7 0 0 1 10 6a3.7 3.7 0 0 1 7 1.9c0 5-7 8.9-7 8.9z" />
      <path d="M5.5 10.5h2.6l1.3-2.6 1.9 4.4 1.1-1.8h2.1" />
    </Icon>
  );
}

export function SettingsIcon() {
  return (
    <Icon>
      <path d="M3 5.5h8M15 5.5h2M3 10h2M9 10h8M3 14.5h6M13 14.5h4" />
      <circle cx="13" cy="5.5" r="1.9" />
      <circle cx="7" cy="10" r="1.9" />
      <circle cx="11" cy="14.5" r="1.9" />
    </Icon>
  );
}
