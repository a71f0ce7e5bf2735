// A small line over a few whole numbers, with one of them chosen: for comparing measures that share no axis.
import { useWidth } from '../../../../lib/hooks';

type Point = { x: number; y: number };

export function SmallLine({ title, points, chosen, say }: { title: string; points: Point[]; chosen: number; say: (value: number) => string }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const height = 110;
  if (points.length < 2) return null;
  const [low, high] = [Math.min(...points.map((one) => one.y)), Math.max(...points.map((one) => one.y))];
  const [from, to] = [points[0]!.x, points[points.length - 1]!.x];
  const x = (value: number) => 14 + ((value - from) / (to - from)) * (width - 28);
  const y = (value: number) => 24 + (1 - (value - low) / (high - low || 1)) * (height - 52);
  const best = points.find((one) => one.x === chosen);
  return (
    <div ref={box} style={{ minWidth: 0 }}>
      <div className="small soft">{title}</div>
      {width > 0 && (
        <svg role="img" aria-label={`${title}: ${points.map((one) => `${one.x} → ${say(one.y)}`).join(', ')}`} width={width} height={height} style={{ display: 'block' }}>
          <line x1={10} x2={width - 10} y1={height - 20} y2={height - 20} stroke="var(--line)" />
          <polyline points={points.map((one) => `${x(one.x)},${y(one.y)}`).join(' ')} fill="none" stroke="var(--c1)" strokeWidth={1.6} />
          {points.map((one) => (
            <g key={one.x}>
              <circle cx={x(one.x)} cy={y(one.y)} r={one.x === chosen ? 5 : 2.5} fill={one.x === chosen ? 'var(--c2)' : 'var(--c1)'}>
                <title>{`${one.x}: ${say(one.y)}`}</title>
              </circle>
              <text x={x(one.x)} y={height - 6} textAnchor="middle" fontSize={11} fill={one.x === chosen ? 'var(--ink)' : 'var(--ink-3)'} fontWeight={one.x === chosen ? 600 : 400}>{one.x}</text>
            </g>
          ))}
          {best && <text x={Math.min(Math.max(x(best.x), 24), width - 24)} y={Math.max(y(best.y) - 10, 11)} textAnchor="middle" fontSize={11} fontWeight={600} fill="var(--ink)">{say(best.y)}</text>}
        </svg>
      )}
    </div>
  );
}
