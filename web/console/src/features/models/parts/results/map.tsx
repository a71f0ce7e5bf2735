// The map of groups: every dot a person, near where people are alike.
import { useMemo } from 'react';
import { useWidth } from '../../../../lib/hooks';
import { Mark } from './colours';

type Dot = { x: number; y: number; group: number };
type Props = { dots: Dot[]; names: string[]; lit: number | null; label: string };

/** Where most are, so that a few far out do not press all others into one spot. */
function range(values: number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const [low, high] = [at(0.01), at(0.99)];
  const room = (high - low || 1) * 0.06;
  return [low - room, high + room];
}

export function GroupMap({ dots, names, lit, label }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const height = Math.round(Math.min(420, Math.max(260, width * 0.62)));
  const middles = useMemo(
    () =>
      names.map((_, group) => {
        const own = dots.filter((dot) => dot.group === group);
        const mean = (of: 'x' | 'y') => own.reduce((sum, dot) => sum + dot[of], 0) / (own.length || 1);
        return own.length > 0 ? { x: mean('x'), y: mean('y') } : null;
      }),
    [dots, names],
  );
  const [xs, ys] = useMemo(() => [range(dots.map((dot) => dot.x)), range(dots.map((dot) => dot.y))], [dots]);
  const hold = (value: number, end: number) => Math.min(Math.max(value, 6), end - 6);
  const x = (value: number) => hold(((value - xs[0]) / (xs[1] - xs[0])) * width, width);
  const y = (value: number) => hold(height - ((value - ys[0]) / (ys[1] - ys[0])) * height, height);
  // Names that would lie on one another are moved down, from the highest on.
  const placed = middles
    .flatMap((middle, group) => (middle ? [{ group, x: x(middle.x), y: y(middle.y) }] : []))
    .sort((a, b) => a.y - b.y)
    .reduce<{ group: number; x: number; y: number }[]>((done, one) => {
      let at = one.y;
      for (const other of done) if (Math.abs(other.x - one.x) < 90 && Math.abs(other.y - at) < 16) at = other.y + 16;
      return [...done, { ...one, y: Math.min(at, height - 8) }];
    }, []);
  const order = useMemo(() => [...dots].sort((a, b) => Number(a.group === lit) - Number(b.group === lit)), [dots, lit]);
  const cut = (text: string) => (text.length > 14 ? `${text.slice(0, 13)}…` : text);
  return (
    <div ref={box} style={{ minWidth: 0 }}>
      {width > 0 && (
        <svg role="img" aria-label={label} width={width} height={height} style={{ display: 'block', background: 'var(--sunken)', borderRadius: 8 }}>
          {order.map((dot, i) => (
            <Mark key={i} i={dot.group} x={x(dot.x)} y={y(dot.y)} r={lit === dot.group ? 3.6 : 3} opacity={lit === null ? 0.6 : lit === dot.group ? 0.9 : 0.12} />
          ))}
          {placed.map(({ group, ...at }) => (
            <text key={group} x={Math.min(Math.max(at.x, 40), width - 40)} y={at.y + 4} textAnchor="middle" fontSize={12} fontWeight={600} fill="var(--ink)" stroke="var(--sunken)" strokeWidth={4} paintOrder="stroke" opacity={lit === null || lit === group ? 1 : 0.25}>
              {cut(names[group]!)}
            </text>
          ))}
        </svg>
      )}
    </div>
  );
}
