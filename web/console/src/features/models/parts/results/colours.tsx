// Colours and shapes of groups: six colours, and another shape when they come again.

export const colourOf = (i: number) => `var(--c${(i % 6) + 1})`;

/** A mark of group `i` around (x, y). */
export function Mark({ i, x, y, r, opacity = 1 }: { i: number; x: number; y: number; r: number; opacity?: number }) {
  const shared = { fill: colourOf(i), opacity };
  switch (Math.floor(i / 6) % 4) {
    case 0:
      return <circle cx={x} cy={y} r={r} {...shared} />;
    case 1:
      return <rect x={x - r} y={y - r} width={2 * r} height={2 * r} {...shared} />;
    case 2:
      return <path d={`M${x} ${y - 1.3 * r}L${x + 1.2 * r} ${y + r}H${x - 1.2 * r}Z`} {...shared} />;
    default:
      return <path d={`M${x} ${y - 1.4 * r}L${x + 1.4 * r} ${y}L${x} ${y + 1.4 * r}L${x - 1.4 * r} ${y}Z`} {...shared} />;
  }
}

export const Swatch = ({ i }: { i: number }) => (
  <svg width={12} height={12} aria-hidden className="svg">
    <Mark i={i} x={6} y={6} r={4.5} />
  </svg>
);

/** The ground of a heat map's cell: above all people or below, as deep as the effect is large. */
export function heat(effect: number | null | undefined): string | undefined {
  if (!effect) return undefined;
  const depth = Math.min(42, Math.round(Math.abs(effect) * 50));
  return `color-mix(in srgb, ${effect > 0 ? 'var(--c1)' : 'var(--c2)'} ${depth}%, transparent)`;
}
