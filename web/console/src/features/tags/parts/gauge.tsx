// A score of 100 on a half circle.

export function Gauge({ score, word, label }: { score: number; word: string; label: string }) {
  const [r, cx, cy] = [78, 100, 96];
  const held = Math.min(100, Math.max(0, score));
  const length = Math.PI * r;
  const arc = `M${cx - r} ${cy}A${r} ${r} 0 0 1 ${cx + r} ${cy}`;
  return (
    <svg role="img" aria-label={label} viewBox="0 0 200 118" style={{ width: '100%', maxWidth: 240, display: 'block', margin: '0 auto' }}>
      <path d={arc} fill="none" stroke="var(--sunken)" strokeWidth={14} strokeLinecap="round" />
      {held > 0 && <path d={arc} fill="none" stroke={held >= 60 ? 'var(--c1)' : held >= 40 ? 'var(--c4)' : 'var(--c2)'} strokeWidth={14} strokeLinecap="round" strokeDasharray={`${(length * held) / 100} ${length}`} />}
      <text x={cx} y={86} textAnchor="middle" fontSize={38} fontWeight={600} fill="var(--ink)">{Math.round(held)}</text>
      <text x={cx} y={110} textAnchor="middle" fontSize={14} fill="var(--ink-2)">{word}</text>
    </svg>
  );
}
