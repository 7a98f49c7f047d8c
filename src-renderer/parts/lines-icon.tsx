// Two lines that run side by side: the mark of the Lines panel.
export function LinesIcon() {
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
      <circle cx="3.6" cy="6.5" r="1.6" />
      <path d="M5.2 6.5H18" />
      <circle cx="3.6" cy="13.5" r="1.6" />
      <path d="M5.2 13.5h4.3M13.2 13.5H18" />
    </svg>
  );
}
