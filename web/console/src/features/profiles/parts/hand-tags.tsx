// Tags that colleagues give: on a person's page one is given, or taken away again.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { type Tag, call } from '../../../lib/api';
import { assignTag } from '../../../lib/assign';
import { useWords } from '../../../lib/i18n';
import { useMay } from '../../../lib/session';
import { AssignTag } from '../../../ui/assign-tag';
import { Button } from '../../../ui/button';
import { useToast } from '../../../ui/feedback';
import { people } from '../words';

/** Those that are given by hand; none for who may not give them. */
function useHandTags(): Tag[] {
  const may = useMay()('tags:write');
  const asked = useQuery({ queryKey: ['tags', 'facts'], enabled: may, staleTime: 30_000, retry: false, queryFn: () => call('GET /tags', { query: { limit: 500 } }).then((answer) => answer.items) });
  return may ? (asked.data ?? []).filter((one) => one.state === 'active' && one.rule.assigned?.by === 'hand') : [];
}

export function GiveTag({ person }: { person: string }) {
  const w = useWords(people);
  const tags = useHandTags();
  const [open, setOpen] = useState(false);
  if (tags.length === 0) return null;
  return (
    <>
      <Button size="small" type="text" icon={<Plus size={13} />} onClick={() => setOpen(true)}>{w('tag_give')}</Button>
      {open && <AssignTag tags={tags} person={person} onClose={() => setOpen(false)} />}
    </>
  );
}

export function TakeTag({ person, tag: id }: { person: string; tag: string }) {
  const w = useWords(people);
  const toast = useToast();
  const tag = useHandTags().find((one) => one.id === id);
  const take = useMutation({ mutationFn: () => assignTag(id, { people: [person], value: null, days: null }), onSuccess: () => toast.done(w('tag_taken')), onError: toast.failed });
  if (!tag) return null;
  return <Button size="small" type="text" aria-label={w('tag_take', { name: tag.title })} icon={<X size={12} />} loading={take.isPending} onClick={() => take.mutate()} />;
}
