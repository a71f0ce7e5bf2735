// Imports: how far, what was taken, what was refused.
import { useMutation } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { type ImportKind, type ImportWork, Problem, call, url as address } from '../../../lib/api';
import { duration, number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Badge, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { useProblemText, useToast } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { LongWork } from '../../../ui/long-work';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { iw } from '../words';

export default function ImportsPage() {
  const w = useWords(iw);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const toast = useToast();
  const problem = useProblemText();
  const [url, setUrl] = useUrlState({ q: '' });
  const cancel = useMutation({
    mutationFn: (id: string) => call('POST /imports/{id}:cancel', { path: { id } }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['imports'] }),
    onError: toast.failed,
  });
  const button = useMay()('imports:write') && (
    <Button type="primary" icon={<Upload size={14} />} onClick={() => go(paths.importNew)}>
      {w('new')}
    </Button>
  );
  const took = (one: ImportWork) => (one.finished_at ? duration(new Date(one.finished_at).getTime() - new Date(one.created_at).getTime(), lang) : '');
  return (
    <Page title={w('title')} sub={w('sub')} actions={button}>
      <List
        id="imports"
        label={w('title')}
        ask={{ key: ['imports', url.q], fetch: (cursor, signal) => call('GET /imports', { query: { q: url.q, cursor }, signal }), refetchInterval: 1500 }}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        rowKey={(row) => row.id}
        empty={{ title: w('empty'), text: w('empty_text'), action: button }}
        columns={[
          { id: 'file', title: w('file'), fixed: true, render: (row) => <b style={{ fontWeight: 500 }}>{row.file}</b> },
          { id: 'kind', title: w('kind'), fixed: true, render: (row) => <Badge>{w(`k_${row.kind as ImportKind}`)}</Badge> },
          {
            id: 'progress',
            title: w('progress'),
            fixed: true,
            width: 300,
            render: (row) =>
              row.state === 'running' ? (
                <LongWork label={row.file} done={row.rows} total={row.total_rows} startedAt={row.created_at} cancelling={cancel.isPending && cancel.variables === row.id} onCancel={() => cancel.mutate(row.id)} />
              ) : (
                <span className="row">
                  {row.state === 'done' ? <Badge tone="good">{w('done')}</Badge> : <StateBadge state={row.state} />}
                  <span className="dim small">{row.error_code ? problem(new Problem(row.error_code, 400, row.error ?? '')) : took(row) && w('took', { time: took(row) })}</span>
                </span>
              ),
          },
          { id: 'accepted', title: w('accepted'), end: true, render: (row) => number(row.accepted, lang) },
          {
            id: 'rejected',
            title: w('rejected'),
            end: true,
            render: (row) =>
              row.has_rejected_file ? (
                <a href={address('/imports/{id}/rejected', { id: row.id })} download title={w('download_rejected')}>
                  {number(row.rejected, lang)} ↓
                </a>
              ) : (
                number(row.rejected, lang)
              ),
          },
          { id: 'skipped', title: w('skipped'), end: true, phone: false, optional: true, render: (row) => <span title={w('skipped_help')}>{number(row.skipped, lang)}</span> },
          { id: 'events', title: w('events'), end: true, phone: false, render: (row) => number(row.events, lang) },
          { id: 'people', title: w('people'), end: true, phone: false, render: (row) => number(row.people_created, lang) },
          { id: 'when', title: c('time'), end: true, render: (row) => <Ago at={row.created_at} /> },
        ]}
      />
    </Page>
  );
}
