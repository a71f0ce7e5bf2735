// The one condition builder: groups of sentence lines, undo, paste, JSON, live counts.
import { Dropdown, Segmented } from 'antd';
import { Braces, ClipboardPaste, Copy, MoreHorizontal, Plus, Redo2, Undo2 } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { type Condition, type CountAnswer, Problem } from '../../lib/api';
import { clock, number } from '../../lib/format';
import { useDebounced } from '../../lib/hooks';
import { useLanguage, useWords } from '../../lib/i18n';
import { paths } from '../../lib/paths';
import { Avatar } from '../bits';
import { Button } from '../button';
import { ProblemView, copyText, useToast } from '../feedback';
import { Go } from '../go';
import { useUndo } from '../use-undo';
import { common } from '../words';
import type { Facts } from './facts';
import { Line } from './lines';
import { sentence } from './sentence';
import { type Fault, type Group, append, at, bare, children, faults, fresh, insertAfter, isGroup, kind, move, negate, parse, remove, replace, rooted, size, switchJoin, unwrap, wrap } from './tree';
import { cb } from './words';

export type BuilderProps = {
  value: Condition;
  onChange: (condition: Condition) => void;
  facts: Facts;
  /** Counts who matches; without it the builder shows no numbers. */
  count?: (condition: Condition, signal: AbortSignal, atOnce?: boolean) => Promise<CountAnswer>;
  /** The segment being edited, which must not name itself. */
  self?: string;
  /** Paths the server did not accept. */
  refused?: { [path: string]: string };
  reading?: boolean;
};

type Shared = { added: (path: string) => void; tree: Group; set: (tree: Condition) => void; facts: Facts; counts: Map<string, string>; wrong: { [path: string]: Fault | 'server' }; self?: string };

export function ConditionBuilder({ value, onChange, facts, count, self, refused, reading = true }: BuilderProps) {
  const w = useWords(cb);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const { value: tree, change, undo, redo, canUndo, canRedo, reset } = useUndo<Condition>(rooted(value));
  const [json, setJson] = useState<string | null>(null);
  const told = useRef<Condition>(value);

  // Tell the outside what changed inside; take over what changed outside.
  useEffect(() => {
    if (tree !== told.current) {
      told.current = tree;
      onChange(tree);
    }
  }, [tree]);
  useEffect(() => {
    if (value !== told.current) {
      told.current = rooted(value);
      reset(told.current);
    }
  }, [value]);

  const missing = faults(tree);
  const live = useCount(tree, Object.keys(missing).length === 0 && size(tree) > 0 ? count : undefined);
  const wrong: Shared['wrong'] = { ...serverPaths(refused ?? live.refused), ...missing };
  const counts = new Map(live.answer?.lines.map((line) => [line.path, `${line.is_estimate ? '≈ ' : ''}${number(line.count, lang)}`]));

  const paste = (text: string): boolean => {
    const found = parse(text);
    if (!found) return false;
    change(rooted(found));
    toast.done(w('pasted'));
    return true;
  };
  const onPaste = (event: ClipboardEvent) => {
    if ((event.target as HTMLElement).closest('input,textarea')) return;
    if (paste(event.clipboardData.getData('text'))) event.preventDefault();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
    if ((event.target as HTMLElement).closest('textarea')) return;
    event.preventDefault();
    if (event.shiftKey) redo();
    else undo();
  };

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

  const shared: Shared = { added: setAdded, tree: tree as Group, set: change, facts, counts, wrong, self };
  const names = { segment: (id: string) => facts.segments.find((one) => one.id === id)?.name };

  return (
    <div className="cb" ref={box} role="group" aria-label={w('builder')} onPaste={onPaste} onKeyDown={onKeyDown}>
      <div className="cb-tools">
        <Segmented
          size="small"
          value={json === null ? 'form' : 'json'}
          onChange={(next) => setJson(next === 'json' ? JSON.stringify(tree, null, 2) : null)}
          options={[
            { value: 'form', label: w('form') },
            { value: 'json', label: <span className="row" style={{ gap: 4 }}><Braces size={12} aria-hidden />{w('json')}</span> },
          ]}
        />
        <span className="grow" />
        <Tool label={c('undo')} disabled={!canUndo} onClick={undo} icon={<Undo2 size={14} />} />
        <Tool label={c('redo')} disabled={!canRedo} onClick={redo} icon={<Redo2 size={14} />} />
        <Tool label={w('copy_json')} onClick={() => void copyText(JSON.stringify(tree)).then(() => toast.done(c('copied')))} icon={<Copy size={14} />} />
        <PasteTool paste={paste} />
      </div>
      {json === null ? (
        <GroupView path="" shared={shared} />
      ) : (
        <JsonView
          text={json}
          onText={(text) => {
            setJson(text);
            const found = parse(text);
            if (found) change(rooted(found));
          }}
        />
      )}
      {reading && <p className="cb-read">{sentence(tree, lang, names)}</p>}
      {count && <CountView live={live} incomplete={Object.keys(missing).length > 0} lines={size(tree)} />}
    </div>
  );
}

function Tool({ label, icon, ...rest }: { label: string; icon: React.ReactNode; disabled?: boolean; onClick: () => void }) {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} {...rest}>
      {icon}
    </button>
  );
}

function PasteTool({ paste }: { paste: (text: string) => boolean }) {
  const w = useWords(cb);
  const [open, setOpen] = useState(false);
  const [failed, setFailed] = useState(false);
  return (
    <span style={{ position: 'relative' }}>
      <Tool
        label={w('paste')}
        icon={<ClipboardPaste size={14} />}
        onClick={() => {
          // The clipboard may be read only where the browser allows it: otherwise a field takes the paste.
          void (navigator.clipboard?.readText?.() ?? Promise.reject(new Error('none'))).then(
            (text) => {
              if (!paste(text)) setOpen(true);
            },
            () => setOpen((was) => !was),
          );
        }}
      />
      {open && (
        <div className="panel" style={{ position: 'absolute', right: 0, top: 32, zIndex: 20, width: 300, padding: 8, boxShadow: 'var(--shadow-lift)' }}>
          <textarea
            className="code"
            rows={4}
            autoFocus
            aria-label={w('paste_hint')}
            placeholder={w('paste_hint')}
            onChange={(event) => {
              if (!event.target.value) return;
              if (paste(event.target.value)) setOpen(false);
              else setFailed(true);
            }}
            onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}
          />
          {failed && <div className="small" style={{ color: 'var(--bad)' }}>{w('paste_wrong')}</div>}
        </div>
      )}
    </span>
  );
}

function JsonView({ text, onText }: { text: string; onText: (text: string) => void }) {
  const w = useWords(cb);
  const fine = parse(text) !== null;
  return (
    <div>
      <textarea className="code" rows={Math.min(24, Math.max(8, text.split('\n').length + 1))} spellCheck={false} aria-label={w('json')} aria-invalid={!fine} value={text} onChange={(event) => onText(event.target.value)} />
      {!fine && <div className="small" style={{ color: 'var(--bad)' }}>{w('json_wrong')}</div>}
    </div>
  );
}

function GroupView({ path, shared }: { path: string; shared: Shared }) {
  const w = useWords(cb);
  const here = path === '' ? shared.tree : at(shared.tree, path);
  if (!here) return null;
  const { node, negated } = bare(here);
  if (!isGroup(node)) return null;
  const inner = negated ? `${path}/not` : path;
  const join = 'all' in node ? 'all' : 'any';
  const set = (next: Condition) => shared.set(replace(shared.tree, path, next));
  const total = path === '' ? undefined : shared.counts.get(path);
  return (
    <div className={negated ? 'cb-group negated' : 'cb-group'} role="group" aria-label={`${negated ? w('not_on') : ''}${w(join)}`}>
      <div className="cb-head">
        <span>{negated ? w('not_on') : path === '' ? w('people_matching') : ''}</span>
        <Segmented
          size="small"
          value={join}
          onChange={() => set(negated ? { not: switchJoin(node) } : switchJoin(node))}
          options={[
            { value: 'all', label: w('all') },
            { value: 'any', label: w('any') },
          ]}
        />
        <span>{w('following')}</span>
        <span className="grow" />
        {total !== undefined && <span className="cb-count">{w('count', { n: total })}</span>}
        {path !== '' && <LineMenu path={path} shared={shared} group />}
      </div>
      <div className="cb-lines">
        {children(node).map((child, i) => {
          const line = `${inner}/${kind(node)}/${i}`;
          const nested = isGroup(bare(child).node);
          const fault = shared.wrong[line];
          return (
            <div className={nested ? 'cb-line nested' : 'cb-line'} key={i} data-line={line}>
              <span className="cb-join">{i === 0 ? '' : w(join === 'all' ? 'and' : 'or')}</span>
              {nested ? (
                <div className="grow">
                  <GroupView path={line} shared={shared} />
                  {fault && <div className="cb-wrong">{w(`fault_${fault}`)}</div>}
                </div>
              ) : (
                <>
                  <div className="cb-sentence">
                    <Line node={child} facts={shared.facts} self={shared.self} onChange={(next) => shared.set(replace(shared.tree, line, next))} />
                    {fault && <div className="cb-wrong" role="status">{w(`fault_${fault}`)}</div>}
                  </div>
                  {shared.counts.has(line) && (
                    <span className="cb-count num" title={w('line_count')}>
                      {shared.counts.get(line)}
                    </span>
                  )}
                  <span className="tools">
                    <LineMenu path={line} shared={shared} />
                  </span>
                </>
              )}
            </div>
          );
        })}
      </div>
      <div className="cb-foot">
        <AddLine
          onAdd={(next) => {
            shared.set(append(shared.tree, inner, next));
            shared.added(`${inner}/${kind(node)}/${children(node).length}`);
          }}
        />
      </div>
    </div>
  );
}

function AddLine({ onAdd }: { onAdd: (node: Condition) => void }) {
  const w = useWords(cb);
  const items: [string, () => Condition][] = [
    [w('add_event'), () => fresh.event()],
    [w('add_trait'), () => fresh.trait()],
    [w('add_segment'), () => fresh.segment()],
    [w('add_consent'), () => fresh.consent()],
    [w('add_sequence'), () => fresh.sequence()],
    [w('add_tag'), () => fresh.tag()],
    [w('add_group'), () => fresh.group()],
  ];
  return (
    <Dropdown autoFocus trigger={['click']} menu={{ items: items.map(([label], i) => ({ key: String(i), label })), onClick: ({ key }) => onAdd(items[Number(key)]![1]()) }}>
      <Button size="small" type="dashed" icon={<Plus size={13} />}>
        {w('add_line')}
      </Button>
    </Dropdown>
  );
}

function LineMenu({ path, shared, group }: { path: string; shared: Shared; group?: boolean }) {
  const w = useWords(cb);
  const node = at(shared.tree, path);
  const items: [string, string, () => Condition][] = [
    ['negate', w('negate'), () => replace(shared.tree, path, negate(node!))],
    ['duplicate', w('duplicate'), () => insertAfter(shared.tree, path, structuredClone(node!))],
    ['up', w('up'), () => move(shared.tree, path, -1)],
    ['down', w('down'), () => move(shared.tree, path, 1)],
    group ? ['unwrap', w('unwrap'), () => unwrap(shared.tree, path)] : ['wrap', w('wrap'), () => wrap(shared.tree, path)],
    ['remove', w('remove'), () => remove(shared.tree, path)],
  ];
  return (
    <Dropdown autoFocus trigger={['click']} menu={{ items: items.map(([key, label]) => ({ key, label, danger: key === 'remove' })), onClick: ({ key }) => shared.set(items.find((item) => item[0] === key)![2]()) }}>
      <button type="button" className="icon-button" aria-label={w('line_menu')} title={w('line_menu')}>
        <MoreHorizontal size={14} aria-hidden />
      </button>
    </Dropdown>
  );
}

// ---------- counting ----------

type Live = { answer: CountAnswer | null; counting: boolean; error: unknown; refused: { [path: string]: string } };

function useCount(tree: Condition, count: BuilderProps['count']): Live {
  const settled = useDebounced(tree, 350);
  const [live, setLive] = useState<Live>({ answer: null, counting: false, error: null, refused: {} });
  const able = count !== undefined;
  const ask = useRef(count);
  ask.current = count;
  useEffect(() => {
    // What has settled may be older than what is complete now.
    if (!able || size(settled) === 0 || Object.keys(faults(settled)).length > 0) return;
    const stop = new AbortController();
    setLive((was) => ({ ...was, counting: true }));
    const show = (answer: CountAnswer) => !stop.signal.aborted && setLive({ answer, counting: answer.estimate !== undefined, error: null, refused: {} });
    const counted = async () => {
      const answer = await ask.current!(settled, stop.signal, true);
      show(answer);
      // Lines may be estimates where the whole is not.
      if (answer.estimate || answer.lines.some((line) => line.is_estimate)) show(await ask.current!(settled, stop.signal));
    };
    counted().then(
      () => {},
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const refused = error instanceof Problem ? error.fields : {};
        setLive((was) => ({ ...was, counting: false, error, refused }));
      },
    );
    return () => stop.abort();
  }, [settled, able]);
  return live;
}

/** The server points deep into a line; the builder shows the fault beside the line. */
function serverPaths(fields: { [path: string]: string }): { [path: string]: 'server' } {
  const found: { [path: string]: 'server' } = {};
  for (const path of Object.keys(fields)) {
    const line = /^(?:\/condition)?((?:\/not)?(?:\/(?:all|any)\/\d+(?:\/not(?=\/(?:all|any)))?)+)/.exec(path)?.[1];
    if (line) found[line] = 'server';
  }
  return found;
}

function CountView({ live, incomplete, lines }: { live: Live; incomplete: boolean; lines: number }) {
  const w = useWords(cb);
  const lang = useLanguage();
  const [ten, setTen] = useState(false);
  const answer = lines > 0 ? live.answer : null;
  return (
    <div className="stack" aria-live="polite">
      <div className="cb-sum">
        <span className="big num" style={{ opacity: live.counting || incomplete ? 0.55 : 1 }} data-testid="condition-count">
          {answer ? `${answer.estimate ? '≈ ' : ''}${number(answer.count, lang)}` : '–'}
        </span>
        <span className="soft">
          {w('matching')}
          {answer?.estimate && ` · ${w('between', { low: number(answer.estimate.low, lang), high: number(answer.estimate.high, lang) })}`}
        </span>
        <span className="dim small">{lines === 0 ? w('empty') : incomplete ? w('incomplete') : live.counting ? w(answer?.estimate ? 'counting_exactly' : 'counting') : answer ? w('as_of', { time: clock(answer.as_of, lang) }) : ''}</span>
        <span className="grow" />
        {answer && answer.count > 0 && (
          <Button size="small" onClick={() => setTen(!ten)} aria-expanded={ten}>
            {w(ten ? 'hide_ten' : 'show_ten')}
          </Button>
        )}
      </div>
      {live.error && !live.counting && Object.keys(live.refused).length === 0 ? <ProblemView error={live.error} /> : null}
      {ten && answer && (
        <ul className="chips">
          {answer.sample.map((person) => (
            <li key={person.id}>
              <Go to={paths.person(person.id)} className="chip" style={{ alignItems: 'center', lineHeight: '26px' }}>
                <Avatar name={person.name ?? person.identifiers[0]?.value ?? '?'} size={18} />
                {person.name ?? person.identifiers[0]?.value ?? person.id}
              </Go>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
