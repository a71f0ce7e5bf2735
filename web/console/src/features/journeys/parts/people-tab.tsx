// Who is in the journey, and one person's way drawn over the canvas with its reasons.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useMemo } from 'react';
import { type Journey, type Plan, type Way, type WayStep, call } from '../../../lib/api';
import { dateTime, money } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { searchPeople, useKnownPerson } from '../../../lib/people';
import { useSession } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { channelLabel, eventLabel, reasonLabel, stateLabel, whatLabel } from '../../../lib/vocabulary';
import { Ago, Badge, Empty, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Panel } from '../../../ui/page';
import { PersonPicker, personName } from '../../../ui/person-picker';
import { paths } from '../../../lib/paths';
import { ENTRY, edgeKey } from '../logic/plan';
import { common } from '../../../ui/words';
import { jw } from '../words';
import { type CardNames, nodeTitle } from './node-card';
import { PlanCanvas, type Walk, placed } from './plan-canvas';

export function PeopleTab({ journey, names }: { journey: Journey; names: CardNames }) {
  const w = useWords(jw);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ state: '', node: '', person: '' });
  const plan = useMemo(() => placed(journey.published ?? journey.draft), [journey]);
  const known = useKnownPerson(url.person);
  const title = (id: string | null | undefined) => {
    const node = plan.nodes.find((one) => one.id === id);
    return node ? nodeTitle(node, w, lang) : !id || id === ENTRY ? w('node_entry') : id;
  };
  const armName = (key: string) => armOf(plan, key);
  return (
    <div className="page wide">
      <div className={url.person ? 'cols picked' : 'cols'}>
        <List
          id="journey-people"
          label={w('tab_people')}
          ask={{ key: ['journeys', journey.id, 'people', url.state, url.node], fetch: (cursor, signal) => call('GET /journeys/{id}/people', { path: { id: journey.id }, query: { state: url.state, node: url.node, cursor, limit: 50 }, signal }) }}
          rowKey={(row) => row.person.id}
          filters={
            <>
              <div style={{ width: 190 }}>
                <PersonPicker label={w('people_search')} value={url.person} onChange={(person) => setUrl({ person })} search={searchPeople} known={known} clearable />
              </div>
              <Select aria-label={w('any_state')} value={url.state} onChange={(state) => setUrl({ state })} style={{ minWidth: 110 }} options={[{ value: '', label: w('any_state') }, ...['in', 'done', 'exited'].map((one) => ({ value: one, label: stateLabel(one, lang) }))]} />
              <Select aria-label={w('any_node')} value={url.node} onChange={(node) => setUrl({ node })} style={{ minWidth: 130 }} popupMatchSelectWidth={false} options={[{ value: '', label: w('any_node') }, ...plan.nodes.map((one) => ({ value: one.id, label: `${nodeTitle(one, w, lang)} (${one.id})` }))]} />
            </>
          }
          filtered={!!(url.state || url.node)}
          onClear={() => setUrl({ state: '', node: '' })}
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
        {url.person ? <WayView journey={journey} plan={plan} person={url.person} names={names} title={title} onClose={() => setUrl({ person: '' })} /> : <Empty title={w('way_pick')} />}
      </div>
    </div>
  );
}

const armOf = (plan: Plan, key: string) => plan.nodes.flatMap((node) => (node.type === 'split' ? node.arms : [])).find((arm) => arm.key === key)?.name || key;

function walkOf(way: Way): Walk {
  const nodes = new Set<string>([ENTRY]);
  const edges = new Set<string>();
  for (const entry of way.entries.slice(0, 1)) {
    let before = ENTRY;
    for (const step of entry.steps) {
      if (!step.node) continue;
      nodes.add(step.node);
      if (step.node !== before) edges.add(edgeKey(before, step.node));
      before = step.node;
    }
  }
  return { nodes, edges };
}

function WayView({ journey, plan, person, names, title, onClose }: { journey: Journey; plan: Journey['draft']; person: string; names: CardNames; title: (id: string) => string; onClose: () => void }) {
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
                <PlanCanvas plan={plan} names={names} walk={walkOf(data)} selected={null} onSelect={() => undefined} fitKey={person} map={false} />
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
                  <ol>
                    {entry.steps.map((step, j) => (
                      <li key={j} className="row" style={{ padding: '4px 0', borderBottom: '1px solid var(--line-soft)' }}>
                        <span className="dim num" style={{ width: 20 }}>{j + 1}</span>
                        <span className="grow">
                          {title(step.node)} <span className="soft">— {whatLabel(step.what, lang)}</span>
                          {step.reason && <span className="dim small"> · <StepReason step={step} plan={plan} /></span>}
                        </span>
                        <time className="dim small num" dateTime={step.at}>{dateTime(step.at, lang)}</time>
                      </li>
                    ))}
                  </ol>
                </section>
              ))}
            </div>
          )
        }
      </Answered>
    </Panel>
  );
}

/** Why a step went as it did, in words. */
function StepReason({ step, plan }: { step: WayStep; plan: Plan }) {
  const w = useWords(jw);
  const lang = useLanguage();
  const { what, reason } = step;
  const waits = /^waits(?: for (.+))? until (\S+)$/.exec(reason);
  if (waits) return <>{waits[1] ? w('way_waits_event', { event: lang === 'zh' ? `「${eventLabel(waits[1], lang)}」` : eventLabel(waits[1], lang), time: dateTime(waits[2], lang) }) : w('way_waits', { time: dateTime(waits[2], lang) })}</>;
  if (what === 'assigned') return <>{armOf(plan, reason)}</>;
  if (what === 'gate') return <>{stateLabel(reason, lang)}</>;
  if (what === 'asked_to_send') return <>{channelLabel(reason, lang)}</>;
  if (what === 'entered' && reason === 'present') return <>{w('way_present')}</>;
  if (what === 'entered' || what === 'goal_reached') return <>{eventLabel(reason, lang)}</>;
  if (what === 'branched') return <>{reason === 'otherwise' ? w('way_otherwise') : reason}</>;
  return <>{reasonLabel(reason, lang)}</>;
}
