// What an event says about itself, fit to be read: names for ids, words for codes, and nothing that only machines need.
import { useCallback } from 'react';
import type { Json } from './api';
import { useLanguage } from './i18n';
import { useJourneyName, useTemplateName } from './names';
import { factLabel, purposeLabel, reasonLabel, valueLabel } from './vocabulary';

export type EventFact = { key: string; label: string; text: string };
type Properties = { [key: string]: Json };

/** Counters and ids of our own events; the whole event is one click away. */
const HIDDEN = new Set(['message_id', 'version', 'entry', 'experiment']);
/** A name stands beside its id. */
const NAMED: { [id: string]: string } = { journey: 'journey_name', segment: 'segment_name' };

export function useEventFacts(): (properties: Properties | undefined) => EventFact[] {
  const lang = useLanguage();
  const journeyName = useJourneyName();
  const templateName = useTemplateName();
  return useCallback(
    (properties = {}) => {
      const text = (key: string, value: Json): string => {
        if (typeof value === 'boolean') return lang === 'zh' ? (value ? '是' : '否') : value ? 'yes' : 'no';
        if (typeof value !== 'string') return String(value);
        if (key === 'journey') return journeyName(value);
        if (key === 'template') return templateName(value);
        if (key === 'purpose') return purposeLabel(value, lang);
        if (key === 'reason') return reasonLabel(value, lang);
        return valueLabel(key, value, lang);
      };
      return Object.entries(properties)
        .filter(([key, value]) => value !== null && value !== '' && typeof value !== 'object' && !HIDDEN.has(key) && !(key === 'control' && value === false) && !(NAMED[key] && properties[NAMED[key]]))
        // In an event `name` is a page's or a thing's, never a person's.
        .map(([key, value]) => ({ key, label: key === 'name' ? (lang === 'zh' ? '名称' : 'Name') : factLabel(key, lang), text: text(key, value) }));
    },
    [lang, journeyName, templateName],
  );
}
