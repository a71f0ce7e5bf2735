// A picture for each question.
import { BadgeDollarSign, CalendarClock, GitFork, type LucideIcon, Heart, Shapes, UserSearch } from 'lucide-react';
import type { Kind } from '../../../lib/api/models';
import { QUESTIONS, type QuestionId } from '../logic/drafts';

export const ICONS: { [id in QuestionId]: LucideIcon } = { alike: Shapes, sorts: GitFork, worth: BadgeDollarSign, likes: Heart, seed: UserSearch, will: CalendarClock };
export const questionOf = (kind: Kind) => QUESTIONS.find((one) => (one.kinds as readonly Kind[]).includes(kind))!;
