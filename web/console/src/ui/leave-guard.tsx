// Nothing that was typed is lost by a wrong click: leaving a page, a drawer or the browser's tab asks first.
import { useBlocker } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useWords } from '../lib/i18n';
import { Danger } from './danger';
import { common } from './words';

type Guard = {
  /** The question itself, to be put anywhere on the page. */
  question: ReactNode;
  /** What was typed is kept or given up: the next step asks nothing. */
  release: () => void;
  /** Does it at once, or after the question. */
  leave: (go: () => void) => void;
};

/** `words` say what is at stake when it is not something typed. */
export function useLeaveGuard(dirty: boolean, words?: { title: string; text: string; go: string }): Guard {
  const w = useWords(common);
  const released = useRef(false);
  const [waiting, setWaiting] = useState<(() => void) | null>(null);
  useEffect(() => {
    if (!dirty) released.current = false;
  }, [dirty]);
  const holds = () => dirty && !released.current;
  const blocker = useBlocker({ shouldBlockFn: ({ current, next }) => holds() && current.pathname !== next.pathname, enableBeforeUnload: holds, withResolver: true });
  const stay = () => {
    setWaiting(null);
    blocker.reset?.();
  };
  const go = () => {
    released.current = true;
    waiting?.();
    blocker.proceed?.();
    setWaiting(null);
  };
  return {
    question: (
      <Danger open={waiting !== null || blocker.status === 'blocked'} title={words?.title ?? w('leave_title')} confirm={words?.go ?? w('leave_go')} onConfirm={go} onClose={stay}>
        <p>{words?.text ?? w('leave_text')}</p>
      </Danger>
    ),
    release: () => {
      released.current = true;
    },
    leave: (next) => (holds() ? setWaiting(() => next) : next()),
  };
}
