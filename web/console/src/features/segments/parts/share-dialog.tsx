// Who may look at a segment and who may change it.
import { useMutation } from '@tanstack/react-query';
import { Modal, Select } from 'antd';
import { X } from 'lucide-react';
import { useState } from 'react';
import { type Segment, call } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { useActorName } from '../../../lib/names';
import { queries } from '../../../lib/query';
import { Button } from '../../../ui/button';
import { ProblemView, useToast } from '../../../ui/feedback';
import { MemberSelect, OwnerName } from '../../../ui/owner';
import { common } from '../../../ui/words';
import { HOW, howOf, sharingOf, usersOf } from '../logic/sharing';
import { seg } from '../words';
import { Choice } from './choice';

export function ShareDialog({ segment, onClose }: { segment: Segment; onClose: () => void }) {
  const w = useWords(seg);
  const c = useWords(common);
  const toast = useToast();
  const name = useActorName();
  const [how, setHow] = useState(howOf(segment.sharing));
  const [users, setUsers] = useState(usersOf(segment.sharing));
  const sharing = sharingOf(how, users);
  const save = useMutation({
    mutationFn: () => call('POST /segments/{id}:share', { path: { id: segment.id }, body: sharing }),
    onSuccess: () => {
      toast.done(w('shared'));
      void queries.invalidateQueries({ queryKey: ['segments'] });
      onClose();
    },
  });
  return (
    <Modal open title={w('share_title', { name: segment.name })} onCancel={onClose} footer={null} width={640}>
      <div className="stack">
        <Choice label={w('share_with')} value={how} onChange={setHow} options={HOW.map((one) => ({ value: one, title: w(`share_${one}`), text: w(`share_${one}_text`) }))} />
        {how === 'named' && (
          <>
            <ul className="shared-users" aria-label={w('share_named')}>
              <li>
                <span className="cut"><OwnerName of={segment} /></span>
                <span className="dim small">{c('owner')}</span>
              </li>
              {users.map((user) => (
                <li key={user.id}>
                  <span className="cut">{name(user.id)}</span>
                  <Select
                    aria-label={w('share_may', { name: name(user.id) })}
                    value={user.can}
                    style={{ width: 110 }}
                    onChange={(can: typeof user.can) => setUsers(users.map((one) => (one.id === user.id ? { ...one, can } : one)))}
                    options={(['read', 'edit'] as const).map((can) => ({ value: can, label: w(`can_${can}`) }))}
                  />
                  <Button type="text" icon={<X size={14} />} aria-label={w('share_remove', { name: name(user.id) })} onClick={() => setUsers(users.filter((one) => one.id !== user.id))} />
                </li>
              ))}
            </ul>
            <MemberSelect label={w('share_add')} value="" except={[segment.owner, ...users.map((user) => user.id)]} onChange={(id) => setUsers([...users, { id, can: 'read' }])} />
            <p className="soft small">{w('share_note')}</p>
          </>
        )}
        {save.error && <ProblemView error={save.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" disabled={JSON.stringify(sharing) === JSON.stringify(segment.sharing)} loading={save.isPending} onClick={() => save.mutate()}>{c('save')}</Button>
        </div>
      </div>
    </Modal>
  );
}
