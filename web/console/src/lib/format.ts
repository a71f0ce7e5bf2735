// Numbers, money, times and spans as each language writes them; times in the workspace's zone.
import type { Language } from './i18n';

let zone = 'Asia/Shanghai';
export function setTimeZone(next: string): void {
  zone = next || 'UTC';
}
export function timeZone(): string {
  return zone;
}
/** Every time zone there is, the likely ones first. */
export function zones(): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
  return [...new Set([zone, own, 'Asia/Shanghai', 'Asia/Hong_Kong', 'Asia/Taipei', 'Asia/Singapore', 'UTC', ...all])].filter(Boolean);
}

const locale = (lang: Language) => (lang === 'zh' ? 'zh-CN' : 'en-GB');
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numberFormat(lang: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${lang}${JSON.stringify(options)}`;
  let format = cache.get(key) as Intl.NumberFormat | undefined;
  if (!format) cache.set(key, (format = new Intl.NumberFormat(locale(lang), options)));
  return format;
}
function dateFormat(lang: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `d${lang}${zone}${JSON.stringify(options)}`;
  let format = cache.get(key) as Intl.DateTimeFormat | undefined;
  if (!format) cache.set(key, (format = new Intl.DateTimeFormat(locale(lang), { timeZone: zone, hourCycle: 'h23', ...options })));
  return format;
}

export const number = (value: number, lang: Language, digits = 0) => numberFormat(lang, { maximumFractionDigits: digits }).format(value);
export const percent = (share: number, lang: Language, digits = 1) =>
  numberFormat(lang, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);
/** 12,345 stays; 1,234,567 becomes 123.5万 or 1.2M. */
export const short = (value: number, lang: Language) =>
  Math.abs(value) < 100_000 ? number(value, lang) : numberFormat(lang, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
export function money(value: string | number, currency: string | null | undefined, lang: Language): string {
  return numberFormat(lang, { style: 'currency', currency: currency || 'CNY', maximumFractionDigits: 2 }).format(Number(value));
}
export function bytes(value: number, lang: Language): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let left = value;
  let unit = 0;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit += 1;
  }
  return `${number(left, lang, unit < 2 ? 0 : 1)} ${units[unit]}`;
}

const read = (at: string | number | null | undefined) => (at === null || at === undefined ? null : new Date(at));
const valid = (date: Date | null): date is Date => date !== null && !Number.isNaN(date.getTime());

export function dateTime(at: string | number | null | undefined, lang: Language, seconds = false): string {
  const date = read(at);
  if (!valid(date)) return '–';
  return dateFormat(lang, { year: 'numeric', month: lang === 'zh' ? '2-digit' : 'short', day: '2-digit', hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) })
    .format(date)
    .replace(/\//g, '-');
}
export function day(at: string | number | null | undefined, lang: Language): string {
  const date = read(at);
  return valid(date) ? dateFormat(lang, { month: lang === 'zh' ? 'numeric' : 'short', day: 'numeric' }).format(date).replace('/', '-') : '–';
}
export function date(at: string | number | null | undefined, lang: Language): string {
  const value = read(at);
  return valid(value) ? dateFormat(lang, { year: 'numeric', month: lang === 'zh' ? '2-digit' : 'short', day: '2-digit' }).format(value).replace(/\//g, '-') : '–';
}
export function clock(at: string | number | null | undefined, lang: Language, seconds = true): string {
  const value = read(at);
  return valid(value) ? dateFormat(lang, { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) }).format(value) : '–';
}
/** YYYY-MM-DD in the workspace's zone, for date fields. */
export function isoDay(at: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date(at));
}
/** The moment a day (YYYY-MM-DD) begins in the workspace's zone; `days` later. */
export function startOfDay(day: string, days = 0): string {
  const wanted = Date.parse(`${day}T00:00:00Z`) + days * 86_400_000;
  const clockOf = (at: number) => Date.parse(`${new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(new Date(at)).replace(' ', 'T')}Z`);
  // Twice, for the night on which clocks are changed.
  let at = wanted - (clockOf(wanted) - wanted);
  at -= clockOf(at) - wanted;
  return new Date(at).toISOString();
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
export function ago(at: string | number | null | undefined, lang: Language, now = Date.now()): string {
  const value = read(at);
  if (!valid(value)) return '–';
  const gap = value.getTime() - now;
  for (const [unit, size] of STEPS) {
    if (Math.abs(gap) >= size) return new Intl.RelativeTimeFormat(locale(lang), { numeric: 'auto' }).format(Math.trunc(gap / size), unit);
  }
  return lang === 'zh' ? '刚刚' : 'just now';
}

const UNITS: { [unit: string]: readonly [zh: string, en: string] } = {
  s: ['秒', 'second'],
  m: ['分钟', 'minute'],
  h: ['小时', 'hour'],
  d: ['天', 'day'],
  w: ['周', 'week'],
  mo: ['个月', 'month'],
  y: ['年', 'year'],
};
/** Splits `7d` or `1d12h`; null when it is no span. */
export function spanParts(text: string): { amount: number; unit: string }[] | null {
  const parts = [...text.matchAll(/(\d+)(mo|[smhdwy])/g)].map((m) => ({ amount: Number(m[1]), unit: m[2]! }));
  return parts.length > 0 && parts.map((p) => `${p.amount}${p.unit}`).join('') === text ? parts : null;
}
/** `7d` as 7 天 or 7 days. */
export function span(text: string, lang: Language): string {
  const parts = spanParts(text);
  if (!parts) return text;
  // A model's cut falls anywhere: so many seconds are read as days and hours.
  if (parts.length === 1 && parts[0]!.unit === 's' && parts[0]!.amount >= 3600) return duration(parts[0]!.amount * 1000, lang);
  return parts
    .map(({ amount, unit }) => (lang === 'zh' ? `${amount} ${UNITS[unit]![0]}` : `${amount} ${UNITS[unit]![1]}${amount === 1 ? '' : 's'}`))
    .join(' ');
}
/** Milliseconds in words, two units at most. */
export function duration(ms: number, lang: Language): string {
  const sizes: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ];
  let left = Math.max(0, ms);
  let text = '';
  let used = 0;
  for (const [unit, size] of sizes) {
    const amount = Math.floor(left / size);
    if (amount > 0 && used < 2) {
      text += `${amount}${unit}`;
      left -= amount * size;
      used += 1;
    } else if (used > 0) break;
  }
  return text ? span(text, lang) : lang === 'zh' ? '不到 1 秒' : 'under a second';
}
