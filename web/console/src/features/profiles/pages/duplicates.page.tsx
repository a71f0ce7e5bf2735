// People who are probably one: a search among everybody, and what people decide about each pair.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Merge, Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type DuplicatePair, call } from '../../../lib/api';
import { number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { factLabel } from '../../../lib/vocabulary';
import { Ago, Badge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered, useToast } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { LongWork } from '../../../ui/long-work';
import { List } from '../../../ui/list';
import { Page, Panel, Tabs } from '../../../ui/page';
import { personName } from '../../../ui/person-picker';
import { JoinSurest } from '../parts/join-surest';
import { people } from '../words';

const STATES = ['open', 'joined', 'apart'] as const;
const STAGES = ['reading', 'blocking', 'training', 'comparing', 'clustering'] as const;

export default function DuplicatesPage() {
  const w = useWords(people);
  const toast = useToast();
  const [url, setUrl] = useUrlState({ state: 'open' });
  const able = useMay()('people:write');
  const search = useQuery({ queryKey: ['duplicates', 'search'], queryFn: () => call('GET /duplicates/search'), refetchInterval: (query) => (query.state.data?.running ? 700 : false) });
  const running = search.data?.running;
  const ended = search.data?.last?.finished_at;
  // Also a search that was over before anybody could see it run.
  useEffect(() => void queries.invalidateQueries({ queryKey: ['duplicates', 'list'] }), [ended]);
  const find = useMutation({ mutationFn: () => call('POST /duplicates:find'), onSuccess: () => void search.refetch(), onError: toast.failed });
  const cancel = useMutation({ mutationFn: () => call('POST /duplicates:cancel'), onSuccess: () => void search.refetch() });
  const [joining, setJoining] = useState(false);
  const many = able && !running && (search.data?.last?.pairs ?? 0) > 0 && (
    <Button icon={<Merge size={14} />} onClick={() => setJoining(true)}>
      {w('join_surest')}
    </Button>
  );
  const start = able && !running && (
    <Button type="primary" icon={<Search size={14} />} loading={find.isPending} onClick={() => find.mutate()}>
      {w('find')}
    </Button>
  );
  return (
    <Page title={w('duplicates')} sub={w('duplicates_sub')} actions={<>{many}{start}</>}>
      {joining && <JoinSurest onClose={() => setJoining(false)} />}
      <div className="stack">
        <Answered of={search} lines={1}>
          {({ last }) =>
            running ? (
              <Panel title={w(`stage_${STAGES.find((one) => one === running.stage) ?? 'reading'}`)}>
                <LongWork done={running.done} total={running.total || null} startedAt={running.started_at} label={w('find')} onCancel={able ? () => cancel.mutate() : undefined} cancelling={cancel.isPending} />
              </Panel>
            ) : (
              <LastSearch last={last} />
            )
          }
        </Answered>
        <Tabs label={w('duplicates')} tabs={STATES.map((id) => ({ id, label: w(`pairs_${id}`) }))} active={url.state} onChange={(state) => setUrl({ state })} />
        <List
          id="duplicates"
          label={w('duplicates')}
          ask={{ key: ['duplicates', 'list', url.state], fetch: (cursor, signal) => call('GET /duplicates', { query: { state: url.state, cursor, limit: 30 }, signal }) }}
          rowKey={(row) => row.id}
          empty={{ title: w('pairs_none'), text: w('pairs_none_text'), action: start }}
          columns={[
            { id: 'who', title: w('duplicates_who'), fixed: true, render: (row) => <Pair of={row} /> },
            { id: 'sure', title: w('sure'), fixed: true, end: true, render: (row) => <Sure of={row} /> },
            { id: 'do', title: '', fixed: true, end: true, render: (row) => able && row.state === 'open' && <Decide of={row} /> },
          ]}
        />
      </div>
    </Page>
  );
}

type Last = { state: string; people: number; pairs: number; left_out: number; compared: number; finished_at: string } | null | undefined;

function LastSearch({ last }: { last: Last }) {
  const w = useWords(people);
  const lang = useLanguage();
  if (!last) return null;
  return (
    <p className="soft">
      {w(last.state === 'done' ? 'searched' : last.state === 'cancelled' ? 'search_cancelled' : 'search_failed', { people: number(last.people, lang), compared: number(last.compared, lang), pairs: number(last.pairs, lang) })} · <Ago at={last.finished_at} />
      {last.left_out > 0 && ` · ${w('left_out', { n: number(last.left_out, lang) })}`}
    </p>
  );
}

function Pair({ of }: { of: DuplicatePair }) {
  const lang = useLanguage();
  const w = useWords(people);
  const evidence = of.evidence.filter((one) => one.comparison !== 'prior');
  const most = Math.max(1, ...evidence.map((one) => Math.abs(one.bits)));
  return (
    <div className="stack tight" style={{ minWidth: 0 }}>
      <span className="row wrap">
        <Go className="main-link" to={paths.person(of.a.id)}>{personName(of.a)}</Go>
        <span className="dim">↔</span>
        <Go className="main-link" to={paths.person(of.b.id)}>{personName(of.b)}</Go>
      </span>
      {evidence.map((one) => {
        const said = of.values[one.comparison];
        return (
          <span key={one.comparison} className="row small" style={{ gap: 8 }} title={one.level}>
            <span className="dim" style={{ width: 72, flex: 'none' }}>{one.comparison === 'household' ? w('household') : factLabel(one.comparison, lang)}</span>
            <span aria-hidden style={{ width: 60, flex: 'none', height: 6, background: 'var(--sunken)', borderRadius: 3 }}>
              <span style={{ display: 'block', height: 6, borderRadius: 3, width: `${(100 * Math.abs(one.bits)) / most}%`, background: one.bits >= 0 ? 'var(--good)' : 'var(--bad)' }} />
            </span>
            <span className="num dim" style={{ width: 40, flex: 'none' }}>{one.bits > 0 ? `+${one.bits}` : one.bits}</span>
            <span className="cut">{said ? (said[0] === said[1] ? said[0] : `${said[0]} ≠ ${said[1]}`) : ''}</span>
          </span>
        );
      })}
    </div>
  );
}

function Sure({ of }: { of: DuplicatePair }) {
  const lang = useLanguage();
  return <Badge tone={of.probability >= 0.95 ? 'good' : 'warn'}>{percent(Math.floor(of.probability * 1000) / 1000, lang)}</Badge>;
}

function Decide({ of }: { of: DuplicatePair }) {
  const w = useWords(people);
  const toast = useToast();
  const decide = useMutation({
    mutationFn: (what: 'join' | 'keep_apart') => (what === 'join' ? call('POST /duplicates/{id}:join', { path: { id: of.id }, body: {} }) : call('POST /duplicates/{id}:keep_apart', { path: { id: of.id }, body: {} })),
    onSuccess: (_, what) => {
      toast.done(w(what === 'join' ? 'merged' : 'kept_two'));
      void queries.invalidateQueries({ queryKey: ['duplicates', 'list'] });
      void queries.invalidateQueries({ queryKey: ['people'] });
    },
    onError: toast.failed,
  });
  return (
    <span className="row wrap" style={{ justifyContent: 'flex-end' }}>
      <Button size="small" type="primary" loading={decide.isPending && decide.variables === 'join'} onClick={() => decide.mutate('join')}>{w('merge_go')}</Button>
      <Button size="small" loading={decide.isPending && decide.variables === 'keep_apart'} onClick={() => decide.mutate('keep_apart')}>{w('two_people')}</Button>
    </span>
  );
}
