// The frame around every page: navigation, workspace, command palette, account.
import { Outlet, useLocation } from '@tanstack/react-router';
import { Menu as MenuIcon, Search } from 'lucide-react';
import { Suspense, lazy, useEffect, useRef, useState } from 'react';
import { call } from '../lib/api';
import type { Group, NavEntry } from '../lib/feature';
import { useLanguage, useWords } from '../lib/i18n';
import { paths } from '../lib/paths';
import { queries } from '../lib/query';
import { useMay, useSession } from '../lib/session';
import { useNarrow } from '../lib/theme';
import { Avatar, Badge } from '../ui/bits';
import { Go } from '../ui/go';
import { Brand } from './brand';
import { features } from './features';
import { LanguageSwitch, ThemeSwitch } from './switches';
import { app } from './words';

const Palette = lazy(() => import('./command-palette'));
const PhoneDrawer = lazy(() => import('./phone-drawer'));
const GROUPS: Group[] = ['home', 'people', 'insight', 'engage', 'data', 'trust'];
const ENTRIES = features.flatMap((feature) => feature.nav).sort((a, b) => a.order - b.order);

/** What may be shown now: what the person may open, and the demo's inbox only in the demo. */
export function useEntries(): NavEntry[] {
  const may = useMay();
  const { demo } = useSession();
  return ENTRIES.filter((entry) => (!entry.needs || may(entry.needs)) && (entry.when !== 'demo' || demo));
}

export function Shell() {
  const w = useWords(app);
  const narrow = useNarrow();
  const [palette, setPalette] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const entries = useEntries();
  const may = useMay();
  const session = useSession();
  const location = useLocation();

  useEffect(() => setDrawer(false), [location.pathname]);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPalette((was) => !was);
      }
    };
    addEventListener('keydown', open);
    return () => removeEventListener('keydown', open);
  }, []);

  const finder = (
    <button type="button" className="find" onClick={() => setPalette(true)} aria-keyshortcuts="Control+K">
      <Search size={14} aria-hidden />
      <span className="grow cut">{w('find')}</span>
      <kbd>{navigator.platform.startsWith('Mac') ? '⌘K' : 'Ctrl K'}</kbd>
    </button>
  );

  return (
    <div className="shell">
      <a className="skip" href="#main">
        {w('skip')}
      </a>
      {!narrow && (
        <aside className="side">
          <div className="side-head">
            <Brand />
            <div className="grow">
              <strong className="cut">{session.workspace.name}</strong>
              <small className="cut">{w('workspace')}</small>
            </div>
            <DemoMark />
          </div>
          {finder}
          <Navigation entries={entries} />
          <div className="side-foot">
            <Account />
            <span className="grow" />
            <LanguageSwitch />
            <ThemeSwitch />
          </div>
        </aside>
      )}
      {narrow && (
        <header className="topbar">
          <Brand />
          <strong className="cut">{session.workspace.name}</strong>
          <DemoMark />
          <span className="grow" />
          <button type="button" className="icon-button" aria-label={w('find')} onClick={() => setPalette(true)}>
            <Search size={17} aria-hidden />
          </button>
          <LanguageSwitch />
          <ThemeSwitch />
        </header>
      )}
      <main className="main" id="main" tabIndex={-1} style={{ outline: 'none' }}>
        <Outlet />
      </main>
      {narrow && (
        <>
          <PhoneBar entries={entries} onMore={() => setDrawer(true)} />
          {drawer && (
            <Suspense>
              <PhoneDrawer title={session.workspace.name} onClose={() => setDrawer(false)}>
                <Navigation entries={entries} />
                <div className="side-foot">
                  <Account />
                </div>
              </PhoneDrawer>
            </Suspense>
          )}
        </>
      )}
      {palette && (
        <Suspense>
          <Palette onClose={() => setPalette(false)} entries={entries} actions={features.flatMap((feature) => feature.actions ?? []).filter((action) => !action.needs || may(action.needs))} />
        </Suspense>
      )}
    </div>
  );
}

/** In the demo nothing is real: said once, in sight of every page. */
function DemoMark() {
  const w = useWords(app);
  if (!useSession().demo) return null;
  return (
    <span title={w('demo_text')}>
      <Badge>{w('demo')}</Badge>
    </span>
  );
}

function current(path: string, here: string): boolean {
  return path === '/' ? here === '/' : here === path || here.startsWith(`${path}/`);
}

function Navigation({ entries }: { entries: NavEntry[] }) {
  const w = useWords(app);
  const lang = useLanguage();
  const { pathname } = useLocation();
  return (
    <nav aria-label={w('nav')}>
      {GROUPS.map((group) => {
        const own = entries.filter((entry) => entry.group === group);
        if (own.length === 0) return null;
        return (
          <div className="nav-group" key={group}>
            {group !== 'home' && <h2>{w(`group_${group}`)}</h2>}
            {own.map((entry) => (
              <Go key={entry.id} to={entry.path} className="nav-link" aria-current={current(entry.path, pathname) ? 'page' : undefined}>
                <entry.icon size={15} aria-hidden className="svg" />
                <span className="cut">{entry.title[lang === 'zh' ? 0 : 1]}</span>
              </Go>
            ))}
          </div>
        );
      })}
    </nav>
  );
}

function PhoneBar({ entries, onMore }: { entries: NavEntry[]; onMore: () => void }) {
  const w = useWords(app);
  const lang = useLanguage();
  const { pathname } = useLocation();
  const own = entries.filter((entry) => entry.phone).sort((a, b) => a.phone! - b.phone!);
  return (
    <nav className="tabbar" aria-label={w('quick_nav')}>
      {own.map((entry) => (
        <Go key={entry.id} to={entry.path} aria-current={current(entry.path, pathname) ? 'page' : undefined}>
          <entry.icon size={18} aria-hidden />
          {entry.title[lang === 'zh' ? 0 : 1]}
        </Go>
      ))}
      <button type="button" onClick={onMore}>
        <MenuIcon size={18} aria-hidden />
        {w('more')}
      </button>
    </nav>
  );
}

function Account() {
  const w = useWords(app);
  const { user } = useSession();
  const leave = () =>
    void call('DELETE /session')
      .catch(() => undefined)
      .then(() => {
        queries.clear();
        location.assign('/');
      });
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  return (
    <div
      className="account"
      ref={box}
      onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}
      onBlur={(event) => {
        if (!box.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button type="button" className="icon-button" aria-haspopup="true" aria-expanded={open} aria-label={`${w('user_menu')}: ${user.email}`} title={user.email} onClick={() => setOpen(!open)}>
        <Avatar name={user.name || user.email} size={24} />
      </button>
      {open && (
        <div className="account-menu panel">
          <div className="dim small break">{user.email}</div>
          <Go to={paths.settings} onClick={() => setOpen(false)}>{w('settings')}</Go>
          <button type="button" className="linkish" onClick={leave}>
            {w('sign_out')}
          </button>
        </div>
      )}
    </div>
  );
}
