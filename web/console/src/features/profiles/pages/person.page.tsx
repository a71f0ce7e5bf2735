// One person: who, what is known, what happened, what they agreed to.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type Person, call } from '../../../lib/api';
import { dateTime, number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { valueText } from '../../../lib/labels';
import { useSourceName, useTemplateName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { channelLabel, factLabel, reasonLabel, valueLabel } from '../../../lib/vocabulary';
import { Ago, StateBadge, showValue } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { ObjectPage, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { Consents } from '../parts/consents';
import { IdentifierChip } from '../parts/identifier-chip';
import { IdentityView } from '../parts/identity';
import { GiveTag, TakeTag } from '../parts/hand-tags';
import { Timeline } from '../parts/timeline';
import { people } from '../words';

export default function PersonPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = useQuery({ queryKey: ['people', id], queryFn: () => call('GET /people/{id}', { path: { id } }) });
  return asked.data ? <PersonView person={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

function PersonView({ person }: { person: Person }) {
  const w = useWords(people);
  const c = useWords(common);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ tab: 'timeline' });
  const sourceName = useSourceName();
  const name = person.name || (person.identifiers.find((one) => one.type !== 'anonymous_id')?.value ?? w('anonymous'));
  const traits = Object.entries(person.traits).sort(([a], [b]) => a.localeCompare(b));
  return (
    <ObjectPage
      title={name}
      back={{ to: paths.people, label: w('title') }}
      sub={
        <span className="row wrap" style={{ gap: '4px 14px' }}>
          <span>{w('first_seen')} <Ago at={person.first_seen} /></span>
          <span>{w('last_seen')} <Ago at={person.last_seen} /></span>
          <span>{w('events_count', { n: number(person.events, lang) })}</span>
          <code className="dim">{person.id}</code>
        </span>
      }
      tabs={[
        { id: 'timeline', label: w('tab_timeline') },
        { id: 'identity', label: w('tab_identity') },
        { id: 'messages', label: w('tab_messages') },
      ]}
      tab={url.tab}
      onTab={(tab) => setUrl({ tab })}
    >
      <div className="cols side-right">
        <div>
          {url.tab === 'timeline' && <Timeline person={person} />}
          {url.tab === 'identity' && <IdentityView id={person.id} />}
          {url.tab === 'messages' && <Messages id={person.id} />}
        </div>
        <div className="stack">
          <Panel title={w('identifiers')}>
            <div className="chips">{person.identifiers.map((one) => <IdentifierChip key={one.type + one.value} of={one} />)}</div>
          </Panel>
          <Panel title={w('traits')}>
            {traits.length === 0 ? (
              <p className="dim">{w('traits_none')}</p>
            ) : (
              <dl className="facts">
                {traits.map(([key, trait]) => (
                  <div key={key} style={{ display: 'contents' }} title={w('trait_from', { source: sourceName(trait.source), time: dateTime(trait.ts, lang) })}>
                    <dt>{factLabel(key, lang)}</dt>
                    <dd>{/_at$|birthday/.test(key) && typeof trait.value === 'string' && trait.value.length > 12 ? dateTime(trait.value, lang) : typeof trait.value === 'boolean' ? c(trait.value ? 'yes' : 'no') : valueLabel(key, showValue(trait.value), lang)}</dd>
                  </div>
                ))}
              </dl>
            )}
          </Panel>
          <Tags id={person.id} />
          <Segments id={person.id} />
          <Journeys id={person.id} />
          <Panel title={w('consents')}>
            <Consents id={person.id} />
          </Panel>
        </div>
      </div>
    </ObjectPage>
  );
}

function Tags({ id }: { id: string }) {
  const w = useWords(people);
  const lang = useLanguage();
  const may = useMay();
  const all = useQuery({ queryKey: ['tags', 'facts'], enabled: may('tags:read'), staleTime: 30_000, retry: false, queryFn: () => call('GET /tags', { query: { limit: 500 } }).then((answer) => answer.items) });
  const asked = useQuery({ queryKey: ['people', id, 'tags'], enabled: may('tags:read'), queryFn: () => call('GET /people/{id}/tags', { path: { id } }).then((answer) => answer.items) });
  if (!may('tags:read')) return null;
  return (
    <Panel title={w('tags')} extra={<GiveTag person={id} />}>
      <Answered of={asked} lines={1}>
        {(tags) =>
          tags.length === 0 ? (
            <p className="dim">{w('tags_none')}</p>
          ) : (
            <div className="chips">
              {tags.map((one) => (
                <span key={one.id} className="row" style={{ gap: 2 }}>
                  <Go className="chip" to={paths.tag(one.id)} title={`${w('since')} ${dateTime(one.since, lang)}`}>
                    <span>{all.data?.find((tag) => tag.id === one.id)?.title ?? one.name}</span>
                    {valueText(one.value, all.data?.find((tag) => tag.id === one.id)?.rule, lang)}
                  </Go>
                  <TakeTag person={id} tag={one.id} />
                </span>
              ))}
            </div>
          )
        }
      </Answered>
    </Panel>
  );
}

function Segments({ id }: { id: string }) {
  const w = useWords(people);
  const lang = useLanguage();
  const asked = useQuery({ queryKey: ['people', id, 'segments'], queryFn: () => call('GET /people/{id}/segments', { path: { id } }).then((answer) => answer.items) });
  return (
    <Panel title={w('segments')}>
      <Answered of={asked} lines={1}>
        {(segments) =>
          segments.length === 0 ? (
            <p className="dim">{w('segments_none')}</p>
          ) : (
            <div className="chips">
              {segments.map((one) => (
                <Go key={one.id} className="chip" to={paths.segment(one.id)} search={{ tab: 'explain', person: id }} title={one.since ? `${w('since')} ${dateTime(one.since, lang)}` : undefined}>
                  {one.name ?? one.id}
                </Go>
              ))}
            </div>
          )
        }
      </Answered>
    </Panel>
  );
}

function Journeys({ id }: { id: string }) {
  const w = useWords(people);
  const asked = useQuery({ queryKey: ['people', id, 'journeys'], queryFn: () => call('GET /people/{id}/journeys', { path: { id } }).then((answer) => answer.items) });
  return (
    <Panel title={w('journeys')}>
      <Answered of={asked} lines={1}>
        {(journeys) =>
          journeys.length === 0 ? (
            <p className="dim">{w('journeys_none')}</p>
          ) : (
            <>
              {journeys.map((one) => (
                <div key={one.id} className="row" style={{ padding: '2px 0' }}>
                  <Go to={paths.journey(one.id)} search={{ tab: 'people', person: id }} className="grow cut">{one.name ?? one.id}</Go>
                  <span className="dim small"><Ago at={one.entered_at} /></span>
                  <StateBadge state={one.state} />
                </div>
              ))}
            </>
          )
        }
      </Answered>
    </Panel>
  );
}

function Messages({ id }: { id: string }) {
  const w = useWords(people);
  const templateName = useTemplateName();
  const c = useWords(common);
  const lang = useLanguage();
  return (
    <List
      id="person-messages"
      label={w('tab_messages')}
      ask={{ key: ['deliveries', 'person', id], fetch: (cursor, signal) => call('GET /deliveries', { query: { person: id, cursor, limit: 30 }, signal }) }}
      rowKey={(row) => row.id}
      rowTo={(row) => paths.delivery(row.id)}
      empty={{ title: w('messages_none') }}
      columns={[
        { id: 'template', title: w('template'), fixed: true, render: (row) => <Go className="main-link" to={paths.delivery(row.id)}>{templateName(row.template)}</Go> },
        { id: 'channel', title: c('channel'), fixed: true, render: (row) => channelLabel(row.channel, lang) },
        { id: 'state', title: c('state'), fixed: true, render: (row) => <span className="row"><StateBadge state={row.state} />{row.reason && <span className="dim small">{reasonLabel(row.reason, lang)}</span>}</span> },
        { id: 'at', title: c('time'), end: true, fixed: true, render: (row) => <Ago at={row.created_at} /> },
      ]}
    />
  );
}
