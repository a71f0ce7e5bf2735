// All segments, with their numbers now.
import { Blend, ChartColumnStacked, Plus } from 'lucide-react';
import { call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Go, useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { OwnerFilter, OwnerName } from '../../../ui/owner';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { SegmentBadges } from '../parts/badges';
import { CombineDialog } from '../parts/combine-dialog';
import '../segments.css';
import { seg } from '../words';

export default function SegmentListPage() {
  const w = useWords(seg);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const [url, setUrl] = useUrlState({ q: '', owner: '', combine: '' });
  const able = useMay()('segments:write');
  const create = able && (
    <Button type="primary" icon={<Plus size={14} />} onClick={() => go(paths.segmentNew)}>
      {w('new')}
    </Button>
  );
  return (
    <Page
      title={w('title')}
      sub={w('sub')}
      actions={
        <>
          <Button icon={<ChartColumnStacked size={14} />} onClick={() => go(paths.segmentOverlap)}>{w('overlap')}</Button>
          {able && <Button icon={<Blend size={14} />} onClick={() => setUrl({ combine: '1' })}>{w('combine')}</Button>}
          {create}
        </>
      }
    >
      <List
        id="segments"
        label={w('title')}
        ask={{ key: ['segments', 'list', url.q, url.owner], fetch: (cursor, signal) => call('GET /segments', { query: { q: url.q, owner: url.owner, cursor }, signal }) }}
        rowKey={(row) => row.id}
        rowTo={(row) => paths.segment(row.id)}
        search={{ value: url.q ?? '', onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filters={<OwnerFilter value={url.owner} onChange={(owner) => setUrl({ owner })} />}
        filtered={!!url.q || !!url.owner}
        onClear={() => setUrl({ q: '', owner: '' })}
        empty={{ title: w('empty'), text: w('empty_text'), action: create }}
        columns={[
          {
            id: 'name',
            title: c('name'),
            fixed: true,
            render: (row) => (
              <div>
                <span className="row wrap" style={{ gap: '0 8px' }}>
                  <Go className="main-link" to={paths.segment(row.id)}>
                    {row.name}
                  </Go>
                  <SegmentBadges segment={row} />
                </span>
                {row.description && <div className="dim small cut" style={{ maxWidth: 380 }}>{row.description}</div>}
              </div>
            ),
          },
          { id: 'count', title: w('people'), end: true, render: (row) => (row.is_filled ? <b>{number(row.count, lang)}</b> : <span className="dim">{w('filling')}</span>) },
          { id: 'state', title: c('state'), render: (row) => <StateBadge state={row.state} /> },
          { id: 'owner', title: c('owner'), phone: false, render: (row) => <OwnerName of={row} /> },
          { id: 'updated', title: c('updated'), end: true, phone: false, render: (row) => <Ago at={row.updated_at} /> },
        ]}
      />
      {url.combine && able && <CombineDialog with={url.combine === '1' ? '' : url.combine} onClose={() => setUrl({ combine: '' })} />}
    </Page>
  );
}
