// Who is in a segment; of a list, people are added and taken out here.
import { UserMinus, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { call } from '../../../lib/api';
import type { Segment } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { Ago, Avatar } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { personName } from '../../../ui/person-picker';
import { type Change, hasRule, isList } from '../logic/types';
import { seg } from '../words';
import { MembersDialog } from './members-dialog';

const EMPTY = { rule: 'members_empty', list: 'list_empty', sample: 'sample_empty' } as const;

type Props = { segment: Segment; able: boolean; q: string; onSearch: (q: string) => void; onWhy: (person: string) => void };

export function Members({ segment, able, q, onSearch, onWhy }: Props) {
  const w = useWords(seg);
  const list = isList(segment);
  const [change, setChange] = useState<Change | null>(null);
  const add = list && able && (
    <Button type="primary" icon={<UserPlus size={14} />} onClick={() => setChange('add')}>{w('add_people')}</Button>
  );
  return (
    <>
      <List
        id="members"
        label={w('tab_members')}
        ask={{ key: ['segments', segment.id, 'members', q], fetch: (cursor, signal) => call('GET /segments/{id}/members', { path: { id: segment.id }, query: { q, cursor, limit: 50 }, signal }) }}
        search={{ value: q, onChange: onSearch, placeholder: w('members_search') }}
        tools={
          add && segment.count > 0 && (
            <>
              {add}
              <Button icon={<UserMinus size={14} />} onClick={() => setChange('remove')}>{w('remove_people')}</Button>
            </>
          )
        }
        filtered={!!q}
        onClear={() => onSearch('')}
        rowKey={(row) => row.person.id}
        rowTo={(row) => paths.person(row.person.id)}
        empty={{ title: w(EMPTY[segment.kind]), text: w(`${EMPTY[segment.kind]}_text`), action: add }}
        columns={[
          {
            id: 'who',
            title: w('member'),
            fixed: true,
            render: (row) => (
              <Go className="main-link row" to={paths.person(row.person.id)}>
                <Avatar name={personName(row.person)} size={22} />
                {personName(row.person)}
              </Go>
            ),
          },
          { id: 'since', title: w('since'), fixed: true, end: true, render: (row) => <Ago at={row.since} /> },
          ...(!hasRule(segment) ? [] : [{ id: 'why', title: '', fixed: true, end: true, render: (row: { person: { id: string } }) => <button type="button" className="linkish" onClick={() => onWhy(row.person.id)}>{w('why')}</button> }]),
        ]}
      />
      <MembersDialog list={segment} change={change} onClose={() => setChange(null)} />
    </>
  );
}
