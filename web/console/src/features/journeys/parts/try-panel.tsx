// Trying the draft with one person: the way they would take, step by step, without anything being sent.
import { useMutation } from '@tanstack/react-query';
import { Footprints, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Journey, type Plan, Problem, type Simulation, type WayStep, call } from '../../../lib/api';
import { duration } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { searchPeople, useKnownPerson } from '../../../lib/people';
import { Button } from '../../../ui/button';
import { ProblemView } from '../../../ui/feedback';
import { PersonPicker, personName } from '../../../ui/person-picker';
import { common } from '../../../ui/words';
import { ENTRY } from '../logic/plan';
import { serverFaults } from '../logic/validate';
import { jw } from '../words';
import type { Walk } from './plan-canvas';
import { WaySteps, armOf, useNodeTitle, walkOf } from './way';

type Props = {
  journey: Journey;
  plan: Plan;
  /** The server reads the draft it has kept. */
  kept: boolean;
  onWalk: (walk: Walk | undefined) => void;
  onRefused: (fields: { [path: string]: string }) => void;
  /** Shows a node on the canvas. */
  onShow: (node: string) => void;
  /** Opens the form of a node that must be mended. */
  onMend: (node: string) => void;
  onClose: () => void;
};

const NOTES = ['entry', 'waits', 'data', 'dry'] as const;

export function TryPanel({ journey, plan, kept, onWalk, onRefused, onShow, onMend, onClose }: Props) {
  const w = useWords(jw);
  const c = useWords(common);
  const [person, setPerson] = useState('');
  const known = useKnownPerson(person);
  const run = useMutation({
    mutationFn: (who: string) => call('POST /journeys/{id}:simulate', { path: { id: journey.id }, body: { person: who } }),
    onSuccess: ({ steps }) => onWalk(walkOf(steps)),
    onError: (error) => onRefused(error instanceof Problem ? error.fields : {}),
  });
  const clear = () => {
    run.reset();
    onWalk(undefined);
  };
  // The way of another draft, or of somebody else, is no answer any more.
  useEffect(clear, [plan, person]);
  return (
    <aside className="side-panel try" aria-label={w('try_title')}>
      <header>
        <Footprints size={14} aria-hidden />
        <h2 className="h grow cut">{w('try_title')}</h2>
        <button type="button" className="icon-button" aria-label={c('close')} onClick={onClose}>
          <X size={15} aria-hidden />
        </button>
      </header>
      <div className="inner">
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            if (person && kept) run.mutate(person);
          }}
        >
          <div className="grow">
            <PersonPicker label={w('try_person')} value={person} onChange={setPerson} search={searchPeople} known={known} clearable />
          </div>
          <Button type="primary" htmlType="submit" disabled={!person || !kept} loading={run.isPending} title={kept ? undefined : w('try_unsaved')}>
            {w('try_run')}
          </Button>
        </form>
        {run.error ? (
          <Refusal error={run.error} plan={plan} onMend={onMend} />
        ) : run.data ? (
          <Answer of={run.data} plan={plan} name={known[0] ? personName(known[0]) : ''} onShow={onShow} />
        ) : null}
        <ul className="notes dim small" aria-label={w('try_notes')}>
          {NOTES.map((one) => (
            <li key={one}>{w(`note_${one}`)}</li>
          ))}
        </ul>
      </div>
    </aside>
  );
}

/** What keeps the draft from being walked, each fault leading to its node. */
function Refusal({ error, plan, onMend }: { error: unknown; plan: Plan; onMend: (node: string) => void }) {
  const w = useWords(jw);
  const title = useNodeTitle(plan);
  const faults = error instanceof Problem ? serverFaults(error.fields) : [];
  if (faults.length === 0) return <ProblemView error={error} />;
  return (
    <div className="problem" role="alert">
      <strong>{w('try_incomplete')}</strong>
      <ul>
        {faults.map((one, i) => (
          <li key={i}>
            <button type="button" className="linkish" onClick={() => onMend(one.node)}>
              {one.node === ENTRY ? w('node_entry') : title(one.node)}
            </button>
            <span className="soft"> — {w(`fault_${one.code}`, one.params)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Answer({ of, plan, name, onShow }: { of: Simulation; plan: Plan; name: string; onShow: (node: string) => void }) {
  const w = useWords(jw);
  const lang = useLanguage();
  const { steps, sends } = read(of);
  const control = plan.nodes.flatMap((node) => (node.type === 'split' ? node.arms.filter((arm) => arm.control && steps.some((step) => step.node === node.id && step.what === 'assigned' && step.reason === arm.key)) : []))[0];
  const lasts = steps.length > 1 ? Date.parse(steps[steps.length - 1]!.at) - Date.parse(steps[0]!.at) : 0;
  return (
    <section className="stack" aria-label={w('try_answer')}>
      <div className={sends > 0 ? 'note-box good' : 'note-box'} role="status">
        <strong>{sends > 0 ? w('try_sends', { name, count: sends }) : w('try_sends_none', { name })}</strong>
        {control && <div className="small">{w('try_control', { arm: armOf(plan, control.key) })}</div>}
        <div className="small soft">{lasts > 0 ? w('try_lasts', { span: duration(lasts, lang) }) : w('try_at_once')}</div>
      </div>
      <WaySteps steps={steps} plan={plan} since={steps[0]?.at} onPick={onShow} />
    </section>
  );
}

/** The last line counts the messages; it stands at no node. */
function read({ steps }: Simulation): { steps: WayStep[]; sends: number } {
  const sum = steps.find((step) => step.what === 'would_send');
  return { steps: steps.filter((step) => step !== sum), sends: Number(sum?.reason ?? 0) };
}
