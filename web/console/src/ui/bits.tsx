// Small dumb pieces: badges, figures, times, bars, a spark line, an avatar, a field.
import { Children, type ReactElement, type ReactNode, cloneElement, isValidElement, useId } from 'react';
import { ago, dateTime, number } from '../lib/format';
import { useLanguage } from '../lib/i18n';
import { stateLabel } from '../lib/vocabulary';
import { Go } from './go';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'accent' | 'quiet';
const TONES: { [state: string]: Tone } = {
  running: 'good', active: 'good', sent: 'good', delivered: 'good', opened: 'good', clicked: 'good', stored: 'good', done: 'good', in: 'info', accepted: 'good',
  paused: 'warn', deferred: 'warn', suppressed: 'warn', withheld: 'warn', quarantined: 'warn', unknown: 'warn', ejected: 'warn',
  failed: 'bad', rejected: 'bad', attempting: 'info', queued: 'info', captured: 'good', converted: 'good',
};

export function StateBadge({ state }: { state: string }) {
  const lang = useLanguage();
  return <span className={`badge ${TONES[state] ?? ''}`}>{stateLabel(state, lang)}</span>;
}

export function Badge({ tone = 'quiet', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge plain ${tone}`}>{children}</span>;
}

export function Ago({ at }: { at: string | null | undefined }) {
  const lang = useLanguage();
  if (!at) return <span className="dim">–</span>;
  return (
    <time dateTime={at} title={dateTime(at, lang, true)}>
      {ago(at, lang)}
    </time>
  );
}

export function At({ at, seconds }: { at: string | null | undefined; seconds?: boolean }) {
  const lang = useLanguage();
  if (!at) return <span className="dim">–</span>;
  return <time dateTime={at}>{dateTime(at, lang, seconds)}</time>;
}

export function Figure({ label, value, note, children }: { label: ReactNode; value: ReactNode; note?: ReactNode; children?: ReactNode }) {
  return (
    <div className="figure">
      <div className="label">{label}</div>
      <div className="value num">{value}</div>
      {note && <div className="note">{note}</div>}
      {children}
    </div>
  );
}

export function Bars({ rows, onPick, label, say }: { rows: { key: string; label: string; value: number; tone?: string; to?: { path: string; search?: { [key: string]: string } }; extra?: ReactNode }[]; onPick?: (key: string) => void; label: string; say?: (value: number) => string }) {
  const lang = useLanguage();
  const top = Math.max(say ? 0 : 1, ...rows.map((row) => row.value));
  return (
    <ul aria-label={label}>
      {rows.map((row) => (
        <li key={row.key} className="bar-line">
          {row.to ? (
            <Go to={row.to.path} search={row.to.search}>
              {row.label}
            </Go>
          ) : onPick ? (
            <button type="button" className="linkish cut" style={{ textAlign: 'left' }} onClick={() => onPick(row.key)}>
              {row.label}
            </button>
          ) : (
            <span className="cut" title={row.label}>
              {row.label}
            </span>
          )}
          <span className="bar" aria-hidden>
            {row.value > 0 && <i style={{ width: `${(100 * row.value) / top}%`, background: row.tone }} />}
          </span>
          <span className="row" style={{ gap: 14 }}>
            <span className="num" style={{ minWidth: 40, textAlign: 'right' }}>
              {say ? say(row.value) : number(row.value, lang)}
            </span>
            {row.extra}
          </span>
        </li>
      ))}
    </ul>
  );
}

export function Sparkline({ values, label, height = 36 }: { values: number[]; label: string; height?: number }) {
  if (values.length < 2) return null;
  const top = Math.max(1, ...values);
  const width = 240;
  const points = values.map((value, i) => `${((i / (values.length - 1)) * width).toFixed(1)},${(height - 2 - (value / top) * (height - 5)).toFixed(1)}`);
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" style={{ width: '100%', height, display: 'block' }}>
      <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} fill="var(--accent-soft)" />
      <polyline points={points.join(' ')} fill="none" stroke="var(--accent)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

export function Avatar({ name, size = 28 }: { name: string; size?: number }) {
  const letters = name.trim();
  // Two Chinese characters need a circle that holds them.
  const text = /[\u4e00-\u9fff]/.test(letters) && size >= 32 ? letters.slice(-2) : letters.slice(0, 1).toUpperCase();
  return (
    <span className="avatar" style={{ width: size, height: size, fontSize: Math.max(10, size * 0.38) }} aria-hidden>
      {text || '?'}
    </span>
  );
}

/** A label, its control, help, and what is wrong with it, tied together for readers of every kind. */
export function Field({ label, help, wrong, children, hideLabel }: { label: string; help?: ReactNode; wrong?: string | null; children: ReactNode; hideLabel?: boolean }) {
  const id = useId();
  const only = Children.toArray(children);
  const first = only[0];
  const described = [help ? `${id}-help` : '', wrong ? `${id}-wrong` : ''].filter(Boolean).join(' ') || undefined;
  const control = isValidElement(first)
    ? cloneElement(first as ReactElement<Record<string, unknown>>, { id, 'aria-describedby': described, 'aria-invalid': wrong ? true : undefined, ...(wrong ? { status: 'error' } : {}) })
    : first;
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? 'sr' : undefined}>
        {label}
      </label>
      {control}
      {only.slice(1)}
      {wrong && (
        <div className="wrong" id={`${id}-wrong`} role="alert">
          {wrong}
        </div>
      )}
      {help && (
        <div className="help" id={`${id}-help`}>
          {help}
        </div>
      )}
    </div>
  );
}

export function Empty({ title, text, action, children }: { title: string; text?: ReactNode; action?: ReactNode; children?: ReactNode }) {
  return (
    <div className="empty">
      <h3>{title}</h3>
      {text && <p>{text}</p>}
      {children}
      {action}
    </div>
  );
}

/** Any JSON value in one short line. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value);
}
