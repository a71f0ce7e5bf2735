// All templates.
import { Plus } from 'lucide-react';
import { call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { channelLabel, factLabel } from '../../../lib/vocabulary';
import { Ago, Badge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Go, useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { readable } from '../logic/readable';
import { tw } from '../words';

export default function TemplateListPage() {
  const w = useWords(tw);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const [url, setUrl] = useUrlState({ q: '' });
  const create = useMay()('content:write') && (
    <Button type="primary" icon={<Plus size={14} />} onClick={() => go(paths.templateNew)}>
      {w('new')}
    </Button>
  );
  return (
    <Page title={w('title')} sub={w('sub')} actions={create}>
      <List
        id="templates"
        label={w('title')}
        ask={{ key: ['templates', 'list', url.q], fetch: (cursor, signal) => call('GET /templates', { query: { q: url.q, cursor }, signal }) }}
        rowKey={(row) => row.id}
        rowTo={(row) => paths.template(row.id)}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        empty={{ title: w('empty'), text: w('empty_text'), action: create }}
        columns={[
          { id: 'name', title: c('name'), fixed: true, render: (row) => <Go className="main-link" to={paths.template(row.id)}>{row.name}</Go> },
          { id: 'channel', title: w('channel'), fixed: true, render: (row) => <Badge tone="info">{channelLabel(row.channel, lang)}</Badge> },
          { id: 'subject', title: w('subject'), render: (row) => <span className="soft cut" style={{ display: 'block', maxWidth: 380 }} title={row.subject ?? undefined}>{readable(row.subject ?? '', (name) => factLabel(name, lang)) || '–'}</span> },
          { id: 'updated', title: c('updated'), end: true, render: (row) => <Ago at={row.updated_at} /> },
        ]}
      />
    </Page>
  );
}
