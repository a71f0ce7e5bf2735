// Whom a segment is shared with, as the dialog asks it.
import type { Sharing } from '../../../lib/api';

export const HOW = ['edit', 'read', 'named'] as const;
export type How = (typeof HOW)[number];
export type SharedUser = Extract<Sharing, { with: 'named' }>['users'][number];

export const howOf = (sharing: Sharing): How => (sharing.with === 'named' ? 'named' : sharing.can);
export const usersOf = (sharing: Sharing): SharedUser[] => (sharing.with === 'named' ? sharing.users : []);
export const sharingOf = (how: How, users: SharedUser[]): Sharing => (how === 'named' ? { with: 'named', users } : { with: 'workspace', can: how });
