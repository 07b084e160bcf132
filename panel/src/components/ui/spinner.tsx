/** Shows that something is in progress. Hidden from screen readers: a text beside it says so. */
export function Spinner() {
  return (
    <svg viewBox="0 0 16 16" className="size-4 animate-spin" fill="none" aria-hidden="true">
      <circle cx="8" cy="8" r="6.5" stroke="currentColor" strokeOpacity="0.25" strokeWidth="2" />
      <path d="M14.500 8A6.500 6.500 0 0 0 8 1.500" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}
