// The few icons of the shell, drawn with the text's colour.
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

export function BrandIcon() {
  return (
    <Icon>
      <rect x="2" y="4.5" width="16" height="11" rx="2" />
      <circle cx="7" cy="10" r="2.2" />
      <circle cx="13" cy="10" r="2.2" />
      <path d="M7 12.2h6" />
    </Icon>
  );
}

export function LiveIcon() {
  return (
    <Icon>
      <path d="M2 11h3.2l2.3-6 4 10.5 2.3-4.5H18" />
    </Icon>
  );
}

export function ListingsIcon() {
  return (
    <Icon>
      <path d="M3 12.5V8.2l8-3.7v11.7l-8-3.7z" />
      <path d="M14 7.5a4 4 0 0 1 0 5.6M16.2 5.2a7 7 0 0 1 0 10.2" />
      <path d="M5 13.4v2.8h2.4" />
    </Icon>
  );
}

export function CommandIcon() {
  return (
    <Icon>
      <path d="M4 6l4 4-4 4M10 14.5h6" />
    </Icon>
  );
}

export function KeyboardIcon() {
  return (
    <Icon>
      <rect x="2" y="5" width="16" height="10" rx="2" />
      <path d="M5 8.2h.01M8.3 8.2h.01M11.6 8.2h.01M15 8.2h.01M6.5 11.8h7" />
    </Icon>
  );
}

export function GapsIcon() {
  return (
    <Icon>
      <path d="M2 6.5h5M11.5 6.5H18M2 13.5h9M15.5 13.5H18" />
      <path d="M9.2 4v5M13.2 11v5" />
    </Icon>
  );
}

export function BellIcon() {
  return (
    <Icon>
      <path d="M5 13.5V9a5 5 0 0 1 10 0v4.5l1.5 1.5h-13z" />
      <path d="M8.5 17.2h3" />
    </Icon>
  );
}

/** Half dark, half light: the theme. */
export function ThemeIcon() {
  return (
    <Icon>
      <circle cx="10" cy="10" r="6.5" />
      <path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
    </Icon>
  );
}
