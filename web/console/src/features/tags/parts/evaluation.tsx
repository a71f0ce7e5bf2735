// Is the tag any good: its score and what that is made of, who uses it, what becomes of its values, and what to do.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { Archive, Lightbulb } from 'lucide-react';
import { type Tag, type TagEvaluation, type TagOutcome, type TagUse, call } from '../../../lib/api';
import { dateTime, number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { valueText } from '../../../lib/labels';
import { paths } from '../../../lib/paths';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { eventLabel } from '../../../lib/vocabulary';
import { Badge, Figure } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { Interval } from '../../../ui/interval';
import { Panel } from '../../../ui/page';
import { tw } from '../words';
import { Gauge } from './gauge';

const WHERE: { [kind in TagUse['kind']]: (id: string) => string } = { segment: paths.segment, tag: paths.tag, model: paths.model, journey: paths.journey };
const SUGGESTIONS = ['covers_few', 'covers_everybody', 'one_value', 'unused', 'stale', 'tells_nothing'] as const;
/** These parts say nothing before there is an outcome to compare. */
const OF_OUTCOME = ['discrimination', 'marketing'];
/** Of these the cure may be to do without the tag. */
const RETIRE = ['unused', 'stale', 'tells_nothing'];

export function EvaluationTab({ tag, onRetire }: { tag: Tag; onRetire?: () => void }) {
  const w = useWords(tw);
  const lang = useLanguage();
  const [url, setUrl] = useUrlState({ event: 'purchase', days: '30' });
  const asked = useQuery({ queryKey: ['tags', tag.id, 'evaluation', url.event, url.days], queryFn: () => call('GET /tags/{id}/evaluation', { path: { id: tag.id }, query: { event: url.event, days: Number(url.days) } }), placeholderData: (before) => before });
  return (
    <Answered of={asked} lines={10}>
      {(found) => (
        <div className="stack loose" style={{ opacity: asked.isPlaceholderData ? 0.6 : 1 }}>
          <div className="cols side-left">
            <Panel title={w('e_score')}><Score of={found} /></Panel>
            <div className="stack">
              <div className="figures">
                <Figure label={w('coverage')} value={percent(found.coverage, lang)} note={w('coverage_of', { n: number(found.tagged, lang), of: number(found.people, lang) })} />
                <Figure label={w('e_distinct')} value={number(found.distinct_values, lang)} />
                <Figure label={w('e_entropy')} value={number(found.entropy, lang, 2)} note={w('e_entropy_note')} />
              </div>
              <Suggestions of={found} onRetire={onRetire} />
              <Panel title={w('e_used')}>
                {found.used_by.length === 0 ? (
                  <p className="dim">{w('e_used_none')}</p>
                ) : (
                  <ul className="stack tight">
                    {found.used_by.map((one) => <li key={one.kind + one.id} className="row"><Badge>{w(`user_${one.kind}`)}</Badge><Go to={WHERE[one.kind](one.id)} className="cut">{one.name}</Go></li>)}
                  </ul>
                )}
              </Panel>
            </div>
          </div>
          <Outcome tag={tag} outcome={found.outcome ?? null} event={url.event} days={url.days} onAsk={setUrl} />
          <p className="dim small">{w('e_as_of', { time: dateTime(found.as_of, lang) })}</p>
        </div>
      )}
    </Answered>
  );
}

function Score({ of }: { of: TagEvaluation }) {
  const w = useWords(tw);
  const lang = useLanguage();
  // Parts and their weights are shares; a hundred is what people count in.
  const weights = of.parts.reduce((sum, one) => sum + one.weight, 0) || 1;
  const whole = Math.round(of.score);
  const word = whole >= 80 ? 'great' : whole >= 60 ? 'good' : whole >= 40 ? 'fair' : 'weak';
  return (
    <div className="stack">
      <Gauge score={whole} word={w(`grade_${word}`)} label={`${w('e_score')}: ${w('e_score_said', { n: whole })}`} />
      <ul>
        {of.parts.map(({ part, score, weight }) => (
          <li key={part} style={{ padding: '5px 0' }}>
            <div className="row"><strong>{w(`part_${part}`)}</strong><span className="dim small grow cut">{w(!of.outcome && OF_OUTCOME.includes(part) ? 'meaning_later' : `meaning_${part}`)}</span><span className="num">{number(score * 100, lang, 0)}</span></div>
            <div className="row"><span className="bar grow" aria-hidden><i style={{ width: `${score * 100}%` }} /></span><span className="dim small nowrap">{w('e_weight', { n: percent(weight / weights, lang, 0) })}</span></div>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Suggestions({ of, onRetire }: { of: TagEvaluation; onRetire?: () => void }) {
  const w = useWords(tw);
  const said = of.suggestions.flatMap(({ code }) => SUGGESTIONS.find((one) => one === code) ?? []);
  const retire = onRetire && said.some((one) => RETIRE.includes(one));
  return (
    <Panel title={w('e_suggestions')} extra={onRetire && <Button size="small" type={retire ? 'default' : 'text'} icon={<Archive size={13} />} onClick={onRetire}>{w('e_retire')}</Button>}>
      {said.length === 0 ? (
        <p className="dim">{w('e_fine')}</p>
      ) : (
        <ul className="stack tight">
          {said.map((code) => <li key={code} className="row top"><Lightbulb size={14} className="svg" aria-hidden style={{ marginTop: 3, color: 'var(--warn)' }} /><span>{w(`advice_${code}`)}</span></li>)}
        </ul>
      )}
    </Panel>
  );
}

type OutcomeProps = { tag: Tag; outcome: TagOutcome | null; event: string; days: string; onAsk: (patch: { event?: string; days?: string }) => void };

function Outcome({ tag, outcome, event, days, onAsk }: OutcomeProps) {
  const w = useWords(tw);
  const lang = useLanguage();
  const facts = useFacts();
  const events = [...new Set([event, ...facts.events.map((one) => one.name)])];
  return (
    <Panel
      title={w('e_outcome')}
      extra={
        <span className="row wrap">
          <Select size="small" aria-label={w('e_outcome_of')} showSearch={{ optionFilterProp: 'label' }} popupMatchSelectWidth={false} value={event} style={{ minWidth: 110 }} onChange={(next: string) => onAsk({ event: next })} options={events.map((name) => ({ value: name, label: eventLabel(name, lang) }))} />
          <Select size="small" aria-label={w('within')} value={days} style={{ minWidth: 96 }} onChange={(next: string) => onAsk({ days: next })} options={['7', '14', '30', '60', '90'].map((n) => ({ value: n, label: w('e_outcome_days', { n }) }))} />
        </span>
      }
    >
      {outcome && outcome.values.length > 0 ? <OutcomeRows tag={tag} outcome={outcome} /> : <p className="dim">{w('e_outcome_none')}</p>}
    </Panel>
  );
}

function OutcomeRows({ tag, outcome }: { tag: Tag; outcome: TagOutcome }) {
  const w = useWords(tw);
  const lang = useLanguage();
  const rows = [...outcome.values].sort((a, b) => b.rate - a.rate);
  const base = outcome.rate;
  const top = Math.max(base, ...rows.map((one) => one.high));
  const p = outcome.p_value < 0.001 ? '< 0.001' : `= ${number(outcome.p_value, lang, 3)}`;
  return (
    <div className="stack">
      <ul>
        {rows.map((one) => {
          const name = one.value == null ? w('e_no_value') : valueText(one.value, tag.rule, lang);
          return (
            <li key={one.value ?? ''} className="bar-line">
              <span className="cut" title={name}>{name} <span className="dim small">{number(one.people, lang)}</span></span>
              <Interval value={one.rate} low={one.low} high={one.high} base={base} top={top} label={w('e_interval', { value: name, rate: percent(one.rate, lang), low: percent(one.low, lang), high: percent(one.high, lang) })} />
              <span className="row" style={{ gap: 12 }}><b className="num" style={{ minWidth: 46, textAlign: 'right' }}>{percent(one.rate, lang)}</b><span className="dim num" style={{ minWidth: 46, textAlign: 'right' }}>{one.lift != null && w('e_lift', { n: number(one.lift, lang, 1) })}</span></span>
            </li>
          );
        })}
      </ul>
      <p className="dim small">{w('e_outcome_note')}</p>
      <div className={outcome.p_value < 0.05 ? 'note-box good' : 'note-box plain'}>
        {w(outcome.p_value < 0.05 ? 'e_sure' : 'e_unsure', { p, bits: number(outcome.information, lang, 3), effect: number(outcome.effect, lang, 2) })}
        {outcome.reached > 0 && <div>{outcome.reached_lift == null ? w('e_reached', { n: number(outcome.reached, lang) }) : w('e_reached_lift', { n: number(outcome.reached, lang), lift: number(outcome.reached_lift, lang, 1) })}</div>}
      </div>
    </div>
  );
}
