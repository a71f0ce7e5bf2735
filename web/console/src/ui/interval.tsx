// A rate with how sure it is, as a dot on a line, beside the rate of everybody.
import { useWidth } from '../lib/hooks';

const HEIGHT = 22;

/** As wide as its place; `top` is the rate at the right end. */
export function Interval({ value, low, high, base, top, label }: { value: number; low: number; high: number; base: number; top: number; label: string }) {
  const [box, width] = useWidth<HTMLSpanElement>();
  const x = (share: number) => 5 + (Math.min(share, top) / (top || 1)) * (width - 10);
  const tone = low > base ? 'var(--c1)' : high < base ? 'var(--c2)' : 'var(--ink-3)';
  return (
    <span ref={box} style={{ display: 'block', minWidth: 60, height: HEIGHT }}>
      {width > 10 && (
        <svg role="img" aria-label={label} width={width} height={HEIGHT} style={{ display: 'block' }}>
          <title>{label}</title>
          <line x1={5} x2={width - 5} y1={HEIGHT / 2} y2={HEIGHT / 2} stroke="var(--line)" />
          <line x1={x(base)} x2={x(base)} y1={2} y2={HEIGHT - 2} stroke="var(--ink-3)" strokeDasharray="2 2" />
          <line x1={x(low)} x2={x(high)} y1={HEIGHT / 2} y2={HEIGHT / 2} stroke={tone} strokeWidth={3} strokeLinecap="round" />
          <circle cx={x(value)} cy={HEIGHT / 2} r={4.5} fill={tone} stroke="var(--surface)" strokeWidth={1.5} />
        </svg>
      )}
    </span>
  );
}
