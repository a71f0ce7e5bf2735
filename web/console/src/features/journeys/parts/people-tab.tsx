// Who is in the journey, and one person's way drawn over the canvas with its reasons.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useMemo } from 'react';
import { type Journey, type Plan, call } from '../../../lib/api';
import { dateTime, money } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useSession } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { reasonLabel, stateLabel } from '../../../lib/vocabulary';
import { Ago, Badge, Empty, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Panel } from '../../../ui/page';
import { personName } from '../../../ui/person-picker';
import { paths } from '../../../lib/paths';
import { common } from '../../../ui/words';
import { jw } from '../words';
import { type CardNames, nodeTitle } from './node-card';
import { PlanCanvas, placed } from './plan-canvas';
import { WaySteps, armOf, useNodeTitle, walkOf } from './way';

export function PeopleTab({ journey, names }: { journey: Journey; names: CardNames }) {
  const w = useWords(jw);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ q: '', state: '', node: '', person: '' });
  const plan = useMemo(() => placed(journey.published ?? journey.draft), [journey]);
  const title = useNodeTitle(plan);
  const armName = (key: string) => armOf(plan, key);
  return (
    <div className="page wide">
      <div className={url.person ? 'cols picked' : 'cols'}>
        <List
          id="journey-people"
          label={w('tab_people')}
          ask={{ key: ['journeys', journey.id, 'people', url.q, url.state, url.node], fetch: (cursor, signal) => call('GET /journeys/{id}/people', { path: { id: journey.id }, query: { q: url.q, state: url.state, node: url.node, cursor, limit: 50 }, signal }) }}
          rowKey={(row) => row.person.id}
          search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('people_search') }}
          filters={
            <>
              <Select aria-label={w('any_state')} value={url.state} onChange={(state) => setUrl({ state })} style={{ minWidth: 110 }} options={[{ value: '', label: w('any_state') }, ...['in', 'done', 'exited'].map((one) => ({ value: one, label: stateLabel(one, lang) }))]} />
              <Select aria-label={w('any_node')} value={url.node} onChange={(node) => setUrl({ node })} style={{ minWidth: 130 }} popupMatchSelectWidth={false} options={[{ value: '', label: w('any_node') }, ...plan.nodes.map((one) => ({ value: one.id, label: `${nodeTitle(one, w, lang)} (${one.id})` }))]} />
            </>
          }
          filtered={!!(url.q || url.state || url.node)}
          onClear={() => setUrl({ q: '', state: '', node: '' })}
          empty={{ title: w('people_empty'), text: w('people_empty_text') }}
          columns={[
            {
              id: 'who',
              title: w('person'),
              fixed: true,
              render: (row) => (
                <button type="button" className="linkish" style={{ fontWeight: row.person.id === url.person ? 600 : 500 }} aria-pressed={row.person.id === url.person} onClick={() => setUrl({ person: row.person.id })}>
                  {personName(row.person)}
                </button>
              ),
            },
            { id: 'state', title: c('state'), fixed: true, render: (row) => <span className="row wrap" style={{ gap: 4 }}><StateBadge state={row.state} />{row.converted_at && <StateBadge state="converted" />}</span> },
            { id: 'arm', title: w('arm'), fixed: true, render: (row) => (row.arm ? armName(row.arm) : <span className="dim">–</span>) },
            {
              id: 'where',
              title: w('where_now'),
              fixed: true,
              render: (row) =>
                row.state !== 'in' ? (
                  <span className="soft">{row.exit_reason ? reasonLabel(row.exit_reason, lang) : '–'}</span>
                ) : row.node ? (
                  <span>
                    {title(row.node)}
                    {row.until && <span className="dim small"> {w('until')} {dateTime(row.until, lang)}</span>}
                  </span>
                ) : (
                  <span className="dim">–</span>
                ),
            },
            { id: 'since', title: w('since'), fixed: true, end: true, render: (row) => <Ago at={row.entered_at} /> },
          ]}
        />
        {url.person ? <WayView journey={journey} plan={plan} person={url.person} names={names} onClose={() => setUrl({ person: '' })} /> : <Empty title={w('way_pick')} />}
      </div>
    </div>
  );
}

function WayView({ journey, plan, person, names, onClose }: { journey: Journey; plan: Plan; person: string; names: CardNames; onClose: () => void }) {
  const w = useWords(jw);
  const lang = useLanguage();
  const way = useQuery({ queryKey: ['journeys', journey.id, 'way', person], queryFn: () => call('GET /journeys/{id}/people/{person}', { path: { id: journey.id, person } }) });
  const who = useQuery({ queryKey: ['people', person], queryFn: () => call('GET /people/{id}', { path: { id: person } }) });
  const { workspace } = useSession();
  const name = who.data ? personName({ id: person, name: who.data.name, identifiers: who.data.identifiers }) : '…';
  return (
    <Panel
      title={w('way', { name })}
      extra={
        <>
          <Go to={paths.person(person)}>{w('person')}</Go>
          <Button size="small" onClick={onClose}>
            {w('way_close')}
          </Button>
        </>
      }
    >
      <Answered of={way}>
        {(data) =>
          data.entries.length === 0 ? (
            <p className="dim">{w('way_none')}</p>
          ) : (
            <div className="stack">
              <div style={{ height: 420, border: '1px solid var(--line-soft)', borderRadius: 8, overflow: 'hidden' }}>
                <PlanCanvas plan={plan} names={names} walk={walkOf(data.entries[0]?.steps ?? [])} selected={null} onSelect={() => undefined} fitKey={person} map={false} />
              </div>
              {data.entries.map((entry, i) => (
                <section key={i} aria-label={w('entry_n', { n: data.entries.length - i })}>
                  <div className="row wrap">
                    <StateBadge state={entry.state} />
                    <span className="soft">{dateTime(entry.entered_at, lang)}</span>
                    <Badge>v{entry.version}</Badge>
                    {entry.arm && <Badge tone="info">{armOf(plan, entry.arm)}</Badge>}
                    {entry.converted_at && <Badge tone="good">{w('way_converted', { time: dateTime(entry.converted_at, lang) })}{entry.value && ` · ${w('way_value', { value: money(entry.value, workspace.currency, lang) })}`}</Badge>}
                    {entry.exit_reason && <span className="soft">{w('exit_reason')}: {reasonLabel(entry.exit_reason, lang)}</span>}
                  </div>
                  <WaySteps steps={entry.steps} plan={plan} />
                </section>
              ))}
            </div>
          )
        }
      </Answered>
    </Panel>
  );
}
