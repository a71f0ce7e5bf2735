// Whose word counts about a trait, and which traits are not for everybody's eyes.
import { Switch } from 'antd';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { type TraitRules, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { factLabel, isTranslated } from '../../../lib/vocabulary';
import { Badge, Empty } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered, ProblemView, useToast } from '../../../ui/feedback';
import { useLeaveGuard } from '../../../ui/leave-guard';
import { SearchBox, Table } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { NO_RULE, sameRules, traitNames, withRule } from '../logic/trait-rules';
import { TRAIT_RULES, useTraitRules } from '../logic/use-trait-rules';
import { SourceOrder } from '../parts/source-order';
import { people } from '../words';

const AT_ONCE = 60;

export default function TraitRulesPage() {
  const asked = useTraitRules();
  return asked.data ? <Rules key={JSON.stringify(asked.data)} saved={asked.data} /> : <div className="page"><Answered of={asked} lines={12}>{() => null}</Answered></div>;
}

/** Sources by id, for those that may not be read too as long as a rule names them. */
function useSourceIds(): string[] {
  const may = useMay()('sources:read');
  const asked = useQuery({ queryKey: ['sources', 'all'], enabled: may, staleTime: 60_000, queryFn: () => call('GET /sources', { query: { limit: 500 } }).then((answer) => answer.items) });
  return (asked.data ?? []).map((one) => one.id);
}

function Rules({ saved }: { saved: TraitRules }) {
  const w = useWords(people);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const may = useMay();
  const able = may('people:write');
  const [url, setUrl] = useUrlState({ q: '' });
  const [rules, setRules] = useState(saved);
  const [most, setMost] = useState(AT_ONCE);
  const sources = useSourceIds();
  const facts = useQuery({ queryKey: ['traits'], enabled: may('quality:read'), staleTime: 60_000, queryFn: () => call('GET /traits').then((answer) => answer.items) });
  const dirty = !sameRules(rules, saved);
  const guard = useLeaveGuard(dirty);
  const save = useMutation({
    mutationFn: () => call('PUT /traits/rules', { body: rules }),
    onSuccess: (now) => {
      toast.done(w('trait_rules_saved'));
      queries.setQueryData(TRAIT_RULES, now);
      void queries.invalidateQueries({ queryKey: ['people'] });
    },
  });
  const names = traitNames(facts.data ?? [], saved, rules, url.q, lang);
  const typed = url.q.trim();
  const isNew = able && typed !== '' && !names.includes(typed);
  const ruleOf = (name: string) => rules.traits[name] ?? NO_RULE;
  return (
    <Page
      title={w('trait_rules')}
      sub={w('trait_rules_sub')}
      actions={
        able && (
          <>
            {dirty && <Badge tone="warn">{w('unsaved')}</Badge>}
            {dirty && <Button onClick={() => setRules(saved)}>{w('discard')}</Button>}
            <Button type="primary" disabled={!dirty} loading={save.isPending} onClick={() => save.mutate()}>{c('save')}</Button>
          </>
        )
      }
    >
      {guard.question}
      <div className="stack">
        {save.error && <ProblemView error={save.error} kept />}
        <ul className="notes soft">
          <li>{w('trait_rules_order')}</li>
          <li>{w('trait_rules_sensitive')}</li>
          <li>{w('trait_rules_effect')}</li>
        </ul>
        <div className="list-tools">
          <SearchBox value={url.q} onChange={(q) => setUrl({ q })} placeholder={w('trait_search')} />
        </div>
        {facts.isLoading ? (
          <Answered of={facts} lines={8}>{() => null}</Answered>
        ) : names.length === 0 ? (
          <Empty
            title={w(typed ? 'trait_unknown' : 'trait_rules_none')}
            text={w(typed ? 'trait_unknown_text' : 'trait_rules_none_text')}
            action={isNew && <Button icon={<Plus size={14} />} onClick={() => setRules(withRule(rules, typed, { sources: [], is_sensitive: true }))}>{w('trait_unknown_go', { name: typed })}</Button>}
          />
        ) : (
          <>
            <Table
              label={w('trait_rules')}
              rows={names.slice(0, most)}
              rowKey={(name) => name}
              columns={[
                { id: 'trait', title: w('trait'), width: '32%', render: (name) => <Named name={name} /> },
                { id: 'sources', title: w('source_order_title'), render: (name) => <SourceOrder trait={factLabel(name, lang)} sources={ruleOf(name).sources} known={sources} able={able} onChange={(next) => setRules(withRule(rules, name, { ...ruleOf(name), sources: next }))} /> },
                { id: 'sensitive', title: w('sensitive'), end: true, width: 90, render: (name) => <Switch size="small" aria-label={`${w('sensitive')} ${name}`} disabled={!able} checked={ruleOf(name).is_sensitive} onChange={(on) => setRules(withRule(rules, name, { ...ruleOf(name), is_sensitive: on }))} /> },
              ]}
            />
            <div className="list-foot">
              <span>{names.length > most ? c('rows_shown', { n: number(most, lang) }) : c('rows_all', { n: number(names.length, lang) })}</span>
              {names.length > most && <Button size="small" onClick={() => setMost(most + AT_ONCE)}>{c('more')}</Button>}
            </div>
          </>
        )}
      </div>
    </Page>
  );
}

function Named({ name }: { name: string }) {
  const lang = useLanguage();
  const label = factLabel(name, lang);
  return (
    <span className="row wrap" style={{ gap: '0 8px' }}>
      {label}
      {isTranslated(name, label) && <code className="dim break">{name}</code>}
    </span>
  );
}
