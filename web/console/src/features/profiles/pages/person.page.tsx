// One person: who, what is known, what happened, what they agreed to.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type Person, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useTemplateName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { useUrlState } from '../../../lib/use-url-state';
import { channelLabel, reasonLabel } from '../../../lib/vocabulary';
import { Ago, StateBadge } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { ObjectPage, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { Consents } from '../parts/consents';
import { Glance } from '../parts/glance';
import { IdentifierChip } from '../parts/identifier-chip';
import { IdentityView } from '../parts/identity';
import { Timeline } from '../parts/timeline';
import { Traits } from '../parts/traits';
import { people } from '../words';

export default function PersonPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = useQuery({ queryKey: ['people', id], queryFn: () => call('GET /people/{id}', { path: { id } }) });
  return asked.data ? <PersonView person={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

function PersonView({ person }: { person: Person }) {
  const w = useWords(people);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ tab: 'timeline' });
  const name = person.name || (person.identifiers.find((one) => one.type !== 'anonymous_id')?.value ?? w('anonymous'));
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
      {url.tab === 'timeline' && <Glance person={person} />}
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
          <Traits person={person} />
          <Journeys id={person.id} />
          <Consents id={person.id} />
        </div>
      </div>
    </ObjectPage>
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
