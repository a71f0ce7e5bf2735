// Everybody, found by any identifier.
import { type Identifier, type Json, type PersonLine, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useUrlState } from '../../../lib/use-url-state';
import { factLabel, identifierLabel } from '../../../lib/vocabulary';
import { Ago, Avatar, showValue } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Go, useGo } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { people } from '../words';

/** What a person is known by first: an account, a phone, an address; a browser's own id last. */
function byStrength(identifiers: Identifier[]): Identifier[] {
  const rank = (one: Identifier) => (one.type === 'user_id' ? 0 : one.type === 'anonymous_id' || one.type === 'cookie_id' || one.type === 'device_id' ? 2 : 1);
  return [...identifiers].sort((a, b) => rank(a) - rank(b));
}

type Traits = { [name: string]: Json };
const contacts = (traits?: Traits): string[] => [traits?.phone ?? traits?.mobile, traits?.email].filter((one) => typeof one === 'string' || typeof one === 'number').map(String);

/** What says who this is; how to reach them stands beside it. */
const telling = (row: PersonLine): Identifier[] => {
  const known = contacts(row.traits);
  return byStrength(row.identifiers.filter((one) => !known.includes(one.value)));
};

function Contact({ traits }: { traits?: Traits }) {
  const known = contacts(traits);
  return known.length === 0 ? <span className="dim">–</span> : <span className="soft small break">{known.join(' · ')}</span>;
}

export default function PersonListPage() {
  const w = useWords(people);
  const lang = useLanguage();
  const go = useGo();
  const [url, setUrl] = useUrlState({ q: '' });
  return (
    <Page title={w('title')} sub={w('sub')}>
      <List
        id="people"
        label={w('title')}
        ask={{ key: ['people', url.q], fetch: (cursor, signal) => call('GET /people', { query: { q: url.q, cursor, limit: 50 }, signal }) }}
        rowKey={(row) => row.id}
        rowTo={(row) => paths.person(row.id)}
        search={{ value: url.q ?? '', onChange: (q) => setUrl({ q }), placeholder: w('search') }}
        filtered={!!url.q}
        onClear={() => setUrl({ q: '' })}
        empty={{ title: w('empty'), text: w('empty_text'), action: <Button type="primary" onClick={() => go(paths.sources)}>{w('empty_go')}</Button> }}
        columns={[
          {
            id: 'who',
            title: w('who'),
            fixed: true,
            render: (row) => {
              const name = row.name || row.identifiers.find((one) => one.type !== 'anonymous_id')?.value || w('anonymous');
              return (
                <Go to={paths.person(row.id)} className="main-link row">
                  <Avatar name={name} size={24} />
                  <span className="cut">{name}</span>
                </Go>
              );
            },
          },
          {
            id: 'identifiers',
            title: w('identifiers'),
            render: (row) => (
              <span className="chips">
                {telling(row).slice(0, 2).map((one) => (
                  <span className="chip" key={`${one.type}${one.value}`}>
                    <span>{identifierLabel(one.type, lang)}</span>
                    <span className="cut" style={{ color: 'var(--ink)', maxWidth: 150 }}>{one.value}</span>
                  </span>
                ))}
                {telling(row).length > 2 && <span className="dim">+{telling(row).length - 2}</span>}
              </span>
            ),
          },
          { id: 'city', title: factLabel('city', lang), phone: false, render: (row) => <span className="nowrap">{row.traits?.city === undefined ? <span className="dim">–</span> : showValue(row.traits.city)}</span> },
          { id: 'contact', title: w('contact'), render: (row) => <Contact traits={row.traits} /> },
          { id: 'last', title: w('last_seen'), end: true, render: (row) => <Ago at={row.last_seen} /> },
          { id: 'first', title: w('first_seen'), end: true, phone: false, render: (row) => <Ago at={row.first_seen} /> },
        ]}
      />
    </Page>
  );
}
