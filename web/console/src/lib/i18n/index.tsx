// Two languages, written side by side: every word is a pair, so none can be forgotten in one of them.
import i18next from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';

export type Language = 'zh' | 'en';
/** Chinese, English (many), English (one, where it differs). */
export type Word = readonly [zh: string, en: string, one?: string];
export type Words = { readonly [key: string]: Word };
export type Dictionary<W extends Words> = { room: string; words: W };
export type Params = { [name: string]: string | number | undefined };
export type Say<W extends Words> = (key: keyof W & string, params?: Params) => string;

const KEPT = 'weft.language';

function firstLanguage(): Language {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept === 'zh' || kept === 'en') return kept;
  } catch {
    // Storage may be forbidden: the browser's language decides then.
  }
  return typeof navigator !== 'undefined' && !navigator.language.toLowerCase().startsWith('zh') ? 'en' : 'zh';
}

void i18next.use(initReactI18next).init({
  lng: firstLanguage(),
  fallbackLng: false,
  resources: {},
  keySeparator: false,
  nsSeparator: '::',
  interpolation: { escapeValue: false },
  react: { useSuspense: false },
  showSupportNotice: false,
} as Parameters<typeof i18next.init>[0]);

export function defineWords<const W extends Words>(room: string, words: W): Dictionary<W> {
  const zh: Record<string, string> = {};
  const en: Record<string, string> = {};
  for (const [key, word] of Object.entries(words)) {
    zh[key] = word[0];
    if (word[2] === undefined) en[key] = word[1];
    else {
      zh[`${key}_other`] = word[0];
      en[`${key}_other`] = word[1];
      en[`${key}_one`] = word[2];
    }
  }
  i18next.addResourceBundle('zh', room, zh, true, true);
  i18next.addResourceBundle('en', room, en, true, true);
  return { room, words };
}

export function useWords<W extends Words>(dictionary: Dictionary<W>): Say<W> {
  const { t } = useTranslation(dictionary.room);
  return useCallback((key, params) => String(t(key, params as never)), [t]);
}

/** For code outside components. */
export function say<W extends Words>(dictionary: Dictionary<W>, key: keyof W & string, params?: Params): string {
  return String(i18next.t(key, { ns: dictionary.room, ...params } as never));
}

export function language(): Language {
  return i18next.language === 'en' ? 'en' : 'zh';
}

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === 'en' ? 'en' : 'zh';
}

export function setLanguage(next: Language): void {
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // Not kept then; the switch still works for this visit.
  }
  void i18next.changeLanguage(next);
}

function mark(next: string): void {
  if (typeof document !== 'undefined') document.documentElement.lang = next === 'en' ? 'en' : 'zh-CN';
}
mark(i18next.language);
i18next.on('languageChanged', mark);
