// The frame of every page, and of every page about one thing.
import { ChevronLeft } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import { useTitle } from '../lib/hooks';
import { useLanguage } from '../lib/i18n';
import { dateTime } from '../lib/format';
import type { History } from '../lib/api';
import { useActorName } from '../lib/names';
import { operationLabel } from '../lib/vocabulary';
import { useWords } from '../lib/i18n';
import { Go } from './go';
import { common } from './words';

type HeadProps = { title: string; sub?: ReactNode; badge?: ReactNode; actions?: ReactNode; back?: { to: string; label: string; search?: { [key: string]: string } } };

export function PageHead({ title, sub, badge, actions, back }: HeadProps) {
  useTitle(title);
  return (
    <header className="page-head">
      <div style={{ minWidth: 0 }}>
        {back && (
          <Go to={back.to} search={back.search} className="crumb">
            <ChevronLeft size={13} aria-hidden />
            {back.label}
          </Go>
        )}
        <div className="row wrap">
          <h1>{title}</h1>
          {badge}
        </div>
        {sub && <div className="sub">{sub}</div>}
      </div>
      {actions && <div className="actions">{actions}</div>}
    </header>
  );
}

export function Page({ children, wide, ...head }: HeadProps & { children: ReactNode; wide?: boolean }) {
  return (
    <div className={wide ? 'page wide' : 'page'}>
      <PageHead {...head} />
      {children}
    </div>
  );
}

export type Tab = { id: string; label: string; count?: number };

export function Tabs({ tabs, active, onChange, label }: { tabs: Tab[]; active: string; onChange: (id: string) => void; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const step = (event: KeyboardEvent) => {
    const move = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!move) return;
    const at = tabs.findIndex((tab) => tab.id === active);
    const next = tabs[(at + move + tabs.length) % tabs.length]!;
    onChange(next.id);
    box.current?.querySelector<HTMLButtonElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} ref={box} onKeyDown={step}>
      {tabs.map((tab) => (
        <button key={tab.id} type="button" role="tab" data-tab={tab.id} aria-selected={tab.id === active} tabIndex={tab.id === active ? 0 : -1} onClick={() => onChange(tab.id)}>
          {tab.label}
          {tab.count !== undefined && <span className="dim"> {tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

/** Title, state, actions, tabs: everything that has a life of its own looks like this. */
export function ObjectPage({ children, tabs, tab, onTab, ...head }: HeadProps & { children: ReactNode; tabs?: Tab[]; tab?: string; onTab?: (id: string) => void }) {
  return (
    <div className="page">
      <PageHead {...head} />
      {tabs && tab && onTab && <Tabs tabs={tabs} active={tab} onChange={onTab} label={head.title} />}
      {children}
    </div>
  );
}

export function Panel({ title, extra, children, flush }: { title?: ReactNode; extra?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className="panel">
      {(title || extra) && (
        <header>
          {typeof title === 'string' ? <h2>{title}</h2> : title}
          <span className="grow" />
          {extra}
        </header>
      )}
      <div className="body" style={flush ? { padding: 0 } : undefined}>
        {children}
      </div>
    </section>
  );
}

export function HistoryList({ items }: { items: History[] }) {
  const lang = useLanguage();
  const w = useWords(common);
  const actor = useActorName();
  if (items.length === 0) return <p className="dim">{w('no_data')}</p>;
  return (
    <ol className="timeline">
      {items.map((item, i) => (
        <li key={i} className="row" style={{ padding: '6px 0', borderBottom: '1px solid var(--line-soft)' }}>
          <span className="grow">
            {operationLabel(item.what, lang)}
          </span>
          <span className="soft cut">{item.actor_name ?? actor(item.actor)}</span>
          <time className="dim" dateTime={item.at}>
            {dateTime(item.at, lang)}
          </time>
        </li>
      ))}
    </ol>
  );
}
