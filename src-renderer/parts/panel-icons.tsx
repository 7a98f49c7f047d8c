// Icons of the rail for the archive and the analysis, drawn with the text's colour.

const stroke = {
  className: 'rail-icon',
  viewBox: '0 0 20 20',
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.6,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;

export function ArchiveIcon() {
  return (
    <svg {...stroke} aria-hidden="true">
      <rect x="2.5" y="3.5" width="15" height="4" rx="1" />
      <path d="M4 7.5v8a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1v-8M8 11h4" />
    </svg>
  );
}

export function AnalysisIcon() {
  return (
    <svg {...stroke} aria-hidden="true">
      <ellipse cx="8" cy="4.6" rx="5.5" ry="2.1" />
      <path d="M2.5 4.6v9.8c0 1.1 2.5 2.1 5.5 2.1M13.5 4.6v3.6M2.5 9.5c0 1.1 2.2 2 5 2.1" />
      <circle cx="13.4" cy="12.6" r="2.9" />
      <path d="m15.6 14.8 2.2 2.2" />
    </svg>
  );
}
