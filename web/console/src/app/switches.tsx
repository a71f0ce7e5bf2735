// Language and theme: one click each, remembered by the browser.
import { Moon, Sun } from 'lucide-react';
import { language, setLanguage, useWords } from '../lib/i18n';
import { useTheme } from '../lib/theme';
import { app } from './words';

export function LanguageSwitch() {
  const w = useWords(app);
  return (
    <button type="button" className="icon-button text" aria-label={w('language_label')} lang={language() === 'zh' ? 'en' : 'zh-CN'} onClick={() => setLanguage(language() === 'zh' ? 'en' : 'zh')}>
      {w('language')}
    </button>
  );
}

export function ThemeSwitch() {
  const w = useWords(app);
  const { dark, choose } = useTheme();
  return (
    <button type="button" className="icon-button" aria-label={w('theme')} title={w('theme')} onClick={() => choose(dark ? 'light' : 'dark')}>
      {dark ? <Sun size={15} aria-hidden /> : <Moon size={15} aria-hidden />}
    </button>
  );
}
