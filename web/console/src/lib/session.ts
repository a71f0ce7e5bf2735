// Who sits here, and in which workspace.
import { createContext, useCallback, useContext } from 'react';
import type { Session } from './api';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('a page outside a session');
  return session;
}

/** `journeys:publish` is held by itself, by `journeys:*` and by `*`. */
export function holds(permissions: string[], wanted: string): boolean {
  return permissions.includes('*') || permissions.includes(wanted) || permissions.includes(`${wanted.split(':')[0]}:*`);
}

/** What the person at the screen may; the server decides, this only spares her doors that stay shut. */
export function useMay(): (permission: string) => boolean {
  const { permissions } = useSession();
  return useCallback((permission) => holds(permissions, permission), [permissions]);
}
