// The long-work pattern: how far, how many, how much longer, and a way to stop.
import { duration, number, percent } from '../lib/format';
import { useTick } from '../lib/hooks';
import { useLanguage, useWords } from '../lib/i18n';
import { Button } from './button';
import { common } from './words';

type Props = { done: number; total?: number | null; startedAt: string; label: string; onCancel?: () => void; cancelling?: boolean };

/** Milliseconds still to go at the pace so far; null while nobody can tell. */
export function remaining(done: number, total: number | null | undefined, elapsed: number): number | null {
  if (!total || done <= 0 || elapsed <= 0 || done > total) return null;
  return (elapsed / done) * (total - done);
}

export function LongWork({ done, total, startedAt, label, onCancel, cancelling }: Props) {
  const w = useWords(common);
  const lang = useLanguage();
  const now = useTick(1000);
  const share = total ? Math.min(1, done / total) : 0;
  const left = remaining(done, total, now - new Date(startedAt).getTime());
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
