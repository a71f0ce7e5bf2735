// The one condition builder: groups of sentence lines, undo, paste, JSON, live counts.
import { Segmented } from 'antd';
import { Braces, ClipboardPaste, Copy, Redo2, Undo2 } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Condition } from '../../lib/api';
import { useLanguage, useWords } from '../../lib/i18n';
import { copyText, useToast } from '../feedback';
import { useUndo } from '../use-undo';
import { common } from '../words';
import { type Count, CountView, useLiveCount } from './counting';
import { type Facts, namesOf } from './facts';
import { type Grammar, GroupEditor } from './group-editor';
import { rooted, size } from './groups';
import { Line } from './lines';
import { lineAt, lineKey } from './question';
import { sentence } from './sentence';
import { type Group, faults, fresh, parse } from './tree';
import { cb } from './words';

export type BuilderProps = {
  value: Condition;
  onChange: (condition: Condition) => void;
  facts: Facts;
  /** Without it the builder shows no numbers. */
  count?: Count;
  /** The segment being edited, which must not name itself. */
  self?: string;
  /** Paths the server did not accept. */
  refused?: { [path: string]: string };
  reading?: boolean;
  /** It was to be used as it is: what is missing is wrong now. */
  tried?: boolean;
  /** What can be done with the number, beside it. */
  action?: ReactNode;
};

export function ConditionBuilder({ value, onChange, facts, count, self, refused, reading = true, tried = false, action }: BuilderProps) {
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
  const live = useLiveCount(tree, count);
  const refusedPaths = new Set(Object.keys(refused ?? {}).map(lineAt));

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

  const grammar: Grammar<Condition> = {
    subject: w('people_matching'),
    line: (node, set) => <Line node={node} facts={facts} self={self} onChange={set} />,
    fresh: (['event', 'trait', 'segment', 'consent', 'sequence', 'tag', 'group'] as const).map((one) => ({ label: w(`add_${one}`), make: () => fresh[one]() })),
    ofLine: live.ofLine,
  };

  return (
    <div className="cb" role="group" aria-label={w('builder')} onPaste={onPaste} onKeyDown={onKeyDown}>
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
        <GroupEditor tree={tree as Condition & Group} onChange={change} grammar={grammar} tried={tried} wrong={(path, line) => missing[path] ?? (refusedPaths.has(path) || live.refused.has(lineKey(line)) ? 'server' : undefined)} />
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
      {reading && <p className="cb-read">{sentence(tree, lang, namesOf(facts))}</p>}
      {count && <CountView live={live} missing={Object.keys(missing).length} lines={size(tree)} action={action} />}
    </div>
  );
}

function Tool({ label, icon, ...rest }: { label: string; icon: ReactNode; disabled?: boolean; onClick: () => void }) {
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
