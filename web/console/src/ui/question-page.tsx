// The question pattern: the question as a sentence above, the picture below, the table under it.
import { Download, Link2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useWords } from '../lib/i18n';
import { Button } from './button';
import { copyText, useToast } from './feedback';
import { Page } from './page';
import { saveCsv } from './csv';
import { common } from './words';

type Props = { title: string; sub?: string; question: ReactNode; picture: ReactNode; table?: ReactNode; data?: () => { name: string; rows: unknown[][] } | null };

export function QuestionPage({ title, sub, question, picture, table, data }: Props) {
  const w = useWords(common);
  const toast = useToast();
  return (
    <Page
      title={title}
      sub={sub}
      actions={
        <>
          <Button icon={<Link2 size={14} />} onClick={() => void copyText(location.href).then(() => toast.done(w('copied')))}>
            {w('copy_link')}
          </Button>
          {data && (
            <Button
              icon={<Download size={14} />}
              onClick={() => {
                const answer = data();
                if (answer) saveCsv(answer.name, answer.rows);
              }}
            >
              {w('export_csv')}
            </Button>
          )}
        </>
      }
    >
      <div className="stack loose">
        <Panelled>{question}</Panelled>
        {picture}
        {table}
      </div>
    </Page>
  );
}

function Panelled({ children }: { children: ReactNode }) {
  return (
    <section className="panel">
      <div className="body" style={{ paddingTop: 14 }}>{children}</div>
    </section>
  );
}
