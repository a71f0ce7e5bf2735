// The history of one trait: everything that was ever told of it, which of it stands, and why.
import { Drawer } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { Check, CircleDot, Lock, X } from 'lucide-react';
import { type Person, type TraitTelling, call } from '../../../lib/api';
import { dateTime } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useSourceName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { eventLabel, factLabel, isTranslated } from '../../../lib/vocabulary';
import { Badge, Empty } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { isTakenAway, whyStands } from '../logic/trait-history';
import { useTraitRules } from '../logic/use-trait-rules';
import { useTraitText } from '../logic/use-trait-text';
import { people } from '../words';

type Props = { person: Person; name: string; onClose: () => void };

export function TraitDrawer({ person, name, onClose }: Props) {
  const lang = useLanguage();
  const label = factLabel(name, lang);
  return (
    <Drawer
      open
      onClose={onClose}
      size={520}
      title={
        <>
          {label} {isTranslated(name, label) && <code className="dim small">{name}</code>}
        </>
      }
    >
      <History person={person} name={name} />
    </Drawer>
  );
}

function History({ person, name }: { person: Person; name: string }) {
  const w = useWords(people);
  const text = useTraitText();
  const rules = useTraitRules();
  const asked = useQuery({ queryKey: ['people', person.id, 'traits', name], queryFn: () => call('GET /people/{id}/traits/{name}/history', { path: { id: person.id, name } }).then((answer) => answer.items) });
  const isHidden = person.hidden_traits.includes(name);
  const rule = rules.data?.traits[name];
  const now = person.traits[name];
  return (
    <div className="stack loose">
      {(isHidden || rule?.is_sensitive) && (
        <div className="cb-read row top">
          <Lock size={14} aria-hidden className="svg" style={{ marginTop: 3 }} />
          <span>{w(isHidden ? 'trait_hidden_who' : 'trait_sensitive_who')}</span>
        </div>
      )}
      <Answered of={asked} lines={6}>
        {(tellings) =>
          tellings.length === 0 ? (
            <Empty title={w('trait_untold')} text={w('trait_untold_text')} />
          ) : (
            <>
              <div>
                {now && <div className="break" style={{ fontSize: 19, fontWeight: 600 }}>{text(name, now.value)}</div>}
                <Reason tellings={tellings} sources={rule?.sources ?? []} />
              </div>
              <section>
                <h2 className="h">{w('trait_told', { n: tellings.length })}</h2>
                <ol className="timeline" aria-label={w('trait_history')}>
                  {tellings.map((one, i) => <Told key={i} of={one} name={name} isHidden={isHidden} />)}
                </ol>
              </section>
            </>
          )
        }
      </Answered>
      <Go to={paths.traitRules} search={{ q: name }} className="small">{w('trait_rules_go')}</Go>
    </div>
  );
}

function Reason({ tellings, sources }: { tellings: TraitTelling[]; sources: string[] }) {
  const w = useWords(people);
  const sourceName = useSourceName();
  const standing = tellings.find((one) => one.stands);
  return <p className="soft">{w(`why_${whyStands(tellings, sources)}`, { source: sourceName(standing?.source) })}</p>;
}

function Told({ of, name, isHidden }: { of: TraitTelling; name: string; isHidden: boolean }) {
  const w = useWords(people);
  const lang = useLanguage();
  const text = useTraitText();
  const sourceName = useSourceName();
  const gone = isTakenAway(of);
  const Icon = of.stands ? Check : gone ? X : CircleDot;
  const said = gone ? w('trait_taken') : isHidden ? w('trait_hidden') : of.kind === 'profile_increment' ? w('trait_added', { value: text(name, of.value) }) : text(name, of.value);
  return (
    <li className="tl">
      <span className={`dot ${of.stands ? 'good' : ''}`}>
        <Icon size={13} aria-hidden />
      </span>
      <div style={{ minWidth: 0 }}>
        <div className="row wrap" style={{ gap: '2px 8px' }}>
          <span className={gone || isHidden ? 'dim' : 'break'} style={{ fontWeight: of.stands ? 600 : 400 }}>{said}</span>
          {of.stands && <Badge tone="good">{w('trait_stands')}</Badge>}
        </div>
        <div className="dim small break">
          {sourceName(of.source)} · {eventLabel(of.kind, lang)}
        </div>
      </div>
      <time className="dim small num" dateTime={of.ts}>{dateTime(of.ts, lang)}</time>
    </li>
  );
}
