// Groups of lines, within each other: what every builder of conditions has, whatever its lines say.
import { Dropdown, Segmented } from 'antd';
import { MoreHorizontal, Plus } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useWords } from '../../lib/i18n';
import { Button } from '../button';
import { type Fault, type Group, append, at, bare, children, denied, insertAfter, isGroup, kind, move, negate, remove, replace, switchJoin, unwrap, wrap } from './groups';
import { cb } from './words';

/** What its lines are: how one is written, which can be added, and how many satisfy one alone. */
export type Grammar<N> = {
  /** Of whom or what the lines speak, before “all of the following”. */
  subject: string;
  line: (node: N, onChange: (node: N) => void) => ReactNode;
  fresh: { label: string; make: () => N }[];
  ofLine?: (line: N) => string | undefined;
};

export type GroupEditorProps<N> = {
  tree: N & Group<N>;
  onChange: (tree: N) => void;
  grammar: Grammar<N>;
  /** What is wrong with the line at a path; `server` are those it did not accept. */
  wrong: (path: string, line: N) => Fault | 'server' | undefined;
  /** It was to be used as it is: what is missing is wrong now. */
  tried?: boolean;
};

type Shared<N> = GroupEditorProps<N> & { added: (path: string) => void };

export function GroupEditor<N extends object>(props: GroupEditorProps<N>) {
  // After a line is added the keyboard stands in its first open blank, not at the top of the page.
  const box = useRef<HTMLDivElement>(null);
  const [added, setAdded] = useState<string | null>(null);
  useEffect(() => {
    if (added === null) return;
    const timer = setTimeout(() => {
      const line = box.current?.querySelector(`[data-line="${added}"]`);
      const blank = line?.querySelector('.ant-select-placeholder')?.closest('.ant-select') ?? line;
      blank?.querySelector<HTMLElement>('input, button')?.focus();
      setAdded(null);
    }, 60);
    return () => clearTimeout(timer);
  }, [added]);
  return (
    <div ref={box}>
      <GroupView path="" shared={{ ...props, added: setAdded }} />
    </div>
  );
}

function GroupView<N extends object>({ path, shared }: { path: string; shared: Shared<N> }) {
  const w = useWords(cb);
  const here = path === '' ? shared.tree : at<N>(shared.tree, path);
  if (!here) return null;
  const { node, negated } = bare<N>(here);
  if (!isGroup(node)) return null;
  const inner = negated ? `${path}/not` : path;
  const join = 'all' in node ? 'all' : 'any';
  const set = (next: N) => shared.onChange(replace<N>(shared.tree, path, next));
  const lines = children<N>(node);
  return (
    <div className={negated ? 'cb-group negated' : 'cb-group'} role="group" aria-label={`${negated ? w('not_on') : ''}${w(join)}`}>
      <div className="cb-head">
        <span>{negated ? w('not_on') : path === '' ? shared.grammar.subject : ''}</span>
        <Segmented
          size="small"
          value={join}
          onChange={() => set(negated ? denied(switchJoin<N>(node)) : switchJoin<N>(node))}
          options={[
            { value: 'all', label: w('all') },
            { value: 'any', label: w('any') },
          ]}
        />
        <span className="following">{w('following')}</span>
        <span className="grow" />
        {path !== '' && <LineEnd path={path} line={here} shared={shared} group />}
      </div>
      <div className="cb-lines">
        {lines.map((child, i) => {
          const line = `${inner}/${kind(node)}/${i}`;
          const nested = isGroup(bare(child).node);
          const fault = shared.wrong(line, child);
          const said = fault && <LineFault fault={fault} isWrong={!!shared.tried || fault === 'server'} />;
          return (
            <div className={nested ? 'cb-line nested' : 'cb-line'} key={i} data-line={line}>
              <span className="cb-join">{i === 0 ? '' : w(join === 'all' ? 'and' : 'or')}</span>
              {nested ? (
                <div className="grow">
                  <GroupView path={line} shared={shared} />
                  {said}
                </div>
              ) : (
                <>
                  <div className="cb-sentence">
                    {shared.grammar.line(child, (next) => shared.onChange(replace<N>(shared.tree, line, next)))}
                    {said}
                  </div>
                  <LineEnd path={line} line={child} shared={shared} />
                </>
              )}
            </div>
          );
        })}
      </div>
      <div className="cb-foot">
        <AddLine
          fresh={shared.grammar.fresh}
          onAdd={(next) => {
            shared.onChange(append<N>(shared.tree, inner, next));
            shared.added(`${inner}/${kind(node)}/${lines.length}`);
          }}
        />
      </div>
    </div>
  );
}

/** How many satisfy it alone, and what can be done with it. */
function LineEnd<N extends object>({ path, line, shared, group }: { path: string; line: N; shared: Shared<N>; group?: boolean }) {
  const w = useWords(cb);
  const count = shared.grammar.ofLine?.(line);
  return (
    <span className="cb-end">
      {count !== undefined && <span className="cb-count num" title={w('line_count')}>{count}</span>}
      <span className="tools"><LineMenu path={path} shared={shared} group={group} /></span>
    </span>
  );
}

/** What a line still misses; it is red only once it is wrong. */
function LineFault({ fault, isWrong }: { fault: Fault | 'server'; isWrong: boolean }) {
  const w = useWords(cb);
  return <div className={isWrong ? 'cb-wrong' : 'cb-wrong soft'} role="status">{w(`fault_${fault}`)}</div>;
}

function AddLine<N>({ fresh, onAdd }: { fresh: Grammar<N>['fresh']; onAdd: (node: N) => void }) {
  const w = useWords(cb);
  return (
    <Dropdown autoFocus trigger={['click']} menu={{ items: fresh.map(({ label }, i) => ({ key: String(i), label })), onClick: ({ key }) => onAdd(fresh[Number(key)]!.make()) }}>
      <Button size="small" type="dashed" icon={<Plus size={13} />}>
        {w('add_line')}
      </Button>
    </Dropdown>
  );
}

function LineMenu<N extends object>({ path, shared, group }: { path: string; shared: Shared<N>; group?: boolean }) {
  const w = useWords(cb);
  const tree: N = shared.tree;
  const node = at(tree, path)!;
  const items: [string, string, () => N][] = [
    ['negate', w('negate'), () => replace(tree, path, negate(node))],
    ['duplicate', w('duplicate'), () => insertAfter(tree, path, structuredClone(node))],
    ['up', w('up'), () => move(tree, path, -1)],
    ['down', w('down'), () => move(tree, path, 1)],
    // A denied group cannot be taken apart without saying something else.
    ...(group ? (isGroup(node) ? [['unwrap', w('unwrap'), () => unwrap(tree, path)] as [string, string, () => N]] : []) : [['wrap', w('wrap'), () => wrap(tree, path)] as [string, string, () => N]]),
    ['remove', w('remove'), () => remove(tree, path)],
  ];
  return (
    <Dropdown autoFocus trigger={['click']} menu={{ items: items.map(([key, label]) => ({ key, label, danger: key === 'remove' })), onClick: ({ key }) => shared.onChange(items.find((item) => item[0] === key)![2]()) }}>
      <button type="button" className="icon-button" aria-label={w('line_menu')} title={w('line_menu')}>
        <MoreHorizontal size={14} aria-hidden />
      </button>
    </Dropdown>
  );
}

/** A line that is denied says so, and can be said plainly again. */
export function Negated({ onPlain }: { onPlain: () => void }) {
  const w = useWords(cb);
  return (
    <button type="button" className="icon-button text" onClick={onPlain} title={w('negate')}>
      {w('not_trait')}
    </button>
  );
}
