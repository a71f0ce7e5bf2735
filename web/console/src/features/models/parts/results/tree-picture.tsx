// The tree drawn: each box says by what one comes there, how many did, and how many of them do it.
import type { KeyboardEvent } from 'react';
import type { TreeResult } from '../../../../lib/api/models';
import { number, percent } from '../../../../lib/format';
import { useWidth } from '../../../../lib/hooks';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { featureText } from '../../../../lib/labels';
import { wayText } from '../../logic/says';
import { leafOf, place } from '../../logic/tree';
import { rw } from '../../result-words';

const WIDE = { width: 188, height: 46, gap: 40, row: 56, letters: 30 };
const NARROW = { ...WIDE, width: 142, gap: 20, letters: 22 };
/** About so many letters fit into a box; a Chinese one takes the room of two. */
const wide = (text: string) => [...text].reduce((sum, one) => sum + (one.charCodeAt(0) > 0x2e80 ? 2 : 1), 0);
function cut(text: string, room: number): string {
  if (wide(text) <= room) return text;
  let held = '';
  for (const one of text) {
    if (wide(held + one) >= room) break;
    held += one;
  }
  return `${held}…`;
}

/** What a test asks is kept whole before the name of what it asks about. */
function shortened(name: string, test: string, room: number): string {
  const kept = cut(test, Math.ceil(room * 0.55));
  return `${cut(name, room - wide(kept) - 1)} ${kept}`;
}

export function TreePicture({ result, lit, onPick }: { result: TreeResult; lit: string | null; onPick: (value: string) => void }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const [box, room] = useWidth<HTMLDivElement>();
  const BOX = room < 500 ? NARROW : WIDE;
  const { placed, rows, depth } = place(result.nodes);
  const top = Math.max(...result.nodes.map((one) => one.rate), 0.0001);
  const width = (depth + 1) * BOX.width + depth * BOX.gap + 4;
  const height = rows * BOX.row + 4;
  const x = (one: { depth: number }) => 2 + one.depth * (BOX.width + BOX.gap);
  const y = (one: { row: number }) => 2 + one.row * BOX.row + (BOX.row - BOX.height) / 2;
  const rates = result.leaves.map((one) => one.rate);
  return (
    <div ref={box} className="tree-view table-wrap" role="region" tabIndex={0} aria-label={w('tree')}>
      <svg role="group" aria-label={w('tree_summary', { n: result.leaves.length, low: percent(Math.min(...rates), lang), high: percent(Math.max(...rates), lang) })} width={width} height={height} style={{ display: 'block' }}>
        {placed.map((node) => {
          const parent = placed.find((one) => one.id === node.parent);
          if (!parent) return null;
          const [x1, y1, x2, y2] = [x(parent) + BOX.width, y(parent) + BOX.height / 2, x(node), y(node) + BOX.height / 2];
          return <path key={node.id} d={`M${x1} ${y1}C${x1 + BOX.gap / 2} ${y1} ${x2 - BOX.gap / 2} ${y2} ${x2} ${y2}`} fill="none" stroke="var(--line)" strokeWidth={1 + 9 * Math.sqrt(node.people / result.people)} strokeOpacity={0.9} />;
        })}
        {placed.map((node) => {
          const leaf = node.is_leaf ? leafOf(node, result.leaves) : undefined;
          const said = node.feature ? `${featureText(node.feature, lang)} ${wayText(node.feature, node.test ?? '', lang)}` : w('everybody');
          const figures = `${percent(node.rate, lang)} · ${number(node.people, lang)}`;
          const press = leaf && { tabIndex: 0, role: 'button', 'aria-label': `${said}, ${figures}`, 'aria-pressed': lit === leaf.value, onClick: () => onPick(leaf.value), onKeyDown: (event: KeyboardEvent) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); onPick(leaf.value); } } };
          return (
            <g key={node.id} className={leaf ? 'tree-node leaf' : 'tree-node'} transform={`translate(${x(node)} ${y(node)})`} {...press}>
              <title>{`${said}\n${figures}`}</title>
              <rect width={BOX.width} height={BOX.height} rx={7} fill="var(--surface)" stroke={leaf && lit === leaf.value ? 'var(--accent)' : 'var(--line)'} strokeWidth={leaf && lit === leaf.value ? 2 : 1} />
              <rect width={BOX.width} height={BOX.height} rx={7} fill="var(--c1)" opacity={0.04 + 0.34 * (node.rate / top)} pointerEvents="none" />
              <text x={9} y={18} fontSize={12} fill="var(--ink)">{node.feature ? shortened(featureText(node.feature, lang), wayText(node.feature, node.test ?? '', lang), BOX.letters) : said}</text>
              <text x={9} y={36} fontSize={12} fill="var(--ink)"><tspan fontWeight={600}>{percent(node.rate, lang)}</tspan><tspan fill="var(--ink-2)">{`  ${number(node.people, lang)}`}</tspan></text>
              {leaf && <text x={BOX.width - 9} y={36} textAnchor="end" fontSize={11} fill="var(--ink-2)">{`#${leaf.value}`}</text>}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
