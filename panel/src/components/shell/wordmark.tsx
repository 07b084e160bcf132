/** The logo: a box with the initial stroke of the name inside. */
function Mark({ className = 'size-7' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} fill="none" aria-hidden="true">
      <rect x="2" y="2" width="28" height="28" rx="8" className="fill-brand" />
      <path
        d="M20.500 11.500H14a2.250 2.250 0 0 0 0 4.500h4a2.250 2.250 0 0 1 0 4.500H11.500M16 7.500v4M16 20.500v4"
        className="stroke-on-brand"
        strokeWidth="2.400"
        strokeLinecap="round"
      />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2.5">
      <Mark />
      <span className="text-lg font-semibold tracking-tight">
        Dollar<span className="text-brand">Box</span>
      </span>
    </span>
  );
}
