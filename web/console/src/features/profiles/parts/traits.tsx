// What is known of somebody, each with its history behind it.
import { Lock } from 'lucide-react';
import type { Person } from '../../../lib/api';
import { dateTime } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useSourceName } from '../../../lib/names';
import { useUrlState } from '../../../lib/use-url-state';
import { factLabel } from '../../../lib/vocabulary';
import { Panel } from '../../../ui/page';
import { useTraitText } from '../logic/use-trait-text';
import { people } from '../words';
import { TraitDrawer } from './trait-drawer';

export function Traits({ person }: { person: Person }) {
  const w = useWords(people);
  const lang = useLanguage();
  const sourceName = useSourceName();
  const text = useTraitText();
  const [url, setUrl] = useUrlState({ trait: '' });
  const names = [...Object.keys(person.traits), ...person.hidden_traits].sort((a, b) => a.localeCompare(b));
  return (
    <Panel title={w('traits')}>
      {names.length === 0 ? (
        <p className="dim">{w('traits_none')}</p>
      ) : (
        <dl className="facts">
          {names.map((name) => {
            const trait = person.traits[name];
            return (
              <div key={name} style={{ display: 'contents' }}>
                <dt>{factLabel(name, lang)}</dt>
                <dd>
                  <button
                    type="button"
                    className={trait ? 'linkish trait' : 'linkish trait dim'}
                    title={trait ? w('trait_from', { source: sourceName(trait.source), time: dateTime(trait.ts, lang) }) : w('trait_hidden_hint')}
                    aria-label={`${factLabel(name, lang)}: ${trait ? text(name, trait.value) : w('trait_hidden')} · ${w('trait_history')}`}
                    onClick={() => setUrl({ trait: name })}
                  >
                    {trait ? (
                      text(name, trait.value)
                    ) : (
                      <span className="row" style={{ gap: 5 }}>
                        <Lock size={12} aria-hidden />
                        {w('trait_hidden')}
                      </span>
                    )}
                  </button>
                </dd>
              </div>
            );
          })}
        </dl>
      )}
      {url.trait && <TraitDrawer person={person} name={url.trait} onClose={() => setUrl({ trait: '' })} />}
    </Panel>
  );
}
