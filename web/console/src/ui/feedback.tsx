// What the page says back: toasts, problems, skeletons.
import { Copy } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Problem, asProblem } from '../lib/api';
import { useLate } from '../lib/hooks';
import { useWords } from '../lib/i18n';
import { fieldWord, problemWords } from '../lib/problem-words';
import { Button } from './button';
import { toast } from './toasts';
import { common } from './words';

/** The sentence for a problem in the reader's language; never the server's own. */
export function useProblemText(): (problem: Problem) => string {
  const w = useWords(problemWords);
  return (problem) => {
    if (problem.code in problemWords.words) return w(problem.code as keyof typeof problemWords.words, problem.params);
    const byStatus = `status_${problem.status}`;
    if (byStatus in problemWords.words) return w(byStatus as keyof typeof problemWords.words);
    return w(problem.status >= 500 ? 'status_500' : 'status_other');
  };
}

/** What an error says of one field, in the reader's language; null when it says nothing of it. */
export function useFieldText(): (error: unknown, ...fields: string[]) => string | null {
  const w = useWords(problemWords);
  const text = useProblemText();
  return (error, ...fields) => {
    if (!(error instanceof Problem)) return null;
    const said = fields.map((field) => error.fields[field]).find((one) => one !== undefined);
    if (said === undefined) return null;
    const word = fieldWord(said);
    return word ? w(word) : text(error);
  };
}

export function ProblemView({ error, retry, kept }: { error: unknown; retry?: () => void; kept?: boolean }) {
  const w = useWords(problemWords);
  const text = useProblemText();
  const problem = asProblem(error);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Newer browsers answer with a promise, which an effect must not return.
    void box.current?.scrollIntoView({ block: 'nearest' });
  }, [problem]);
  const quote = problem.trace ?? '';
  return (
    <div className="problem" role="alert" ref={box}>
      <strong>
        {text(problem)}
        {kept ? ` ${w('kept')}` : ''}
      </strong>
      <div className="quote">
        <span>
          {w('code')} <code>{problem.code}</code>
        </span>
        {quote && (
          <span>
            {w('trace')} <code>{quote}</code>
          </span>
        )}
        {retry && (
          <button type="button" className="linkish" onClick={retry}>
            {w('retry')}
          </button>
        )}
      </div>
      {problem.detail && (
        <details className="small soft" style={{ marginTop: 4 }}>
          <summary>{w('technical')}</summary>
          <code className="break">{problem.detail}</code>
        </details>
      )}
    </div>
  );
}

export function useToast() {
  const text = useProblemText();
  return {
    done: (what: string) => toast({ text: what, good: true }, 2500),
    failed: (error: unknown) => {
      const problem = asProblem(error);
      toast({ text: text(problem), quote: [problem.code, problem.trace].filter(Boolean).join(' · '), good: false }, 8000);
    },
  };
}

export function Skeleton({ lines = 6 }: { lines?: number }) {
  const w = useWords(common);
  const late = useLate(true);
  if (!late) return <div style={{ minHeight: lines * 24 }} />;
  return (
    <div className="skeleton" role="status" aria-label={w('loading')}>
      {Array.from({ length: lines }, (_, i) => (
        <i key={i} style={{ width: `${96 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

type Asked<T> = { data?: T; error: unknown; isPending: boolean; refetch: () => unknown };
/** A query's three faces: not yet, failed, here. */
export function Answered<T>({ of, lines, children }: { of: Asked<T>; lines?: number; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <ProblemView error={of.error} retry={() => void of.refetch()} />;
  return <Skeleton lines={lines} />;
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const w = useWords(common);
  const [done, setDone] = useState(false);
  return (
    <Button
      size="small"
      icon={<Copy size={13} />}
      onClick={() => {
        void copyText(text).then(() => {
          setDone(true);
          setTimeout(() => setDone(false), 1500);
        });
      }}
    >
      {done ? w('copied') : (label ?? w('copy'))}
    </Button>
  );
}

/** Copies also where the clipboard is forbidden (plain http). */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}
