// Why is this person in? The condition's tree with a verdict and evidence on every line.
import { useQuery } from '@tanstack/react-query';
import { Check, X } from 'lucide-react';
import { type Condition, type ExplainNode, call } from '../../../lib/api';
import { dateTime } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { searchPeople, useKnownPerson } from '../../../lib/people';
import { valueLabel } from '../../../lib/vocabulary';
import { showValue } from '../../../ui/bits';
import { bare, clause, type Names } from '../../../ui/condition-builder';
import { Answered } from '../../../ui/feedback';
import { PersonPicker, personName } from '../../../ui/person-picker';
import type { RuleSegment } from '../logic/types';
import { seg } from '../words';

export function Explain({ segment, person, onPerson, names }: { segment: RuleSegment; person: string; onPerson: (id: string) => void; names: Names }) {
  const w = useWords(seg);
  const asked = useQuery({
    queryKey: ['segments', segment.id, 'explain', segment.version, person],
    enabled: !!person,
    queryFn: () => call('POST /segments/{id}:explain', { path: { id: segment.id }, body: { person } }),
  });
  const known = useKnownPerson(person);
  const title = known[0] ? personName(known[0]) : person;
  return (
    <div className="stack" style={{ maxWidth: 820 }}>
      <p className="soft">{w('explain_hint')}</p>
      <div style={{ maxWidth: 340 }}>
        <PersonPicker
          label={w('explain_pick')}
          value={person}
          search={searchPeople}
          known={known}
          onChange={onPerson}
        />
      </div>
      {person && (
        <Answered of={asked}>
          {(answer) => (
            <div className="stack">
              <div className={answer.holds ? 'note-box good' : 'note-box warn'}>
                <strong>{w(answer.holds ? 'explain_in' : 'explain_out', { name: title })}</strong>
              </div>
              <NodeView node={answer.tree} root={segment.condition} names={names} />
            </div>
          )}
        </Answered>
      )}
    </div>
  );
}

/** The part of the condition that a node of the explanation speaks of. */
function conditionOf(path: string, root: Condition): Condition | null {
  let here: unknown = root;
  for (const part of path.split('/').slice(1)) here = here && typeof here === 'object' ? (here as Record<string, unknown>)[part] : undefined;
  return (here as Condition | undefined) ?? null;
}

function NodeView({ node, root, names }: { node: ExplainNode; root: Condition; names: Names }) {
  const w = useWords(seg);
  const lang = useLanguage();
  const condition = conditionOf(node.path, root);
  const holds = node.verdict;
  // “Did not do …” is one line with one verdict: a cross beneath a tick would have to be thought about.
  const [only] = node.kind === 'not' && node.children?.length === 1 && !node.children[0]!.children?.length ? node.children : [];
  const text = only && condition ? clause(condition, lang, names) : node.kind === 'all' ? w('all_of') : node.kind === 'any' ? w('any_of') : node.kind === 'not' ? w('none_of') : condition ? clause(condition, lang, names) : node.kind;
  const evidence = useEvidence((only ?? node).evidence, condition && bare(condition).node, names);
  return (
    <div>
      <div className="explain-line">
        <span className="mark" style={{ background: holds ? 'var(--good)' : 'var(--bad)' }} role="img" aria-label={w(holds ? 'holds' : 'fails')}>
          {holds ? <Check size={11} strokeWidth={3} color="var(--surface)" aria-hidden /> : <X size={11} strokeWidth={3} color="var(--surface)" aria-hidden />}
        </span>
        <span className="grow">
          {text}
          {evidence && <span className="dim small"> — {evidence}</span>}
        </span>
      </div>
      {!only && node.children && node.children.length > 0 && (
        <div className="explain">
          {node.children.map((child, i) => (
            <NodeView key={i} node={child} root={root} names={names} />
          ))}
        </div>
      )}
    </div>
  );
}

function useEvidence(evidence: ExplainNode['evidence'], of: Condition | null, names: Names): string {
  const w = useWords(seg);
  const lang = useLanguage();
  if (!evidence) return '';
  const called = (value: unknown) => {
    const name = typeof value !== 'string' || !of ? undefined : 'tag' in of ? names.tagValue?.(of.tag.name, value) : 'trait' in of ? valueLabel(of.trait.name, value, lang) : undefined;
    return name ?? showValue(value);
  };
  const time = (value: unknown) => dateTime(value as string | number, lang);
  switch (evidence.kind) {
    case 'value':
      return evidence.value === null || evidence.value === undefined ? w('ev_missing') : w('ev_value', { value: called(evidence.value) });
    case 'events': {
      const parts = [w('ev_events', { n: Number(evidence.count) })];
      if (evidence.outcome !== undefined && evidence.outcome !== null && String(evidence.outcome) !== String(evidence.count)) parts.push(w('ev_outcome', { value: showValue(evidence.outcome) }));
      if (evidence.latest) parts.push(w('ev_latest', { time: time(evidence.latest) }));
      return parts.join(lang === 'zh' ? '，' : ', ');
    }
    case 'no_anchor':
      return w('ev_no_anchor');
    case 'chain':
      return evidence.began && evidence.ended ? w('ev_chain', { from: time(evidence.began), to: time(evidence.ended) }) : '';
    default:
      return w('ev_value', { value: showValue(evidence) });
  }
}
