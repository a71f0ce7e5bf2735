// What a feature tells the shell: its pages, its places in the navigation, and its actions.
import type { LucideIcon } from 'lucide-react';
import type { ComponentType } from 'react';
import type { Word } from './i18n';

export type Group = 'home' | 'people' | 'insight' | 'engage' | 'data' | 'trust';
export type FeatureRoute = { path: string; load: () => Promise<{ default: ComponentType }> };
export type NavEntry = { id: string; group: Group; order: number; title: Word; path: string; icon: LucideIcon; phone?: number; when?: 'demo'; needs?: string };
export type FeatureAction = { id: string; title: Word; path: string; icon: LucideIcon; keywords?: string; needs?: string };
export type Feature = { id: string; routes: FeatureRoute[]; nav: NavEntry[]; actions?: FeatureAction[] };
