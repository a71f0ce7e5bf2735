// The mark: one thread that crosses the others.
export function Brand() {
  return (
    <span className="brand" aria-hidden>
      <svg width="18" height="18" viewBox="0 0 32 32" fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round">
        <path d="M5 10h22M5 22h22" opacity=".45" />
        <path d="M5 16c3.7-9 7.3-9 11 0s7.3 9 11 0" />
      </svg>
    </span>
  );
}
