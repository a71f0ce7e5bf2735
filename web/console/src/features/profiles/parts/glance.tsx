// What is known of somebody in one glance: worth, what she is called and predicted, where she belongs, what she agreed to, what she was sent.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Person, type PersonTag, type Tag, call } from '../../../lib/api';
import { dateTime, money, number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { half, valueText } from '../../../lib/labels';
import { useTemplateName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useFacts } from '../../../lib/use-facts';
import { channelLabel, purposeLabel } from '../../../lib/vocabulary';
import { Ago, Badge, Figure, StateBadge } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { MARKETING, rowsOf } from '../logic/consents';
import { orderEvent, worthOf } from '../logic/worth';
import { people } from '../words';
import { useConsents } from './consents';
import { GiveTag, TakeTag } from './hand-tags';

const MOST_ORDERS = 500;
const LATELY = 3;

export function Glance({ person }: { person: Person }) {
  const w = useWords(people);
  return (
    <section className="glance" aria-label={w('glance')}>
      <Worth id={person.id} />
      <dl className="glance-lines panel">
        <Tags id={person.id} />
        <Segments id={person.id} />
        <Consent id={person.id} />
        <Lately id={person.id} />
      </dl>
    </section>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Worth({ id }: { id: string }) {
  const w = useWords(people);
  const lang = useLanguage();
  const { events } = useFacts();
  const name = orderEvent(events);
  const asked = useQuery({ queryKey: ['people', id, 'orders', name], enabled: name !== undefined, queryFn: () => call('GET /people/{id}/timeline', { path: { id }, query: { name, limit: MOST_ORDERS } }) });
  // A brand without orders has nothing to say here.
  if (name === undefined) return null;
  return (
    <Answered of={asked} lines={2}>
      {(page) => {
        const worth = worthOf(page.items);
        const more = page.next ? '+' : '';
        const only = worth.amounts.length === 1 ? worth.amounts[0] : undefined;
        return (
          <div className="figures">
            <Figure label={w('orders')} value={`${number(worth.orders, lang)}${more}`} />
            <Figure label={w('amount')} value={worth.amounts.length === 0 ? '–' : worth.amounts.map((one) => money(one.sum, one.currency, lang) + more).join(' · ')} note={more ? w('orders_latest', { n: MOST_ORDERS }) : undefined} />
            <Figure label={w('average_order')} value={only && only.sum > 0 ? money(only.sum / worth.orders, only.currency, lang) : '–'} />
            <Figure label={w('last_order')} value={worth.last ? <Ago at={worth.last} /> : '–'} note={worth.last ? dateTime(worth.last, lang) : undefined} />
          </div>
        );
      }}
    </Answered>
  );
}

const isPrediction = (tag: Tag | undefined) => tag?.rule.assigned?.by === 'model' || tag?.category === 'model';

function Tags({ id }: { id: string }) {
  const w = useWords(people);
  const may = useMay()('tags:read');
  const all = useQuery({ queryKey: ['tags', 'facts'], enabled: may, staleTime: 30_000, retry: false, queryFn: () => call('GET /tags', { query: { limit: 500 } }).then((answer) => answer.items) });
  const asked = useQuery({ queryKey: ['people', id, 'tags'], enabled: may, queryFn: () => call('GET /people/{id}/tags', { path: { id } }).then((answer) => answer.items) });
  if (!may) return null;
  const tagOf = (one: PersonTag) => all.data?.find((tag) => tag.id === one.id);
  const predicted = (asked.data ?? []).filter((one) => isPrediction(tagOf(one)));
  return (
    <>
      <Line label={w('tags')}>
        <Answered of={asked} lines={1}>
          {(tags) => {
            const called = tags.filter((one) => !isPrediction(tagOf(one)));
            return (
              <div className="chips">
                {called.length === 0 && <span className="dim">{w('tags_none')}</span>}
                {called.map((one) => (
                  <span key={one.id} className="row" style={{ gap: 2 }}>
                    <TagChip of={one} tag={tagOf(one)} />
                    <TakeTag person={id} tag={one.id} />
                  </span>
                ))}
                <GiveTag person={id} />
              </div>
            );
          }}
        </Answered>
      </Line>
      {predicted.length > 0 && (
        <Line label={w('predictions')}>
          <div className="chips">{predicted.map((one) => <TagChip key={one.id} of={one} tag={tagOf(one)} />)}</div>
        </Line>
      )}
    </>
  );
}

function TagChip({ of, tag }: { of: PersonTag; tag: Tag | undefined }) {
  const w = useWords(people);
  const lang = useLanguage();
  return (
    <Go className="chip" to={paths.tag(of.id)} title={`${w('since')} ${dateTime(of.since, lang)}`}>
      <span>{tag ? half(tag.title, lang) : of.name}</span>
      {valueText(of.value, tag?.rule, lang)}
    </Go>
  );
}

function Segments({ id }: { id: string }) {
  const w = useWords(people);
  const lang = useLanguage();
  const may = useMay()('segments:read');
  const asked = useQuery({ queryKey: ['people', id, 'segments'], enabled: may, queryFn: () => call('GET /people/{id}/segments', { path: { id } }).then((answer) => answer.items) });
  if (!may) return null;
  return (
    <Line label={w('segments')}>
      <Answered of={asked} lines={1}>
        {(segments) =>
          segments.length === 0 ? (
            <span className="dim">{w('segments_none')}</span>
          ) : (
            <div className="chips">
              {segments.map((one) => (
                <Go key={one.id} className="chip" to={paths.segment(one.id)} search={{ tab: 'explain', person: id }} title={`${w('since')} ${dateTime(one.since, lang)}`}>
                  {one.name ?? one.id}
                  <span><Ago at={one.since} /></span>
                </Go>
              ))}
            </div>
          )
        }
      </Answered>
    </Line>
  );
}

function Consent({ id }: { id: string }) {
  const w = useWords(people);
  const lang = useLanguage();
  const may = useMay()('privacy:read');
  const asked = useConsents(id, may);
  if (!may) return null;
  return (
    <Line label={w('consents')}>
      <Answered of={asked} lines={1}>
        {(consents) => (
          <div className="chips">
            {rowsOf(consents).map((row) => (
              <Badge key={row.purpose + row.channel} tone={row.known ? (row.known.granted ? 'good' : 'bad') : 'quiet'}>
                {channelLabel(row.channel, lang)}
                {row.purpose !== MARKETING && ` ${purposeLabel(row.purpose, lang)}`} {w(row.known ? (row.known.granted ? 'granted' : 'withdrawn') : 'not_recorded')}
              </Badge>
            ))}
          </div>
        )}
      </Answered>
    </Line>
  );
}

function Lately({ id }: { id: string }) {
  const w = useWords(people);
  const lang = useLanguage();
  const templateName = useTemplateName();
  const may = useMay()('channels:read');
  const asked = useQuery({ queryKey: ['deliveries', 'person', id, 'lately'], enabled: may, queryFn: () => call('GET /deliveries', { query: { person: id, limit: LATELY } }).then((answer) => answer.items) });
  if (!may) return null;
  return (
    <Line label={w('lately')}>
      <Answered of={asked} lines={1}>
        {(sent) =>
          sent.length === 0 ? (
            <span className="dim">{w('messages_none')}</span>
          ) : (
            <ul>
              {sent.map((one) => (
                <li key={one.id} className="row wrap" style={{ gap: '0 8px', padding: '1px 0' }}>
                  <Go to={paths.delivery(one.id)} className="cut">{templateName(one.template)}</Go>
                  <StateBadge state={one.state} />
                  <span className="dim small">{channelLabel(one.channel, lang)} · <Ago at={one.created_at} /></span>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </Line>
  );
}
