// One tag of things: its rule, how many are called what, and what was done to it.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Input } from 'antd';
import { Archive, Eye } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { type ThingTag, type ThingTagSurvey, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { half } from '../../../lib/labels';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { At, Badge, Bars, Field, StateBadge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { Answered, ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { useLeaveGuard } from '../../../ui/leave-guard';
import { MemberSelect, OwnerName } from '../../../ui/owner';
import { HistoryList, ObjectPage, Panel } from '../../../ui/page';
import { refreshCatalog, useTypes } from '../logic/queries';
import { isWhole, kindOf } from '../logic/rule';
import { typeTitle, valueText } from '../logic/things';
import { RuleEditor } from '../parts/rule-editor';
import '../catalog.css';
import { cw } from '../words';

export default function ThingTagPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = useQuery({ queryKey: ['catalog', 'tags', 'one', id], queryFn: () => call('GET /catalog/tags/{id}', { path: { id } }), refetchInterval: (query) => (query.state.data?.is_filled === false ? 1500 : false) });
  return asked.data ? <TagView key={id} tag={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

function TagView({ tag }: { tag: ThingTag }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const toast = useToast();
  const fieldText = useFieldText();
  const able = useMay()('catalog:write') && tag.state === 'active';
  const [url, setUrl] = useUrlState({ tab: 'rule' });
  const [archiving, setArchiving] = useState(false);
  const saved = useMemo(() => ({ title: tag.title, category: tag.category, owner: tag.owner, description: tag.description, rule: tag.rule }), [tag]);
  const [form, setForm] = useState(saved);
  useEffect(() => setForm(saved), [saved]);
  const changed = JSON.stringify(form) !== JSON.stringify(saved);
  const guard = useLeaveGuard(changed);
  const types = useTypes();
  const save = useMutation({
    mutationFn: () => call('PUT /catalog/tags/{id}', { path: { id: tag.id }, body: form }),
    onSuccess: () => {
      toast.done(w('tag_saved'));
      refreshCatalog();
    },
  });
  const archive = useMutation({
    mutationFn: () => call('POST /catalog/tags/{id}:archive', { path: { id: tag.id } }),
    onSuccess: () => {
      setArchiving(false);
      refreshCatalog();
    },
  });
  const title = half(tag.title, lang);
  return (
    <ObjectPage
      title={title}
      back={{ to: paths.thingTags, label: w('tab_tags') }}
      badge={<StateBadge state={tag.state} />}
      sub={
        <span className="row wrap" style={{ gap: '2px 14px' }}>
          <code>{tag.name}</code>
          <span>{typeTitle(types.data?.find((one) => one.type === tag.type) ?? tag.type, lang)}</span>
          <span>{w(`kind_${kindOf(tag.rule)}`)}</span>
          {!tag.is_filled && <Badge tone="info">{w('filling')}</Badge>}
          {tag.next_night && <span>{w('next_night', { at: '' })}<At at={tag.next_night} /></span>}
          <span>{w('owner')} <OwnerName of={tag} /></span>
        </span>
      }
      actions={
        able &&
        (changed ? (
          <>
            <Badge tone="warn">{w('unsaved')}</Badge>
            <Button onClick={() => setForm(saved)}>{w('discard')}</Button>
            <Button type="primary" disabled={!form.title.trim() || !isWhole(form.rule)} loading={save.isPending} onClick={() => save.mutate()}>{w('save')}</Button>
          </>
        ) : (
          <Button icon={<Archive size={14} />} onClick={() => setArchiving(true)}>{w('archive')}</Button>
        ))
      }
      tabs={(['rule', 'values', 'history'] as const).map((id) => ({ id, label: w(`tab_${id}`) }))}
      tab={url.tab}
      onTab={(tab) => setUrl({ tab })}
    >
      {guard.question}
      {url.tab === 'rule' && (
        <div className="stack" style={{ maxWidth: 940 }}>
          {save.error && <ProblemView error={save.error} kept />}
          <div className="cols">
            <Field label={w('tag_title')} wrong={fieldText(save.error, 'title')}>
              <Input value={form.title} maxLength={100} disabled={!able} onChange={(event) => setForm({ ...form, title: event.target.value })} />
            </Field>
            <Field label={w('category')}>
              <Input value={form.category} maxLength={64} disabled={!able} onChange={(event) => setForm({ ...form, category: event.target.value })} />
            </Field>
            <Field label={w('description')}>
              <Input value={form.description} disabled={!able} onChange={(event) => setForm({ ...form, description: event.target.value })} />
            </Field>
            {able && <Field label={w('owner')} wrong={fieldText(save.error, 'owner')}><MemberSelect label={w('owner')} value={form.owner.startsWith('usr_') ? form.owner : ''} onChange={(owner) => setForm({ ...form, owner })} /></Field>}
          </div>
          <RuleEditor type={tag.type} rule={form.rule} able={able} onChange={(rule) => setForm((was) => ({ ...was, rule }))} fault={(path) => fieldText(save.error, path)} />
          {!form.rule.assigned && <Survey tag={tag} rule={form.rule} />}
        </div>
      )}
      {url.tab === 'values' && <Values tag={tag} />}
      {url.tab === 'history' && <TagHistory id={tag.id} />}
      <Danger open={archiving} title={w('archive_title', { name: title })} confirm={w('archive')} busy={archive.isPending} error={archive.error} onConfirm={() => archive.mutate()} onClose={() => setArchiving(false)}>
        <p>{w('tag_archive_text')}</p>
      </Danger>
    </ObjectPage>
  );
}

function Survey({ tag, rule }: { tag: ThingTag; rule: ThingTag['rule'] }) {
  const w = useWords(cw);
  const ask = useMutation({ mutationFn: () => call('POST /catalog/tags:preview', { body: { type: tag.type, rule } }) });
  return (
    <Panel title={w('preview')} extra={<Button size="small" icon={<Eye size={14} />} disabled={!isWhole(rule)} loading={ask.isPending} onClick={() => ask.mutate()}>{w('survey_go')}</Button>}>
      <p className="soft small">{w('survey_hint')}</p>
      {ask.error && <ProblemView error={ask.error} />}
      {ask.data && <Found survey={ask.data} rule={rule} />}
    </Panel>
  );
}

function Found({ survey, rule }: { survey: ThingTagSurvey; rule: ThingTag['rule'] }) {
  const w = useWords(cw);
  const lang = useLanguage();
  if (survey.values.length === 0) return <p className="dim">{w('survey_none')}</p>;
  const tagged = survey.values.reduce((sum, one) => sum + one.count, 0);
  return (
    <div className="stack tight">
      <p className="soft">{w('survey_of', { n: number(survey.things, lang), tagged: number(tagged, lang) })}</p>
      <Bars label={w('preview')} rows={survey.values.map((one) => ({ key: one.value, label: valueText(one.value, rule, lang), value: one.count }))} />
      {survey.values.map((one) => <p key={one.value} className="dim small cut">{valueText(one.value, rule, lang)}: {one.some.join(lang === 'zh' ? '、' : ', ')}</p>)}
    </div>
  );
}

function Values({ tag }: { tag: ThingTag }) {
  const w = useWords(cw);
  const lang = useLanguage();
  if (tag.values.length === 0) return <p className="dim">{w('values_none')}</p>;
  return <Panel><Bars label={w('tab_values')} rows={tag.values.map((one) => ({ key: one.value, label: valueText(one.value, tag.rule, lang), value: one.count, to: { path: paths.catalog, search: { type: tag.type, tag: `${tag.name}:${one.value}` } } }))} /></Panel>;
}

function TagHistory({ id }: { id: string }) {
  const asked = useQuery({ queryKey: ['catalog', 'tags', id, 'history'], queryFn: () => call('GET /catalog/tags/{id}/history', { path: { id }, query: { limit: 500 } }) });
  return <Answered of={asked}>{({ items }) => <HistoryList items={items} />}</Answered>;
}
