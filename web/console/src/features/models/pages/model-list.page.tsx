// All models: what each answers, when it last did, and what is running.
import { Plus } from 'lucide-react';
import { call } from '../../../lib/api';
import type { Model } from '../../../lib/api/models';
import { number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Badge, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Go, useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { questionOf } from '../parts/kinds';
import { mw } from '../words';

export default function ModelListPage() {
  const w = useWords(mw);
  const c = useWords(common);
  const go = useGo();
  const [url, setUrl] = useUrlState({ q: '' });
  const create = useMay()('models:write') && (
    <Button type="primary" icon={<Plus size={14} />} onClick={() => go(paths.modelNew)}>
      {w('new')}
    </Button>
  );
  return (
    <Page title={w('title')} sub={w('sub')} actions={create}>
      <List
        id="models"
        label={w('title')}
        ask={{ key: ['models', 'list', url.q], fetch: (cursor, signal) => call('GET /models', { query: { q: url.q, cursor }, signal }), refetchInterval: 5_000 }}
        rowKey={(row) => row.id}
        rowTo={(row) => paths.model(row.id)}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        empty={{ title: w('empty'), text: w('empty_text'), action: create }}
        columns={[
          {
            id: 'title',
            title: c('name'),
            fixed: true,
            render: (row) => (
              <div>
                <Go className="main-link" to={paths.model(row.id)}>{row.title}</Go>
                {row.description && <div className="dim small cut" style={{ maxWidth: 380 }}>{row.description}</div>}
              </div>
            ),
          },
          { id: 'kind', title: w('kind'), render: (row) => <span className="row wrap" style={{ gap: '2px 8px' }}><Badge>{w(`kind_${row.kind}`)}</Badge><span className="dim small">{w(`q_${questionOf(row.kind).id}`)}</span></span> },
          { id: 'tag', title: w('tag'), phone: false, render: (row) => <Go to={paths.tag(row.tag)}><code>{row.name}</code></Go> },
          { id: 'run', title: w('last_run'), render: (row) => <LastRun model={row} /> },
          { id: 'people', title: w('people'), end: true, render: (row) => <People model={row} /> },
          { id: 'state', title: c('state'), phone: false, render: (row) => <StateBadge state={row.state} /> },
        ]}
      />
    </Page>
  );
}

function LastRun({ model }: { model: Model }) {
  const w = useWords(mw);
  const lang = useLanguage();
  if (model.progress) {
    const { done, total, stage } = model.progress;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    return (
      <div style={{ minWidth: 120 }}>
        <div className="progress" role="progressbar" aria-label={w(`stage_${stage}`)} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}><i style={{ width: `${share * 100}%` }} /></div>
        <span className="small soft">{w(`stage_${stage}`)} {percent(share, lang, 0)}</span>
      </div>
    );
  }
  if (!model.last_run) return <span className="dim">{w('never_run')}</span>;
  return <span className="row">{model.last_run.state !== 'done' && <StateBadge state={model.last_run.state} />}<Ago at={model.last_run.finished_at} /></span>;
}

function People({ model }: { model: Model }) {
  const lang = useLanguage();
  return model.last_run?.state === 'done' ? <b>{number(model.last_run.people, lang)}</b> : <span className="dim">–</span>;
}
