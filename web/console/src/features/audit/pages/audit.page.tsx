// Who did what, and when.
import { call } from '../../../lib/api';
import { type Language, useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useUrlState } from '../../../lib/use-url-state';
import { At } from '../../../ui/bits';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { NOUNS, VERBS, auditWords } from '../words';

/** `journeys.publish_journey` as 发布旅程; null when it is not known. */
export function operationText(operation: string, lang: Language): string | null {
  const last = operation.slice(operation.lastIndexOf('.') + 1);
  const [verb, ...rest] = last.split('_');
  const said = VERBS[verb ?? ''];
  if (!said) return null;
  const noun = NOUNS[rest[rest.length - 1] ?? ''];
  const i = lang === 'zh' ? 0 : 1;
  return noun ? (lang === 'zh' ? said[i] + noun[i] : `${said[i]} ${noun[i]}`) : said[i];
}

function targetPath(target: string | null | undefined): string | null {
  if (!target) return null;
  if (target.startsWith('jny_')) return paths.journey(target);
  if (target.startsWith('seg_')) return paths.segment(target);
  if (target.startsWith('tpl_')) return paths.template(target);
  if (target.startsWith('per_')) return paths.person(target);
  return null;
}

export default function AuditPage() {
  const w = useWords(auditWords);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ q: '' });
  return (
    <Page title={w('title')} sub={w('sub')}>
      <List
        id="audit"
        label={w('title')}
        ask={{ key: ['audit', url.q], fetch: (cursor, signal) => call('GET /audit', { query: { q: url.q, cursor, limit: 50 }, signal }) }}
        rowKey={(row) => row.at + row.operation + (row.target ?? '')}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        empty={{ title: w('empty'), text: w('empty_text') }}
        columns={[
          {
            id: 'what',
            title: w('what'),
            fixed: true,
            render: (row) => {
              const said = operationText(row.operation, lang);
              return (
                <span className="row wrap">
                  {said && <b style={{ fontWeight: 500 }}>{said}</b>}
                  <code className="dim">{row.operation}</code>
                </span>
              );
            },
          },
          { id: 'who', title: w('who'), fixed: true, render: (row) => row.actor_name ?? row.actor ?? w('system') },
          { id: 'target', title: w('target'), fixed: true, render: (row) => { const to = targetPath(row.target); return to ? <Go to={to}><code>{row.target}</code></Go> : <code className="dim">{row.target ?? '–'}</code>; } },
          { id: 'at', title: c('time'), fixed: true, end: true, render: (row) => <At at={row.at} seconds /> },
        ]}
      />
    </Page>
  );
}
