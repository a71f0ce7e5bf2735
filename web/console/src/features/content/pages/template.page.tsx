// Writing one message, with what it becomes for one person beside it.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Dropdown, Input, Modal, Segmented, Select } from 'antd';
import { Blocks, Braces, Plus, Send, Trash2 } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Channel, type Preview, type TemplateBody, type TemplateWarning, type TestOutcome, call } from '../../../lib/api';
import { useDebounced } from '../../../lib/hooks';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { searchPeople, useKnownPerson } from '../../../lib/people';
import { queries } from '../../../lib/query';
import { useMay, useSession } from '../../../lib/session';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { channelLabel, factLabel, reasonLabel } from '../../../lib/vocabulary';
import { Badge, Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { Answered, ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { useLeaveGuard } from '../../../ui/leave-guard';
import { MessageView } from '../../../ui/message-view';
import { Page } from '../../../ui/page';
import { PersonPicker } from '../../../ui/person-picker';
import { common } from '../../../ui/words';
import { tw } from '../words';

export default function TemplatePage() {
  const { id } = useParams({ strict: false }) as { id?: string };
  const [url] = useUrlState({ channel: 'email' });
  const asked = useQuery({ queryKey: ['templates', 'one', id], enabled: !!id, queryFn: () => call('GET /templates/{id}', { path: { id: id! } }) });
  if (!id) return <Editor key="new" saved={{ name: '', channel: url.channel as Channel, subject: '', html: url.channel === 'email' ? BLOCKS.mail : '', text: '' }} />;
  return asked.data ? <Editor key={id} id={id} saved={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

const BLOCKS = {
  mail: `<!doctype html>
<html>
<body style="margin:0;background:#f5f5f3;font-family:-apple-system,'PingFang SC','Microsoft YaHei',sans-serif">
  <div style="max-width:560px;margin:0 auto;padding:28px 20px;color:#333">
    <h1 style="font-size:22px">{{ person.name | default: "" }}</h1>
    <p style="font-size:15px;line-height:1.7"></p>
    <p style="font-size:12px;color:#777"><a href="{{ unsubscribe_url }}" style="color:#777">退订 / Unsubscribe</a></p>
  </div>
</body>
</html>
`,
  heading: '<h1 style="font-size:22px;margin:0 0 12px"></h1>\n',
  paragraph: '<p style="font-size:15px;line-height:1.7;margin:0 0 14px"></p>\n',
  button: '<p><a href="https://" style="display:inline-block;background:#0b6b6b;color:#fff;padding:12px 26px;border-radius:6px;text-decoration:none"></a></p>\n',
  goods: '<table role="presentation" width="100%" style="border:1px solid #e5e5e5;border-radius:8px"><tr><td style="padding:14px;font-size:15px"><b></b><br><span style="color:#777">¥</span></td></tr></table>\n',
  unsubscribe: '<p style="font-size:12px;color:#777"><a href="{{ unsubscribe_url }}" style="color:#777">退订 / Unsubscribe</a></p>\n',
};

type Form = Required<Omit<TemplateBody, 'fields'>> & { fields: { [name: string]: string } };
const whole = (body: TemplateBody): Form => ({
  name: body.name, channel: body.channel, subject: body.subject ?? '', html: body.html ?? '', text: body.text ?? '', sms_template_code: body.sms_template_code ?? '', fields: body.fields ?? {}, webhook_url: body.webhook_url ?? '',
});

function Editor({ id, saved }: { id?: string; saved: TemplateBody }) {
  const w = useWords(tw);
  const c = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const toast = useToast();
  const fieldText = useFieldText();
  const able = useMay()('content:write');
  const [form, setForm] = useState<Form>(() => whole(saved));
  const [kept, setKept] = useState(() => JSON.stringify(form));
  const [person, setPerson] = useState('');
  const [tried, setTried] = useState(false);
  const [testing, setTesting] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const changed = JSON.stringify(form) !== kept;
  const { question, release } = useLeaveGuard(changed);
  const set = (patch: Partial<Form>) => setForm((was) => ({ ...was, ...patch }));
  const preview = usePreview(form, person);
  const save = useMutation({
    mutationFn: () => (id ? call('PUT /templates/{id}', { path: { id }, body: form }) : call('POST /templates', { body: form })),
    onSuccess: (made) => {
      toast.done(w('saved'));
      setKept(JSON.stringify(form));
      void queries.invalidateQueries({ queryKey: ['templates'] });
      release();
      if (!id) go(paths.template(made.id));
    },
  });
  const remove = useMutation({
    mutationFn: () => call('DELETE /templates/{id}', { path: { id: id! } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['templates'] });
      release();
      go(paths.templates);
    },
  });
  const submit = () => {
    setTried(true);
    if (form.name.trim() && (form.channel !== 'email' || form.subject.trim())) save.mutate();
  };
  // What was wrong when it was saved, or is wrong in what is being written.
  const wrong = (field: string) => fieldText(save.error, field) ?? fieldText(preview.error, field);
  return (
    <Page
      wide
      title={form.name || w('new')}
      back={{ to: paths.templates, label: w('title') }}
      badge={changed && id ? <Badge tone="warn">{w('unsaved')}</Badge> : undefined}
      actions={
        able && (
          <>
            {id && (
              <Button icon={<Trash2 size={14} />} onClick={() => setDeleting(true)}>
                {c('delete')}
              </Button>
            )}
            <Button icon={<Send size={14} />} disabled={!id || changed} title={!id || changed ? w('test_save_first') : undefined} onClick={() => setTesting(true)}>
              {w('test')}
            </Button>
            <Button type="primary" loading={save.isPending} disabled={!!id && !changed} onClick={submit}>
              {c('save')}
            </Button>
          </>
        )
      }
    >
      {save.error && <ProblemView error={save.error} kept />}
      <div className="cols" style={{ marginTop: save.error ? 12 : 0 }}>
        <div className="form">
          <div className="row top">
            <div className="grow">
              <Field label={w('name')} wrong={tried && !form.name.trim() ? w('name_needed') : fieldText(save.error, 'name')}>
                <Input value={form.name} onChange={(e) => set({ name: e.target.value })} autoFocus={!id} />
              </Field>
            </div>
            <div style={{ width: 120 }}>
              <Field label={w('channel')}>
                <Select value={form.channel} disabled={!!id} onChange={(channel: Channel) => set({ channel, html: channel === 'email' && !form.html ? BLOCKS.mail : form.html })} options={(['email', 'sms', 'webhook'] as const).map((one) => ({ value: one, label: channelLabel(one, lang) }))} />
              </Field>
            </div>
          </div>
          {form.channel === 'email' && (
            <>
              <Field label={w('subject')} wrong={tried && !form.subject.trim() ? w('subject_needed') : wrong('subject')}>
                <Input value={form.subject} placeholder="{{ person.name }}" onChange={(e) => set({ subject: e.target.value })} />
              </Field>
              <Code label={w('html')} value={form.html} rows={20} onChange={(html) => set({ html })} wrong={wrong('html')} blocks />
              <Code label={w('text')} help={w('text_help')} value={form.text} rows={5} onChange={(text) => set({ text })} wrong={wrong('text')} />
            </>
          )}
          {form.channel === 'sms' && (
            <>
              <Code label={w('sms_text')} help={w('sms_count', { n: [...form.text].length, parts: smsParts(form.text) })} value={form.text} rows={6} onChange={(text) => set({ text })} wrong={wrong('text')} />
              <Field label={w('sms_code')} help={w('sms_code_help')} wrong={wrong('sms_template_code')}>
                <Input value={form.sms_template_code} placeholder="SMS_1234567" onChange={(e) => set({ sms_template_code: e.target.value })} />
              </Field>
              <Pairs label={w('sms_fields')} help={w('sms_fields_help')} value={form.fields} onChange={(fields) => set({ fields })} wrong={(name) => wrong(`fields.${name}`)} />
            </>
          )}
          {form.channel === 'webhook' && (
            <>
              <Field label={w('webhook_url')} wrong={wrong('webhook_url')}>
                <Input type="url" value={form.webhook_url} placeholder="https://" onChange={(e) => set({ webhook_url: e.target.value })} />
              </Field>
              <Pairs label={w('webhook_fields')} help={w('webhook_fields_help')} value={form.fields} onChange={(fields) => set({ fields })} wrong={(name) => wrong(`fields.${name}`)} />
              <Code label={w('webhook_text')} help={w('webhook_text_help')} value={form.text} rows={5} onChange={(text) => set({ text })} wrong={wrong('text')} />
            </>
          )}
        </div>
        <PreviewPane form={form} preview={preview} person={person} onPerson={setPerson} />
      </div>
      {id && testing && <TestDialog id={id} channel={form.channel} onClose={() => setTesting(false)} />}
      <Danger open={deleting} title={w('delete_title', { name: form.name })} confirm={c('delete')} busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={() => setDeleting(false)}>
        <p>{w('delete_text')}</p>
      </Danger>
      {question}
    </Page>
  );
}

/** 70 characters fit one message, 67 each of several; Latin text fits more. */
function smsParts(text: string): number {
  const plain = /^[\x20-\x7e\r\n]*$/.test(text);
  const n = [...text].length;
  return n === 0 ? 0 : n <= (plain ? 160 : 70) ? 1 : Math.ceil(n / (plain ? 153 : 67));
}

function useVariables(): (readonly [code: string, name: string])[] {
  const w = useWords(tw);
  const lang = useLanguage();
  const facts = useFacts();
  return [...facts.traits.map((one) => [`{{ person.${one.name} }}`, factLabel(one.name, lang)] as const), ['{{ unsubscribe_url }}', w('var_unsubscribe')] as const];
}

function Code({ label, help, value, rows, onChange, blocks, wrong }: { label: string; help?: string; value: string; rows: number; onChange: (value: string) => void; blocks?: boolean; wrong?: string | null }) {
  const w = useWords(tw);
  const variables = useVariables();
  const area = useRef<HTMLTextAreaElement>(null);
  const insert = (text: string) => {
    const box = area.current;
    const from = box?.selectionStart ?? value.length;
    const to = box?.selectionEnd ?? from;
    onChange(value.slice(0, from) + text + value.slice(to));
    requestAnimationFrame(() => {
      box?.focus();
      box?.setSelectionRange(from + text.length, from + text.length);
    });
  };
  return (
    <div>
      <div className="row" style={{ marginBottom: 4 }}>
        <span className="small" style={{ fontWeight: 500, color: 'var(--ink-2)' }}>
          {label}
        </span>
        <span className="grow" />
        {blocks && (
          <Dropdown autoFocus trigger={['click']} menu={{ items: (Object.keys(BLOCKS) as (keyof typeof BLOCKS)[]).map((key) => ({ key, label: w(`block_${key}`) })), onClick: ({ key }) => insert(BLOCKS[key as 'mail']) }}>
            <Button size="small" type="text" icon={<Blocks size={13} />}>
              {w('blocks')}
            </Button>
          </Dropdown>
        )}
        <Dropdown autoFocus trigger={['click']} menu={{ style: { maxHeight: 320, overflowY: 'auto' }, items: variables.map(([code, name]) => ({ key: code, label: <span className="row">{name}<code className="dim">{code}</code></span> })), onClick: ({ key }) => insert(key) }}>
          <Button size="small" type="text" icon={<Braces size={13} />}>
            {w('variables')}
          </Button>
        </Dropdown>
      </div>
      <textarea ref={area} className="code" rows={rows} spellCheck={false} aria-label={label} aria-invalid={wrong ? true : undefined} value={value} onChange={(e) => onChange(e.target.value)} />
      {wrong && <div className="small" role="alert" style={{ color: 'var(--bad)' }}>{wrong}</div>}
      {help && <div className="small dim">{help}</div>}
    </div>
  );
}

/** Named pieces: the parameters of a gateway's template, the fields a webhook tells. */
function Pairs({ label, help, value, onChange, wrong }: { label: string; help: string; value: { [name: string]: string }; onChange: (value: { [name: string]: string }) => void; wrong: (name: string) => string | null }) {
  const w = useWords(tw);
  const c = useWords(common);
  // Rows are kept as a list, so that a name being typed does not jump about.
  const [rows, setRows] = useState(() => Object.entries(value));
  const put = (next: [string, string][]) => {
    setRows(next);
    onChange(Object.fromEntries(next.filter(([name]) => name.trim())));
  };
  return (
    <div className="field" role="group" aria-label={label}>
      <div className="label">{label}</div>
      <div className="stack tight">
        {rows.map(([name, text], i) => (
          <div key={i}>
            <div className="row">
              <Input aria-label={`${w('field_name')} ${i + 1}`} value={name} placeholder={w('field_name')} style={{ width: 140, flex: 'none' }} onChange={(e) => put(rows.map((row, j) => (j === i ? [e.target.value, text] : row)))} />
              <Input aria-label={`${w('field_value')} ${i + 1}`} value={text} placeholder="{{ person.name }}" onChange={(e) => put(rows.map((row, j) => (j === i ? [name, e.target.value] : row)))} />
              <button type="button" className="icon-button" aria-label={c('remove')} title={c('remove')} onClick={() => put(rows.filter((_, j) => j !== i))}>
                <Trash2 size={14} aria-hidden />
              </button>
            </div>
            {wrong(name) && <div className="small" role="alert" style={{ color: 'var(--bad)' }}>{wrong(name)}</div>}
          </div>
        ))}
        <div>
          <Button size="small" type="dashed" icon={<Plus size={13} />} onClick={() => put([...rows, ['', '']])}>
            {w('add_field')}
          </Button>
        </div>
      </div>
      <div className="help">{help}</div>
    </div>
  );
}

function usePreview(form: Form, person: string) {
  const settled = useDebounced(form, 400);
  const body = useMemo(() => {
    const { name: _name, ...rest } = settled;
    return rest;
  }, [settled]);
  return useQuery({
    queryKey: ['templates', 'preview', body, person],
    placeholderData: (before) => before,
    retry: false,
    queryFn: () => call('POST /templates:preview', { body: { ...body, person: person || undefined } }),
  });
}

function PreviewPane({ form, preview, person, onPerson }: { form: Form; preview: { data?: Preview; error: unknown }; person: string; onPerson: (id: string) => void }) {
  const w = useWords(tw);
  const known = useKnownPerson(person);
  const [width, setWidth] = useState<'desktop' | 'phone' | 'text'>('desktop');
  // Somebody is always looked at: the newest person who has a name, until another is chosen.
  useEffect(() => {
    void searchPeople('').then(
      (found) => {
        const first = found.find((one) => one.name) ?? found[0];
        if (first) onPerson(first.id);
      },
      () => undefined,
    );
  }, []);
  const answer = preview.data;
  const bare = form.channel === 'email' && answer && !/unsubscribe/i.test(form.html);
  const fields = Object.entries(answer?.fields ?? {});
  return (
    <section aria-label={w('preview')} className="stack" style={{ position: 'sticky', top: 12 }}>
      <div className="row wrap">
        <div className="grow" style={{ maxWidth: 260 }}>
          <PersonPicker label={w('preview_as')} value={person} onChange={onPerson} search={searchPeople} known={known} />
        </div>
        <span className="grow" />
        {form.channel === 'email' && (
          <Segmented
            size="small"
            value={width}
            onChange={(next) => setWidth(next as 'phone')}
            options={[
              { value: 'desktop', label: w('desktop') },
              { value: 'phone', label: w('phone') },
              { value: 'text', label: w('text_view') },
            ]}
          />
        )}
      </div>
      {preview.error ? <ProblemView error={preview.error} /> : null}
      {answer && (answer.warnings.length > 0 || bare) && (
        <div className="note-box warn">
          <strong>{w('warnings')}</strong>
          <ul>
            {bare && <li>{w('warn_unsubscribe')}</li>}
            {answer.warnings.map((one, i) => (
              <li key={i}>
                <WarningText of={one} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {answer && (form.channel === 'email' || answer.text || fields.length === 0) && <MessageView channel={form.channel} message={answer} width={width} title={w('preview')} noSubject={w('no_subject')} />}
      {fields.length > 0 && (
        <dl className="facts preview-box" style={{ padding: 12 }}>
          {fields.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>{value || <span className="dim">–</span>}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function WarningText({ of: one }: { of: TemplateWarning }) {
  const w = useWords(tw);
  const part = one.part in PARTS ? w(PARTS[one.part as 'html']) : one.part.replace('fields.', '');
  const said = one.code === 'unknown_variable' ? w('warn_unknown', { name: one.variable ?? '' }) : one.code === 'output_in_code' ? w('warn_in_code') : one.code === 'output_without_quotes' ? w('warn_quotes') : one.code === 'syntax_error' ? w('warn_syntax') : w('warn_other', { code: one.code });
  return (
    <>
      {said} <span className="dim">· {w('warn_place', { part, n: one.line })}</span>
    </>
  );
}
const PARTS = { subject: 'subject', html: 'html', text: 'text' } as const;

function TestDialog({ id, channel, onClose }: { id: string; channel: Channel; onClose: () => void }) {
  const w = useWords(tw);
  const c = useWords(common);
  const { user } = useSession();
  const [to, setTo] = useState(channel === 'email' ? user.email : '');
  const send = useMutation({ mutationFn: () => call('POST /templates/{id}:test', { path: { id }, body: { to: to.trim() } }) });
  return (
    <Modal open title={w('test')} onCancel={onClose} footer={null} width={440}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (to.trim() || channel === 'webhook') send.mutate();
        }}
      >
        {channel === 'webhook' ? (
          <p>{w('test_webhook')}</p>
        ) : (
          <Field label={w('test_to')} help={w('test_text')}>
            <Input value={to} type={channel === 'email' ? 'email' : 'tel'} onChange={(e) => setTo(e.target.value)} autoFocus />
          </Field>
        )}
        {send.error && <ProblemView error={send.error} kept />}
        {send.data && <OutcomeBox of={send.data} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c(send.data ? 'close' : 'cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={send.isPending}>
            {w('test_send')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function OutcomeBox({ of }: { of: TestOutcome }) {
  const w = useWords(tw);
  const lang = useLanguage();
  return (
    <div className={of.outcome === 'accepted' ? 'note-box good' : 'note-box warn'} role="status">
      <strong>{w(`test_${of.outcome}`)}</strong>
      {'code' in of && <div>{reasonLabel(of.code, lang)} <code className="dim">{of.code}</code></div>}
      {'detail' in of && of.detail && <code className="small soft break">{of.detail}</code>}
    </div>
  );
}
