// Ctrl K: every page, action, person, segment and journey from one field.
import { useQuery } from '@tanstack/react-query';
import { type LucideIcon, Route, User, Users } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { call } from '../lib/api';
import type { FeatureAction, NavEntry } from '../lib/feature';
import { useDebounced } from '../lib/hooks';
import { useLanguage, useWords } from '../lib/i18n';
import { paths } from '../lib/paths';
import { useGo } from '../ui/go';
import { app } from './words';

type Hit = { id: string; title: string; note?: string; icon: LucideIcon; to: string };
type Section = { title: string; hits: Hit[] };

export default function CommandPalette({ entries, actions, onClose }: { entries: NavEntry[]; actions: FeatureAction[]; onClose: () => void }) {
  const w = useWords(app);
  const lang = useLanguage();
  const go = useGo();
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const q = useDebounced(text.trim(), 180);
  const before = useRef<Element | null>(null);
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    before.current = document.activeElement;
    return () => (before.current as HTMLElement | null)?.focus?.();
  }, []);

  const found = useQuery({
    queryKey: ['palette', q],
    enabled: q.length > 0,
    queryFn: async () => {
      const [people, segments, journeys] = await Promise.allSettled([
        call('GET /people', { query: { q, limit: 6 } }),
        call('GET /segments', { query: { q, limit: 5 } }),
        call('GET /journeys', { query: { q, limit: 5 } }),
      ]);
      return {
        people: people.status === 'fulfilled' ? people.value.items : [],
        segments: segments.status === 'fulfilled' ? segments.value.items : [],
        journeys: journeys.status === 'fulfilled' ? journeys.value.items : [],
      };
    },
  });

  const sections = useMemo<Section[]>(() => {
    const wanted = text.trim().toLowerCase();
    const says = (...words: (string | undefined)[]) => !wanted || words.join(' ').toLowerCase().includes(wanted);
    const pages = entries.filter((entry) => says(entry.title[0], entry.title[1], entry.id)).map((entry) => ({ id: `page-${entry.id}`, title: entry.title[lang === 'zh' ? 0 : 1], icon: entry.icon, to: entry.path }));
    const doable = actions.filter((action) => says(action.title[0], action.title[1], action.keywords)).map((action) => ({ id: `action-${action.id}`, title: action.title[lang === 'zh' ? 0 : 1], icon: action.icon, to: action.path }));
    const data = wanted ? found.data : undefined;
    return [
      { title: w('find_people'), hits: (data?.people ?? []).map((person) => ({ id: person.id, title: person.name || person.identifiers[0]?.value || person.id, note: person.identifiers.map((one) => one.value).slice(0, 2).join(' · '), icon: User, to: paths.person(person.id) })) },
      { title: w('find_segments'), hits: (data?.segments ?? []).map((segment) => ({ id: segment.id, title: segment.name, icon: Users, to: paths.segment(segment.id) })) },
      { title: w('find_journeys'), hits: (data?.journeys ?? []).map((journey) => ({ id: journey.id, title: journey.name, icon: Route, to: paths.journey(journey.id) })) },
      { title: w('find_actions'), hits: doable },
      { title: w('find_pages'), hits: pages },
    ].filter((section) => section.hits.length > 0);
  }, [text, found.data, entries, actions, lang, w]);

  const hits = sections.flatMap((section) => section.hits);
  useEffect(() => setAt(0), [text]);
  useEffect(() => {
    void list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const take = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    go(hit.to);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
    else if (event.key === 'ArrowDown') setAt((at + 1) % Math.max(1, hits.length));
    else if (event.key === 'ArrowUp') setAt((at - 1 + hits.length) % Math.max(1, hits.length));
    else if (event.key === 'Enter') take(hits[at]);
    else if (event.key !== 'Tab') return;
    event.preventDefault();
  };

  let n = -1;
  return (
    <div className="palette-back" onMouseDown={(event) => event.target === event.currentTarget && onClose()}>
      <div className="palette-box" role="dialog" aria-modal="true" aria-label={w('find')}>
        <input autoFocus role="combobox" aria-expanded="true" aria-controls={`${id}-list`} aria-activedescendant={hits[at] ? `${id}-${at}` : undefined} aria-label={w('find_placeholder')} placeholder={w('find_placeholder')} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={onKey} />
        <ul role="listbox" id={`${id}-list`} aria-label={w('find')} ref={list}>
          {hits.length === 0 && (
            <li className="head" role="presentation">
              {w('find_nothing')}
            </li>
          )}
          {sections.map((section) => [
            <li key={section.title} className="head" role="presentation">
              {section.title}
            </li>,
            ...section.hits.map((hit) => {
              n += 1;
              const mine = n;
              return (
                <li key={hit.id} id={`${id}-${mine}`} role="option" aria-selected={mine === at} onMouseMove={() => setAt(mine)} onClick={() => take(hit)}>
                  <hit.icon size={15} aria-hidden className="svg" />
                  <span className="cut">{hit.title}</span>
                  {hit.note && <span className="dim small cut">{hit.note}</span>}
                </li>
              );
            }),
          ])}
        </ul>
      </div>
    </div>
  );
}
