// The tracking plan beside what really comes in.
import { Select, Switch } from 'antd';
import { Plus } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import type { EventName, EventRule, TrackingPlan } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { eventLabel, factLabel, isTranslated } from '../../../lib/vocabulary';
import { Ago, Badge, Empty, type Tone } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered, useToast } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { SearchBox, Table } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { common } from '../../../ui/words';
import { useEditPlan, useEventNames, usePlan } from '../logic/queries';
import { type Line, type LineState, lines, ruleOf, withRules } from '../logic/rules';
import { RefuseDialog } from '../parts/refuse-dialog';
import { RuleDrawer } from '../parts/rule-drawer';
import { qw } from '../words';

const STATES: LineState[] = ['planned', 'unplanned', 'unseen', 'blocked', 'house'];
const TONES: { [state in LineState]: Tone } = { planned: 'good', unplanned: 'quiet', unseen: 'info', blocked: 'warn', house: 'quiet' };

export default function TrackingPlanPage() {
  const w = useWords(qw);
  const [url, setUrl] = useUrlState({ q: '', state: '', event: '', new: '' });
  const plan = usePlan();
  const names = useEventNames();
  const able = useMay()('quality:write');
  const create = able && (
    <Button type="primary" icon={<Plus size={14} />} onClick={() => setUrl({ new: '1' })}>
      {w('new_event')}
    </Button>
  );
  return (
    <Page title={w('plan')} sub={w('plan_sub')} actions={create}>
      <Answered of={plan} lines={10}>
        {(found) => (
          <div className="stack">
            <Refusing plan={found} names={names.data ?? []} able={able} />
            <Answered of={names} lines={8}>
              {(seen) => <PlanTable plan={found} names={seen} able={able} q={url.q} state={url.state as LineState | ''} onFilter={setUrl} onOpen={(event) => setUrl({ event })} create={create} />}
            </Answered>
            {(url.event || url.new) && <RuleDrawer key={url.event} plan={found} name={url.event} able={able} onClose={() => setUrl({ event: '', new: '' })} />}
          </div>
        )}
      </Answered>
    </Page>
  );
}

/** What becomes of events the plan does not name, and the switch for it. */
function Refusing({ plan, names, able }: { plan: TrackingPlan; names: EventName[]; able: boolean }) {
  const w = useWords(qw);
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const allow = useEditPlan(() => toast.done(w('allowed_now')));
  return (
    <div className={plan.refuse_unknown ? 'note-box warn row' : 'note-box plain row'}>
      <Switch
        aria-label={w('refuse')}
        checked={plan.refuse_unknown}
        disabled={!able}
        loading={allow.isPending}
        onChange={(on) => (on ? setAsking(true) : allow.mutate((now) => ({ ...now, refuse_unknown: false }), { onError: toast.failed }))}
      />
      <div>
        <strong>{w('refuse')}</strong>
        <div className="small soft">{w(plan.refuse_unknown ? 'refuse_on' : 'refuse_off')}</div>
      </div>
      {asking && <RefuseDialog plan={plan} names={names} onClose={() => setAsking(false)} />}
    </div>
  );
}

type TableProps = { plan: TrackingPlan; names: EventName[]; able: boolean; q: string; state: LineState | ''; onFilter: (patch: { q?: string; state?: string }) => void; onOpen: (event: string) => void; create: ReactNode };

function PlanTable({ plan, names, able, q, state, onFilter, onOpen, create }: TableProps) {
  const w = useWords(qw);
  const c = useWords(common);
  const lang = useLanguage();
  const all = useMemo(() => lines(plan, names), [plan, names]);
  // Weft's own events need no plan: they are shown to who asks for them.
  const counted = (wanted: LineState | '') => all.filter((one) => (wanted ? one.state === wanted : one.state !== 'house'));
  const text = q.trim().toLowerCase();
  const shown = counted(state).filter((one) => !text || `${one.name} ${eventLabel(one.name, lang)} ${one.rule?.description ?? ''}`.toLowerCase().includes(text));
  if (all.length === 0) return <Empty title={w('empty')} text={w('empty_text')} action={<span className="row"><Go to={paths.sources}>{w('go_sources')}</Go>{create}</span>} />;
  return (
    <div>
      <div className="list-tools">
        <SearchBox value={q} onChange={(next) => onFilter({ q: next })} placeholder={w('search')} />
        <Select
          aria-label={w('which')}
          value={state}
          onChange={(next: string) => onFilter({ state: next })}
          style={{ minWidth: 190 }}
          popupMatchSelectWidth={false}
          options={[{ value: '', label: w('any_state', { n: counted('').length }) }, ...STATES.map((one) => ({ value: one, label: w('state_n', { state: w(`s_${one}`), n: counted(one).length }) }))]}
        />
      </div>
      {shown.length === 0 ? (
        <Empty title={c('filtered_empty')} text={c('filtered_why')} action={<Button onClick={() => onFilter({ q: '', state: '' })}>{c('clear_filters')}</Button>} />
      ) : (
        <Table
          label={w('plan')}
          rows={shown}
          rowKey={(row) => row.name}
          columns={[
            { id: 'event', title: w('event'), render: (row) => <NameCell line={row} onOpen={() => onOpen(row.name)} /> },
            { id: 'state', title: c('state'), render: (row) => <Badge tone={row.state === 'unplanned' && plan.refuse_unknown ? 'warn' : TONES[row.state]}>{w(`s_${row.state}`)}</Badge> },
            { id: 'properties', title: w('properties'), render: (row) => <PropertiesCell rule={row.rule} /> },
            { id: 'received', title: w('received'), end: true, render: (row) => (row.seen ? number(row.seen.count, lang) : <span className="dim">0</span>) },
            { id: 'last', title: w('last_at'), end: true, phone: false, render: (row) => <Ago at={row.seen?.last_at} /> },
            { id: 'do', title: '', end: true, render: (row) => (row.rule || !able ? <Button size="small" onClick={() => onOpen(row.name)}>{able ? w('edit') : c('open')}</Button> : <AddButton name={row.name} />) },
          ]}
        />
      )}
    </div>
  );
}

function NameCell({ line, onOpen }: { line: Line; onOpen: () => void }) {
  const lang = useLanguage();
  const label = eventLabel(line.name, lang);
  return (
    <div>
      <span className="row wrap" style={{ gap: '0 8px' }}>
        <button type="button" className="linkish break" style={{ fontWeight: 500 }} onClick={onOpen}>
          {label}
        </button>
        {isTranslated(line.name, label) && <code className="dim break">{line.name}</code>}
      </span>
      {line.rule?.description && <div className="dim small break">{line.rule.description}</div>}
    </div>
  );
}

const SHOWN = 4;

function PropertiesCell({ rule }: { rule: EventRule | null }) {
  const w = useWords(qw);
  const lang = useLanguage();
  if (!rule) return <span className="dim">–</span>;
  const required = rule.required ?? [];
  const count = new Set([...required, ...Object.keys(rule.properties ?? {})]).size;
  if (count === 0) return <span className="dim small">{w('no_properties')}</span>;
  return (
    <span className="chips">
      {required.slice(0, SHOWN).map((one) => (
        <span className="chip" key={one} title={one}>
          {factLabel(one, lang)}
          <span>{w('required_one')}</span>
        </span>
      ))}
      {(count > required.length || required.length > SHOWN) && <span className="dim small">{w('more_properties', { count })}</span>}
    </span>
  );
}

/** One click: the event with the properties it was seen with, and their kinds. */
function AddButton({ name }: { name: string }) {
  const w = useWords(qw);
  const lang = useLanguage();
  const toast = useToast();
  const facts = useFacts();
  const [asking, setAsking] = useState(false);
  const add = useEditPlan(() => toast.done(w('added', { name: eventLabel(name, lang) })));
  const go = async () => {
    setAsking(true);
    try {
      const rule = ruleOf(await facts.properties(name));
      await add.mutateAsync((plan) => withRules(plan, { [name]: rule }));
    } catch (error) {
      toast.failed(error);
    }
    setAsking(false);
  };
  return (
    <Button size="small" icon={<Plus size={13} />} loading={asking} onClick={() => void go()}>
      {w('add')}
    </Button>
  );
}
