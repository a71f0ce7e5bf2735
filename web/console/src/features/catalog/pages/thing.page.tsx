// One thing: what it is, what it is called, how often events name it, and what changed.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Archive, ArchiveRestore, Pencil, TagIcon, X } from 'lucide-react';
import { useState } from 'react';
import { type Thing, type ThingTag, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { half } from '../../../lib/labels';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { factLabel, isTranslated } from '../../../lib/vocabulary';
import { Ago, Badge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { Answered, useToast } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { ObjectPage, Panel } from '../../../ui/page';
import { refreshCatalog, useThingTags, useTypes } from '../logic/queries';
import { showAttribute, tagOf, typeTitle, valueText } from '../logic/things';
import { Changes } from '../parts/changes';
import { Figures } from '../parts/figures';
import { GiveTag } from '../parts/give-tag';
import { ThingForm } from '../parts/thing-form';
import '../catalog.css';
import { cw } from '../words';

export default function ThingPage() {
  const { type, id } = useParams({ strict: false }) as { type: string; id: string };
  const [url] = useUrlState({ days: '30' });
  const asked = useQuery({ queryKey: ['catalog', 'one', type, id, url.days], placeholderData: (previous) => previous, queryFn: () => call('GET /catalog/{type}/{id}', { path: { type, id }, query: { days: Number(url.days) || 30 } }) });
  return asked.data ? <ThingView thing={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

function ThingView({ thing }: { thing: Thing }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const toast = useToast();
  const able = useMay()('catalog:write');
  const [url, setUrl] = useUrlState({ tab: 'overview' });
  const [editing, setEditing] = useState(false);
  const [archiving, setArchiving] = useState(false);
  const types = useTypes();
  const type = types.data?.find((one) => one.type === thing.type);
  const title = thing.name || thing.id;
  const path = { type: thing.type, id: thing.id };
  const archive = useMutation({
    mutationFn: () => call('POST /catalog/{type}/{id}:archive', { path }),
    onSuccess: () => {
      setArchiving(false);
      refreshCatalog();
    },
  });
  const restore = useMutation({ mutationFn: () => call('POST /catalog/{type}/{id}:restore', { path }), onSuccess: refreshCatalog, onError: toast.failed });
  return (
    <ObjectPage
      title={title}
      back={{ to: paths.catalog, search: { type: thing.type }, label: typeTitle(type ?? thing.type, lang) }}
      badge={<Badge tone={thing.state === 'described' ? 'good' : thing.state === 'seen' ? 'warn' : 'quiet'}>{w(`state_${thing.state}`)}</Badge>}
      sub={
        <span className="row wrap" style={{ gap: '2px 14px' }}>
          <code>{thing.id}</code>
          <span>{w('events')} <b style={{ color: 'var(--ink)' }}>{number(thing.seen?.events ?? 0, lang)}</b></span>
          {thing.seen && <span>{w('last_seen')} <Ago at={thing.seen.last} /></span>}
        </span>
      }
      actions={
        able && (
          <>
            {thing.state === 'archived' && <Button icon={<ArchiveRestore size={14} />} loading={restore.isPending} onClick={() => restore.mutate()}>{w('restore')}</Button>}
            {thing.state === 'described' && <Button icon={<Archive size={14} />} onClick={() => setArchiving(true)}>{w('archive')}</Button>}
            <Button type="primary" icon={<Pencil size={14} />} onClick={() => setEditing(true)}>{w(thing.state === 'seen' ? 'describe' : 'form_edit')}</Button>
          </>
        )
      }
      tabs={(['overview', 'changes'] as const).map((id) => ({ id, label: w(`tab_${id}`), count: id === 'changes' ? thing.changes.length : undefined }))}
      tab={url.tab}
      onTab={(tab) => setUrl({ tab })}
    >
      {url.tab === 'changes' ? (
        <Changes changes={thing.changes} />
      ) : (
        <div className="stack">
          {thing.state === 'seen' && <div className="note-box">{w('seen_note')}</div>}
          <div className="cols side-right">
            <Figures thing={thing} ids={type?.settings.ids ?? []} />
            <div className="stack">
              <Tags thing={thing} able={able} />
              <Attributes thing={thing} />
            </div>
          </div>
        </div>
      )}
      {editing && <ThingForm type={thing.type} title={`${w('form_edit')} · ${title}`} thing={thing} onClose={() => setEditing(false)} onDone={() => setEditing(false)} />}
      <Danger open={archiving} title={w('archive_title', { name: title })} confirm={w('archive')} busy={archive.isPending} error={archive.error} onConfirm={() => archive.mutate()} onClose={() => setArchiving(false)}>
        <p>{w('archive_text')}</p>
      </Danger>
    </ObjectPage>
  );
}

function Attributes({ thing }: { thing: Thing }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const all = Object.entries(thing.attributes);
  return (
    <Panel title={w('attributes')}>
      {all.length === 0 ? (
        <p className="dim">{w('no_attributes')}</p>
      ) : (
        <dl className="thing-facts">
          {all.map(([name, value]) => {
            const label = factLabel(name, lang);
            return (
              <div key={name}>
                <dt className="soft" title={isTranslated(name, label) ? name : undefined}>{label}</dt>
                <dd>{showAttribute(value)}</dd>
              </div>
            );
          })}
        </dl>
      )}
    </Panel>
  );
}

function Tags({ thing, able }: { thing: Thing; able: boolean }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const toast = useToast();
  const tags = useThingTags();
  const [giving, setGiving] = useState(false);
  const byHand = (tags.data ?? []).filter((one) => one.type === thing.type && one.rule.assigned);
  const take = useMutation({
    mutationFn: (tag: ThingTag) => call('POST /catalog/tags/{id}:assign', { path: { id: tag.id }, body: { things: [thing.id], value: null } }),
    onSuccess: () => {
      toast.done(w('taken'));
      refreshCatalog();
    },
    onError: toast.failed,
  });
  return (
    <Panel title={w('tags')} extra={able && byHand.length > 0 && <Button size="small" icon={<TagIcon size={13} />} onClick={() => setGiving(true)}>{w('give')}</Button>}>
      {thing.tags.length === 0 ? (
        <p className="dim">{w('no_tags')}</p>
      ) : (
        <dl className="thing-facts">
          {thing.tags.map(({ name, value, since }) => {
            const tag = tagOf(tags.data, name);
            return (
              <div key={name}>
                <dt className="soft">{tag ? <Go to={paths.thingTag(tag.id)}>{half(tag.title, lang)}</Go> : name}</dt>
                <dd className="row" style={{ gap: 6 }}>
                  <Badge tone="accent">{valueText(value, tag?.rule, lang)}</Badge>
                  <span className="dim small"><Ago at={since} /></span>
                  {able && tag?.rule.assigned && <Button size="small" type="text" aria-label={w('take', { name: half(tag.title, lang) })} icon={<X size={13} />} onClick={() => take.mutate(tag)} />}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
      {giving && <GiveTag thing={thing.id} tags={byHand} onClose={() => setGiving(false)} />}
    </Panel>
  );
}
