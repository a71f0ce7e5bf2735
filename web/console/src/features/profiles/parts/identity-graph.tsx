// A person's identifiers as a picture: the heaviest in the middle, the others around it, a line for every link.
import { type Identity, type IdentityNode } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { identifierLabel } from '../../../lib/vocabulary';
import { layout, nodeKey } from '../logic/graph';
import { people } from '../words';

const short = (text: string) => (text.length > 18 ? `${text.slice(0, 8)}…${text.slice(-8)}` : text);

type Props = { identity: Identity; chosen: Set<string>; onToggle: (key: string) => void; able: boolean };

export function IdentityGraph({ identity, chosen, onToggle, able }: Props) {
  const w = useWords(people);
  const lang = useLanguage();
  const { places, lines, width, height } = layout(identity);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label={w('graph')} style={{ width: '100%', maxHeight: 420 }}>
      {lines.map((line, i) => {
        const cut = chosen.has(line.from) !== chosen.has(line.to);
        return <line key={i} x1={line.x1} y1={line.y1} x2={line.x2} y2={line.y2} stroke={cut ? 'var(--bad)' : 'var(--line-strong, var(--ink-3))'} strokeWidth={cut ? 2 : 1.5} strokeDasharray={cut ? '5 4' : undefined} />;
      })}
      {places.map(({ node, x, y }) => (
        <Node key={nodeKey(node)} node={node} x={x} y={y} out={chosen.has(nodeKey(node))} able={able} onToggle={() => onToggle(nodeKey(node))} label={`${identifierLabel(node.type, lang)} ${node.value}`} kind={identifierLabel(node.type, lang)} events={w('events_count', { n: node.events })} />
      ))}
    </svg>
  );
}

type NodeProps = { node: IdentityNode; x: number; y: number; out: boolean; able: boolean; onToggle: () => void; label: string; kind: string; events: string };

function Node({ node, x, y, out, able, onToggle, label, kind, events }: NodeProps) {
  // The heavier, the larger.
  const r = 12 + Math.min(node.weight, 100) / 10;
  const doing = able ? { role: 'checkbox', tabIndex: 0, 'aria-checked': out, onClick: onToggle, onKeyDown: (event: React.KeyboardEvent) => (event.key === ' ' || event.key === 'Enter') && (event.preventDefault(), onToggle()), style: { cursor: 'pointer' } } : { role: 'img' };
  return (
    <g transform={`translate(${x} ${y})`} aria-label={label} {...doing}>
      <title>{label}</title>
      <circle r={r} fill={out ? 'var(--bad-soft)' : 'var(--info-soft)'} stroke={out ? 'var(--bad)' : 'var(--accent)'} strokeWidth={1.5} strokeDasharray={out ? '4 3' : undefined} />
      <text textAnchor="middle" y={4} fontSize={11} fill="var(--ink)" aria-hidden>{node.weight}</text>
      <g aria-hidden textAnchor="middle" stroke="var(--surface)" strokeWidth={5} paintOrder="stroke">
        <text y={r + 15} fontSize={12} fill="var(--ink)">{kind}</text>
        <text y={r + 29} fontSize={11} fill="var(--ink-3)">{short(node.value)}</text>
        <text y={r + 42} fontSize={10} fill="var(--ink-3)">{events}</text>
      </g>
    </g>
  );
}
