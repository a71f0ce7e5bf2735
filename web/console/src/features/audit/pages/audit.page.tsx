// Who did what, and when; one entry with what it was before and after; and whether the record is whole.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Drawer } from 'antd';
import { ShieldCheck } from 'lucide-react';
import { type AuditLine, type AuditVerdict, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useActorName, useThingName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { useUrlState } from '../../../lib/use-url-state';
import { operationLabel } from '../../../lib/vocabulary';
import { At } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered, useToast } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { auditWords } from '../words';

function targetPath(target: string): string | null {
  if (target.startsWith('jny_')) return paths.journey(target);
  if (target.startsWith('seg_')) return paths.segment(target);
  if (target.startsWith('tpl_')) return paths.template(target);
  if (target.startsWith('per_')) return paths.person(target);
  return null;
}

function Target({ of }: { of: string }) {
  const to = targetPath(of);
  const name = useThingName()(of);
  if (!of) return <span className="dim">–</span>;
  const shown = name === of ? <code className="break">{of}</code> : <span title={of}>{name}</span>;
  return to ? <Go to={to}>{shown}</Go> : <span className="soft">{shown}</span>;
}

export default function AuditPage() {
  const w = useWords(auditWords);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const actor = useActorName();
  const [url, setUrl] = useUrlState({ q: '', entry: '' });
  const verify = useMutation({ mutationFn: () => call('POST /audit:verify'), onError: toast.failed });
  const who = (row: AuditLine) => row.actor_name ?? actor(row.actor);
  return (
    <Page
      title={w('title')}
      sub={w('sub')}
      actions={
        <Button icon={<ShieldCheck size={14} />} loading={verify.isPending} onClick={() => verify.mutate()}>
          {w('verify')}
        </Button>
      }
    >
      {verify.data && <VerdictView of={verify.data} />}
      <List
        id="audit"
        label={w('title')}
        ask={{ key: ['audit', url.q], fetch: (cursor, signal) => call('GET /audit', { query: { q: url.q, cursor, limit: 50 }, signal }) }}
        rowKey={(row) => String(row.id)}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        empty={{ title: w('empty'), text: w('empty_text') }}
        columns={[
          {
            id: 'what',
            title: w('what'),
            fixed: true,
            render: (row) => (
              <span className="row wrap">
                <button type="button" className="linkish" style={{ fontWeight: 500 }} onClick={() => setUrl({ entry: String(row.id) })}>
                  {operationLabel(row.operation, lang)}
                </button>
                <code className="dim wide-only-block">{row.operation}</code>
              </span>
            ),
          },
          { id: 'who', title: w('who'), fixed: true, render: who },
          { id: 'target', title: w('target'), fixed: true, render: (row) => <Target of={row.target} /> },
          { id: 'at', title: c('time'), fixed: true, end: true, render: (row) => <At at={row.at} seconds /> },
        ]}
      />
      <Drawer open={!!url.entry} onClose={() => setUrl({ entry: '' })} size={620} title={w('entry', { n: url.entry })}>
        {url.entry && <Entry id={url.entry} who={who} />}
      </Drawer>
    </Page>
  );
}

function VerdictView({ of: verdict }: { of: AuditVerdict }) {
  const w = useWords(auditWords);
  const lang = useLanguage();
  return (
    <div className={verdict.whole ? 'note-box good' : 'problem'} role="status" style={{ marginBottom: 12 }}>
      {verdict.broken ? w('broken', { n: verdict.broken.number, why: w(`why_${verdict.broken.wrong}`) }) : w('whole', { n: number(verdict.entries, lang) })}
      <div className="small soft break">
        {w('head')} <code>{verdict.head}</code>
      </div>
    </div>
  );
}

function Entry({ id, who }: { id: string; who: (line: AuditLine) => string }) {
  const w = useWords(auditWords);
  const c = useWords(common);
  const lang = useLanguage();
  const asked = useQuery({ queryKey: ['audit', 'one', id], queryFn: () => call('GET /audit/{id}', { path: { id } }) });
  return (
    <Answered of={asked}>
      {(entry) => (
        <div className="stack">
          <dl className="facts">
            <dt>{w('what')}</dt>
            <dd>
              {operationLabel(entry.operation, lang)} <code className="dim">{entry.operation}</code>
            </dd>
            <dt>{w('who')}</dt>
            <dd>
              {who(entry)} <code className="dim">{entry.actor}</code>
            </dd>
            <dt>{w('target')}</dt>
            <dd>
              <Target of={entry.target} /> <code className="dim break">{entry.target}</code>
            </dd>
            <dt>{c('time')}</dt>
            <dd>
              <At at={entry.at} seconds />
            </dd>
            <dt>{w('hash')}</dt>
            <dd>
              <code className="break">{entry.hash}</code>
            </dd>
          </dl>
          {entry.before == null && entry.after == null ? <p className="dim">{w('no_change')}</p> : null}
          {entry.before != null && <Json label={w('before')} value={entry.before} />}
          {entry.after != null && <Json label={w('after')} value={entry.after} />}
        </div>
      )}
    </Answered>
  );
}

function Json({ label, value }: { label: string; value: unknown }) {
  return (
    <section>
      <h3 className="small soft">{label}</h3>
      <pre className="code" tabIndex={0} aria-label={label} style={{ maxHeight: 360 }}>{JSON.stringify(value, null, 2)}</pre>
    </section>
  );
}
