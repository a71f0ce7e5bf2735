// A way through a plan, really gone or only tried: drawn over the canvas, and as a list with times and reasons.
import type { Plan, WayStep } from '../../../lib/api';
import { dateTime, duration } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { channelLabel, eventLabel, reasonLabel, stateLabel, whatLabel } from '../../../lib/vocabulary';
import { ENTRY, edgeKey } from '../logic/plan';
import { jw } from '../words';
import { nodeTitle } from './node-card';
import type { Walk } from './plan-canvas';

export const armOf = (plan: Plan, key: string) => plan.nodes.flatMap((node) => (node.type === 'split' ? node.arms : [])).find((arm) => arm.key === key)?.name || key;

export function walkOf(steps: WayStep[]): Walk {
  const nodes = new Set<string>([ENTRY]);
  const edges = new Set<string>();
  let before = ENTRY;
  for (const step of steps) {
    if (!step.node) continue;
    nodes.add(step.node);
    if (step.node !== before) edges.add(edgeKey(before, step.node));
    before = step.node;
  }
  return { nodes, edges };
}

export function useNodeTitle(plan: Plan): (id: string | null | undefined) => string {
  const w = useWords(jw);
  const lang = useLanguage();
  return (id) => {
    const node = plan.nodes.find((one) => one.id === id);
    return node ? nodeTitle(node, w, lang) : !id || id === ENTRY ? w('node_entry') : id;
  };
}

/** `since`: how long after it a step comes is said beside its time; `onPick` makes the nodes' names buttons. */
export function WaySteps({ steps, plan, since, onPick }: { steps: WayStep[]; plan: Plan; since?: string; onPick?: (node: string) => void }) {
  const w = useWords(jw);
  const lang = useLanguage();
  const title = useNodeTitle(plan);
  const after = (at: string) => (since ? Date.parse(at) - Date.parse(since) : 0);
  return (
    <ol>
      {steps.map((step, i) => (
        <li key={i} className="row top" style={{ padding: '4px 0', borderBottom: '1px solid var(--line-soft)' }}>
          <span className="dim num" style={{ width: 20, flex: 'none' }}>{i + 1}</span>
          <span className="grow">
            {onPick && step.node ? (
              <button type="button" className="linkish" onClick={() => onPick(step.node)}>
                {title(step.node)}
              </button>
            ) : (
              title(step.node)
            )}{' '}
            <span className="soft">— {whatLabel(step.what, lang)}</span>
            {step.reason && <span className="dim small"> · <StepReason step={step} plan={plan} /></span>}
          </span>
          <span className="dim small num" style={{ textAlign: 'right', flex: 'none' }}>
            <time dateTime={step.at}>{dateTime(step.at, lang)}</time>
            {after(step.at) > 0 && <div>{w('try_after', { span: duration(after(step.at), lang) })}</div>}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Why a step went as it did, in words. */
function StepReason({ step, plan }: { step: WayStep; plan: Plan }) {
  const w = useWords(jw);
  const lang = useLanguage();
  const { what, reason } = step;
  const waits = /^waits(?: for (.+))? until (\S+)$/.exec(reason);
  if (waits) return <>{waits[1] ? w('way_waits_event', { event: lang === 'zh' ? `「${eventLabel(waits[1], lang)}」` : eventLabel(waits[1], lang), time: dateTime(waits[2], lang) }) : w('way_waits', { time: dateTime(waits[2], lang) })}</>;
  if (what === 'assigned') return <>{armOf(plan, reason)}</>;
  if (what === 'gate') return <>{stateLabel(reason, lang)}</>;
  if (what === 'asked_to_send') return <>{channelLabel(reason, lang)}</>;
  if (what === 'entered' && reason === 'present') return <>{w('way_present')}</>;
  if (what === 'entered' || what === 'goal_reached') return <>{eventLabel(reason, lang)}</>;
  if (what === 'branched') return <>{reason === 'otherwise' ? w('way_otherwise') : reason}</>;
  return <>{reasonLabel(reason, lang)}</>;
}
