// What the features and values of a portrait are called.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { call } from '../../../../lib/api';
import type { FeatureKind } from '../../../../lib/api/portraits';
import { money, number, short } from '../../../../lib/format';
import { type Language, useLanguage } from '../../../../lib/i18n';
import { half, namedValues } from '../../../../lib/labels';
import { useMay } from '../../../../lib/session';
import { eventLabel, factLabel, valueLabel } from '../../../../lib/vocabulary';
import { nameOf } from '../../logic/portrait-condition';

type Feature = { kind: FeatureKind; feature: string; title: string };
export type FeatureText = { title: (of: Feature) => string; value: (of: Feature, value: string) => string };

/** `view_item.category`; a property may itself hold dots. */
function interestOf(name: string): { event: string; property: string } {
  const [, event = '', property = ''] = /^([^.:/]+)[.:/](.+)$/.exec(name) ?? [];
  return { event, property };
}

export function useFeatureText(): FeatureText {
  const lang = useLanguage();
  const may = useMay()('tags:read');
  const tags = useQuery({ queryKey: ['tags', 'named'], enabled: may, staleTime: 60_000, retry: false, queryFn: () => call('GET /tags', { query: { limit: 500 } }).then((answer) => answer.items) });
  const title = useCallback(
    ({ kind, feature, title: given }: Feature) => {
      const name = nameOf(feature);
      if (kind === 'tag') return half(tags.data?.find((one) => one.name === name)?.title ?? given, lang);
      if (kind === 'event') return eventLabel(name, lang);
      if (kind === 'interest') {
        const { event, property } = interestOf(name);
        return property ? `${eventLabel(event, lang)} · ${factLabel(property, lang)}` : half(given, lang);
      }
      const known = factLabel(name, lang);
      return known !== name ? known : half(given, lang) || name;
    },
    [tags.data, lang],
  );
  const value = useCallback(
    ({ kind, feature }: Feature, text: string) => {
      if (text === 'true') return lang === 'zh' ? '是' : 'yes';
      if (text === 'false') return lang === 'zh' ? '否' : 'no';
      const name = nameOf(feature);
      const label = kind === 'tag' ? namedValues(tags.data?.find((one) => one.name === name)?.rule ?? {}).find((one) => one.value === text)?.label : undefined;
      return label ? half(label, lang) : valueLabel(kind === 'interest' ? interestOf(name).property : name, text, lang);
    },
    [tags.data, lang],
  );
  return useMemo(() => ({ title, value }), [title, value]);
}

/** A number as long as it needs to be, with its unit. */
export function figure(value: number, unit: string | null, lang: Language): string {
  if (unit && /^[A-Z]{3}$/.test(unit)) return money(Math.abs(value) >= 100 ? Math.round(value) : value, unit, lang).replace(/\.00(?=\D*$)/, '');
  const size = Math.abs(value);
  const text = size >= 100_000 ? short(value, lang) : number(value, lang, size < 10 ? 2 : size < 100 ? 1 : 0);
  return unit ? `${text} ${unit}` : text;
}
