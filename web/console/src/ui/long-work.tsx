// The long-work pattern: how far, how many, how much longer, and a way to stop.
import { useRef } from 'react';
import { duration, number, percent } from '../lib/format';
import { useTick } from '../lib/hooks';
import { useLanguage, useWords } from '../lib/i18n';
import { Button } from './button';
import { common } from './words';

type Props = { done: number; total?: number | null; /** Of the work; without it the pace is that seen here, of what `label` names. */ startedAt?: string; label: string; onCancel?: () => void; cancelling?: boolean };

/** Milliseconds still to go at the pace so far; null while nobody can tell. */
export function remaining(done: number, total: number | null | undefined, elapsed: number): number | null {
  if (!total || done <= 0 || elapsed <= 0 || done > total) return null;
  return (elapsed / done) * (total - done);
}

/** Work in stages tells when it began, not when its stage did: the pace is measured from what was first seen of the stage. */
function useSeen(stage: string, done: number, now: number): { at: number; done: number } {
  const seen = useRef({ stage, at: now, done });
  if (seen.current.stage !== stage || done < seen.current.done) seen.current = { stage, at: now, done };
  return seen.current;
}

export function LongWork({ done, total, startedAt, label, onCancel, cancelling }: Props) {
  const w = useWords(common);
  const lang = useLanguage();
  const now = useTick(1000);
  const share = total ? Math.min(1, done / total) : 0;
  const seen = useSeen(label, done, now);
  const from = startedAt ? { at: new Date(startedAt).getTime(), done: 0 } : seen;
  const left = remaining(done - from.done, total ? total - from.done : null, now - from.at);
  return (
    <div className="stack tight" style={{ minWidth: 200 }}>
      <div className="progress" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
        <i style={{ width: `${share * 100}%` }} />
      </div>
      <div className="row small soft">
        <span className="num">
          {number(done, lang)}
          {total ? ` / ${number(total, lang)} · ${percent(share, lang, 0)}` : ''}
        </span>
        {left !== null && <span className="dim">{w('remaining', { time: duration(left, lang) })}</span>}
        <span className="grow" />
        {onCancel && (
          <Button size="small" onClick={onCancel} loading={cancelling}>
            {w('cancel')}
          </Button>
        )}
      </div>
    </div>
  );
}
