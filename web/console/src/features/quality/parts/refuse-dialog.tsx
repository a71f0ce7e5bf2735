// The question before unknown events are refused: which ones would stop, and whether to take them into the plan first.
import { Checkbox } from 'antd';
import { useState } from 'react';
import type { EventName, TrackingPlan } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useFacts } from '../../../lib/use-facts';
import { eventLabel, isTranslated } from '../../../lib/vocabulary';
import { Danger } from '../../../ui/danger';
import { useToast } from '../../../ui/feedback';
import { useEditPlan } from '../logic/queries';
import { ruleOf, unplanned, withRules } from '../logic/rules';
import { qw } from '../words';

export function RefuseDialog({ plan, names, onClose }: { plan: TrackingPlan; names: EventName[]; onClose: () => void }) {
  const w = useWords(qw);
  const lang = useLanguage();
  const toast = useToast();
  const facts = useFacts();
  const [first, setFirst] = useState(true);
  const [asking, setAsking] = useState(false);
  const stops = unplanned(plan, names);
  const edit = useEditPlan(() => {
    toast.done(w('refused_now'));
    onClose();
  });
  const go = async () => {
    setAsking(true);
    try {
      const rules = first ? Object.fromEntries(await Promise.all(stops.map(async ({ name }) => [name, ruleOf(await facts.properties(name))] as const))) : {};
      await edit.mutateAsync((now) => ({ ...withRules(now, { ...rules, ...now.events }), refuse_unknown: true }));
    } catch {
      // The dialog says what went wrong.
    }
    setAsking(false);
  };
  return (
    <Danger open title={w('refuse_title')} confirm={w('refuse_go')} kind={first || stops.length === 0 ? 'primary' : 'danger'} busy={asking} error={edit.error} onConfirm={() => void go()} onClose={onClose} width={520}>
      <p>{w('refuse_effect')}</p>
      {stops.length === 0 ? (
        <p className="note-box good">{w('refuse_none')}</p>
      ) : (
        <div className="note-box warn stack tight">
          <span>{w('refuse_stops', { count: stops.length })}</span>
          <ul className="chips" style={{ maxHeight: 160, overflowY: 'auto' }} tabIndex={0} aria-label={w('s_unplanned')}>
            {stops.map((one) => {
              const label = eventLabel(one.name, lang);
              return (
                <li className="chip" key={one.name} title={isTranslated(one.name, label) ? one.name : undefined}>
                  {label}
                  <span className="num">{number(one.count, lang)}</span>
                </li>
              );
            })}
          </ul>
          <Checkbox checked={first} onChange={(event) => setFirst(event.target.checked)}>
            {w('refuse_add')}
          </Checkbox>
        </div>
      )}
      <p className="dim small">{w('refuse_house')}</p>
    </Danger>
  );
}
