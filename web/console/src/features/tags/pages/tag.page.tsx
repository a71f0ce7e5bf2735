// One tag: its rule, what its values look like, and who has them.
import { Input, Select } from 'antd';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Archive, Eye, UserPlus, UserRoundCog, X } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { type Tag, type TagPerson, call } from '../../../lib/api';
import { assignTag } from '../../../lib/assign';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { half, namedValues, valueText } from '../../../lib/labels';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay, useSession } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { AssignTag } from '../../../ui/assign-tag';
import { Ago, Avatar, Badge, Field, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { Answered, ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { useLeaveGuard } from '../../../ui/leave-guard';
import { List } from '../../../ui/list';
import { HandOver, OwnerName } from '../../../ui/owner';
import { HistoryList, ObjectPage, Panel } from '../../../ui/page';
import { personName } from '../../../ui/person-picker';
import { SegmentOf } from '../../../ui/segment-of';
import { common } from '../../../ui/words';
import { isWhole } from '../logic/rule';
import { WrittenByModel } from '../parts/assigned';
import { Distribution } from '../parts/distribution';
import { EvaluationTab } from '../parts/evaluation';
import { RuleEditor } from '../parts/rule-editor';
import { tw } from '../words';

export default function TagPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = useQuery({ queryKey: ['tags', 'one', id], queryFn: () => call('GET /tags/{id}', { path: { id } }), refetchInterval: (query) => (query.state.data?.is_filled === false ? 1500 : false) });
  return asked.data ? <TagView key={id} tag={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

function TagView({ tag }: { tag: Tag }) {
  const w = useWords(tw);
  const c = useWords(common);
  const lang = useLanguage();
  const title = half(tag.title, lang);
  const toast = useToast();
  const fieldText = useFieldText();
  const may = useMay()('tags:write') && tag.state === 'active';
  // What a model writes is changed and retired with the model.
  const byModel = tag.rule.assigned?.by === 'model';
  const able = may && !byModel;
  const session = useSession();
  const administers = useMay()('members:write');
  const owns = may && (administers || session.user.id === tag.owner);
  const byHand = may && tag.rule.assigned?.by === 'hand';
  const [giving, setGiving] = useState(false);
  const [url, setUrl] = useUrlState({ tab: 'rule', value: '' });
  const [archiving, setArchiving] = useState(false);
  const [handing, setHanding] = useState(false);
  const saved = useMemo(() => ({ title: tag.title, category: tag.category, description: tag.description, rule: tag.rule }), [tag]);
  const [form, setForm] = useState(saved);
  useEffect(() => setForm(saved), [saved]);
  const changed = JSON.stringify(form) !== JSON.stringify(saved);
  const guard = useLeaveGuard(changed);
  const refresh = () => void queries.invalidateQueries({ queryKey: ['tags'] });
  const save = useMutation({
    mutationFn: () => call('PUT /tags/{id}', { path: { id: tag.id }, body: form }),
    onSuccess: () => {
      toast.done(w('saved'));
      refresh();
    },
  });
  const archive = useMutation({
    mutationFn: () => call('POST /tags/{id}:archive', { path: { id: tag.id } }),
    onSuccess: () => {
      setArchiving(false);
      refresh();
    },
  });
  const handOver = useMutation({
    mutationFn: (owner: string) => call('POST /tags/{id}:hand_over', { path: { id: tag.id }, body: { owner } }),
    onSuccess: () => {
      toast.done(c('handed_over'));
      setHanding(false);
      refresh();
    },
  });
  const take = useMutation({ mutationFn: (person: string) => assignTag(tag.id, { people: [person], value: null, days: null }), onSuccess: () => toast.done(w('taken')), onError: toast.failed });
  const preview = useMutation({ mutationFn: () => call('POST /tags:preview', { body: { rule: form.rule } }) });
  return (
    <ObjectPage
      title={title}
      back={{ to: paths.tags, label: w('title') }}
      badge={<StateBadge state={tag.state} />}
      sub={
        <span className="row wrap" style={{ gap: '2px 14px' }}>
          <code>{tag.name}</code>
          <b style={{ color: 'var(--ink)' }}>{c('people_count', { n: number(tag.tagged, lang) })}</b>
          {!tag.is_filled && <Badge tone="info">{w('filling')}</Badge>}
          {byModel ? <span>{w('by_model')}</span> : tag.category && <span>{tag.category}</span>}
          <span>{c('owner')} <OwnerName of={tag} /></span>
        </span>
      }
      actions={
        <>
          {able && changed && (
            <>
              <Badge tone="warn">{w('unsaved')}</Badge>
              <Button onClick={() => setForm(saved)}>{w('discard')}</Button>
              <Button type="primary" disabled={!form.title.trim() || !isWhole(form.rule)} loading={save.isPending} onClick={() => save.mutate()}>{w('save')}</Button>
            </>
          )}
          {owns && !changed && <Button icon={<UserRoundCog size={14} />} onClick={() => setHanding(true)}>{c('hand_over')}</Button>}
          {able && !changed && <Button icon={<Archive size={14} />} onClick={() => setArchiving(true)}>{w('archive')}</Button>}
        </>
      }
      tabs={(['rule', 'values', 'people', 'evaluation', 'history'] as const).map((id) => ({ id, label: w(`tab_${id}`) }))}
      tab={url.tab}
      onTab={(tab) => setUrl({ tab, value: '' })}
    >
      {guard.question}
      {handing && <HandOver name={title} owner={tag.owner} busy={handOver.isPending} error={handOver.error} onConfirm={handOver.mutate} onClose={() => setHanding(false)} />}
      {url.tab === 'rule' && (
        <div className="stack" style={{ maxWidth: 1040 }}>
          {save.error && <ProblemView error={save.error} kept />}
          {!byModel && (
            <div className="cols">
              <Field label={w('name')} wrong={form.title.trim() ? fieldText(save.error, 'title') : w('name_needed')}>
                <Input value={form.title} maxLength={100} disabled={!able} onChange={(event) => setForm({ ...form, title: event.target.value })} />
              </Field>
              <Field label={w('category')}>
                <Input value={form.category} maxLength={64} disabled={!able} onChange={(event) => setForm({ ...form, category: event.target.value })} />
              </Field>
              <Field label={w('description')}>
                <Input value={form.description} disabled={!able} onChange={(event) => setForm({ ...form, description: event.target.value })} />
              </Field>
            </div>
          )}
          {byModel ? <WrittenByModel tag={tag} /> : <RuleEditor rule={form.rule} able={able} onChange={(rule) => setForm((was) => ({ ...was, rule }))} fault={(path) => fieldText(save.error, path)} />}
          {!form.rule.assigned && (
            <Panel title={w('preview')} extra={<Button size="small" icon={<Eye size={14} />} disabled={!isWhole(form.rule)} loading={preview.isPending} onClick={() => preview.mutate()}>{w('preview')}</Button>}>
              <p className="soft small">{w('preview_hint')}</p>
              {preview.error && <ProblemView error={preview.error} />}
              {preview.data && <Distribution of={preview.data} rule={form.rule} />}
            </Panel>
          )}
        </div>
      )}
      {url.tab === 'values' && <Values tag={tag} onPick={tag.rule.statistic ? undefined : (value) => setUrl({ tab: 'people', value })} />}
      {url.tab === 'people' && (
        <List
          id="tag-people"
          label={w('tab_people')}
          ask={{ key: ['tags', tag.id, 'people', url.value], fetch: (cursor, signal) => call('GET /tags/{id}/people', { path: { id: tag.id }, query: { value: url.value, cursor, limit: 50 }, signal }) }}
          filters={
            namedValues(tag.rule).length > 0 && (
              <Select
                aria-label={w('value')}
                value={url.value}
                style={{ minWidth: 160 }}
                onChange={(value: string) => setUrl({ value })}
                options={[{ value: '', label: w('any_value') }, ...namedValues(tag.rule).map(({ value }) => ({ value, label: valueText(value, tag.rule, lang) }))]}
              />
            )
          }
          tools={byHand && <Button icon={<UserPlus size={14} />} onClick={() => setGiving(true)}>{w('assign')}</Button>}
          filtered={!!url.value}
          onClear={() => setUrl({ value: '' })}
          rowKey={(row) => row.person.id}
          rowTo={(row) => paths.person(row.person.id)}
          empty={{ title: w('people_empty'), action: byHand && <Button type="primary" icon={<UserPlus size={14} />} onClick={() => setGiving(true)}>{w('assign')}</Button> }}
          columns={[
            { id: 'who', title: w('person'), fixed: true, render: (row) => <Go className="main-link row" to={paths.person(row.person.id)}><Avatar name={personName(row.person)} size={22} />{personName(row.person)}</Go> },
            { id: 'value', title: w('value'), fixed: true, render: (row) => valueText(row.value, tag.rule, lang) },
            { id: 'since', title: w('since'), fixed: true, end: true, render: (row) => <Ago at={row.since} /> },
            ...(byHand ? [{ id: 'take', title: '', fixed: true, end: true, render: (row: TagPerson) => <Button size="small" type="text" aria-label={w('take', { name: personName(row.person) })} icon={<X size={14} />} onClick={() => take.mutate(row.person.id)} /> }] : []),
          ]}
        />
      )}
      {url.tab === 'evaluation' && <EvaluationTab tag={tag} onRetire={able ? () => setArchiving(true) : undefined} />}
      {giving && <AssignTag tags={[tag]} onClose={() => setGiving(false)} />}
      {url.tab === 'history' && <TagHistory id={tag.id} />}
      <Danger open={archiving} title={w('archive_title', { name: title })} confirm={w('archive')} busy={archive.isPending} error={archive.error} onConfirm={() => archive.mutate()} onClose={() => setArchiving(false)}>
        <p>{w('archive_text')}</p>
      </Danger>
    </ObjectPage>
  );
}

function Values({ tag, onPick }: { tag: Tag; onPick?: (value: string) => void }) {
  const lang = useLanguage();
  const asked = useQuery({ queryKey: ['tags', tag.id, 'distribution', tag.tagged], queryFn: () => call('GET /tags/{id}/distribution', { path: { id: tag.id } }) });
  return <Panel><Answered of={asked} lines={6}>{(found) => <Distribution of={found} rule={tag.rule} onPick={onPick} extra={(value) => <SegmentOf condition={{ tag: { name: tag.name, eq: value } }} name={`${half(tag.title, lang)} · ${valueText(value, tag.rule, lang)}`} />} />}</Answered></Panel>;
}

function TagHistory({ id }: { id: string }) {
  const asked = useQuery({ queryKey: ['tags', id, 'history'], queryFn: () => call('GET /tags/{id}/history', { path: { id }, query: { limit: 500 } }) });
  return <Answered of={asked}>{({ items }) => <HistoryList items={items} />}</Answered>;
}
