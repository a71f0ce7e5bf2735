// Sources in the order in which their word counts: by buttons, or by the arrow keys on them.
import { Select } from 'antd';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../../../lib/i18n';
import { useSourceName } from '../../../lib/names';
import { Button } from '../../../ui/button';
import { moved } from '../logic/trait-rules';
import { people } from '../words';

type Props = { trait: string; sources: string[]; known: string[]; able: boolean; onChange: (sources: string[]) => void };

export function SourceOrder({ trait, sources, known, able, onChange }: Props) {
  const w = useWords(people);
  const sourceName = useSourceName();
  const [said, setSaid] = useState('');
  const box = useRef<HTMLOListElement>(null);
  const focus = useRef<string | null>(null);
  // The line that was moved keeps the keyboard.
  useEffect(() => {
    if (focus.current === null) return;
    box.current?.querySelector<HTMLElement>(`[data-source="${CSS.escape(focus.current)}"] button:not(:disabled)`)?.focus();
    focus.current = null;
  }, [sources]);
  const move = (at: number, by: -1 | 1) => {
    const next = moved(sources, at, by);
    if (next === sources) return;
    focus.current = sources[at]!;
    setSaid(w('source_place', { source: sourceName(sources[at]), n: at + by + 1, of: sources.length }));
    onChange(next);
  };
  const left = known.filter((one) => !sources.includes(one));
  return (
    <div className={sources.length === 0 ? 'row wrap' : 'stack tight'} style={{ flex: 1, gap: '2px 10px', alignItems: sources.length === 0 ? 'center' : 'flex-start', textAlign: 'left' }}>
      {sources.length === 0 ? (
        <span className="dim">{w('source_latest')}</span>
      ) : (
        <ol ref={box} aria-label={w('source_order', { name: trait })}>
          {sources.map((source, at) => (
            <li
              key={source}
              data-source={source}
              className="row"
              style={{ gap: 4, justifyContent: 'flex-start' }}
              onKeyDown={(event) => {
                const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
                if (!able || by === 0) return;
                event.preventDefault();
                move(at, by);
              }}
            >
              <span className="dim num">{at + 1}</span>
              <span className="cut" title={source}>{sourceName(source)}</span>
              {able && (
                <span className="row nowrap" style={{ gap: 0 }}>
                  <Button size="small" type="text" disabled={at === 0} aria-label={w('source_up', { source: sourceName(source) })} icon={<ArrowUp size={13} />} onClick={() => move(at, -1)} />
                  <Button size="small" type="text" disabled={at === sources.length - 1} aria-label={w('source_down', { source: sourceName(source) })} icon={<ArrowDown size={13} />} onClick={() => move(at, 1)} />
                  <Button size="small" type="text" aria-label={w('source_remove', { source: sourceName(source) })} icon={<X size={13} />} onClick={() => onChange(sources.filter((one) => one !== source))} />
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      {able && left.length > 0 && <AddSource trait={trait} left={left} onAdd={(source) => onChange([...sources, source])} />}
      <span className="sr" role="status">{said}</span>
    </div>
  );
}

/** A select of its own for each of some hundred traits would be slow: it comes when it is asked for. */
function AddSource({ trait, left, onAdd }: { trait: string; left: string[]; onAdd: (source: string) => void }) {
  const w = useWords(people);
  const sourceName = useSourceName();
  const [open, setOpen] = useState(false);
  if (!open) return <span><Button size="small" type="text" icon={<Plus size={13} />} aria-label={w('source_add_to', { name: trait })} onClick={() => setOpen(true)}>{w('source_add')}</Button></span>;
  return (
    <Select
      autoFocus
      defaultOpen
      size="small"
      aria-label={w('source_add_to', { name: trait })}
      placeholder={w('source_add')}
      showSearch={{ optionFilterProp: 'label' }}
      style={{ width: 200, maxWidth: '100%' }}
      options={left.map((source) => ({ value: source, label: sourceName(source) }))}
      onBlur={() => setOpen(false)}
      onChange={(source: string) => {
        setOpen(false);
        onAdd(source);
      }}
    />
  );
}
