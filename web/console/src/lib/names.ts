// Names for the ids that lists carry: sources, templates, journeys, the people who work here.
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { call } from './api';
import { type Language, useLanguage } from './i18n';
import { useMay, useSession } from './session';

const MINUTE = 60_000;
type NameOf = (id: string | null | undefined) => string;

/** Sources that the program itself is. */
const OWN: { [source: string]: readonly [zh: string, en: string] } = {
  console: ['控制台', 'Console'], channels: ['触达', 'Sending'], journeys: ['旅程', 'Journeys'], segments: ['人群', 'Segments'], unknown: ['未知来源', 'Unknown'], log: ['日志', 'Log'],
};
const word = (pair: readonly [string, string], lang: Language) => pair[lang === 'zh' ? 0 : 1];

export function useSourceName(): NameOf {
  const lang = useLanguage();
  const may = useMay()('sources:read');
  const asked = useQuery({ queryKey: ['sources', 'all'], enabled: may, staleTime: MINUTE, queryFn: () => call('GET /sources', { query: { limit: 500 } }).then((answer) => answer.items) });
  return useCallback(
    (id) => {
      if (!id) return '';
      const own = OWN[id];
      if (own) return word(own, lang);
      // Imports come from a source without a row of its own.
      return asked.data?.find((one) => one.id === id)?.name ?? (id.startsWith('src_') && asked.data ? word(['文件导入', 'File import'], lang) : id);
    },
    [asked.data, lang],
  );
}

export function useTemplates() {
  const may = useMay()('content:read');
  return useQuery({ queryKey: ['templates', 'all'], enabled: may, staleTime: 15_000, queryFn: () => call('GET /templates', { query: { limit: 500 } }).then((answer) => answer.items) });
}

export function useTemplateName(): NameOf {
  const asked = useTemplates();
  return useCallback((id) => (id ? (asked.data?.find((one) => one.id === id)?.name ?? id) : ''), [asked.data]);
}

export function useJourneys() {
  const may = useMay()('journeys:read');
  return useQuery({ queryKey: ['journeys', 'all'], enabled: may, staleTime: 30_000, queryFn: () => call('GET /journeys', { query: { limit: 500 } }).then((answer) => answer.items) });
}

export function useJourneyName(): NameOf {
  const asked = useJourneys();
  return useCallback((id) => (id ? (asked.data?.find((one) => one.id === id)?.name ?? id) : ''), [asked.data]);
}

export function useSegmentName(): NameOf {
  const may = useMay()('segments:read');
  const asked = useQuery({ queryKey: ['segments', 'named'], enabled: may, staleTime: 30_000, queryFn: () => call('GET /segments', { query: { limit: 500 } }).then((answer) => answer.items) });
  return useCallback((id) => (id ? (asked.data?.find((one) => one.id === id)?.name ?? id) : ''), [asked.data]);
}

/** Who works here. */
export function useMembers() {
  const may = useMay()('members:read');
  return useQuery({ queryKey: ['members', 'all'], enabled: may, staleTime: MINUTE, queryFn: () => call('GET /members', { query: { limit: 500 } }).then((answer) => answer.items) });
}

/** Who did it: a member by name, a key or the program by what it is. */
export function useActorName(): NameOf {
  const lang = useLanguage();
  const asked = useMembers();
  return useCallback(
    (id) => {
      if (!id) return '';
      if (id === 'system') return word(['系统', 'system'], lang);
      if (id.startsWith('key_')) return word(['接口密钥', 'API key'], lang);
      return asked.data?.find((one) => one.id === id)?.name ?? id;
    },
    [asked.data, lang],
  );
}

/** Things of which a workspace has one. */
const ONLY: { [target: string]: readonly [zh: string, en: string] } = { sending: ['防打扰与渠道', 'Sending'], tracking_plan: ['埋点方案', 'Tracking plan'], quarantine: ['隔离区', 'Quarantine'] };

/** What something is called, by the beginning of its id; the id itself when nobody knows. */
export function useThingName(): NameOf {
  const lang = useLanguage();
  const journey = useJourneyName();
  const template = useTemplateName();
  const segment = useSegmentName();
  const source = useSourceName();
  const member = useActorName();
  const { workspace } = useSession();
  return useCallback(
    (id) => {
      if (!id) return '';
      if (id === workspace.id) return workspace.name;
      const only = ONLY[id];
      if (only) return word(only, lang);
      const naming = { jny: journey, tpl: template, seg: segment, src: source, usr: member }[id.slice(0, id.indexOf('_'))];
      return naming ? naming(id) : id;
    },
    [lang, journey, template, segment, source, member, workspace],
  );
}
