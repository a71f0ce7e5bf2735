// Which identifiers are this person, and the evidence for each link.
import { useQuery } from '@tanstack/react-query';
import { Link2, Unlink } from 'lucide-react';
import { type IdentityLink, type Identifier, call } from '../../../lib/api';
import { dateTime } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { eventLabel, identifierLabel, reasonLabel } from '../../../lib/vocabulary';
import { Answered } from '../../../ui/feedback';
import { Panel } from '../../../ui/page';
import { people } from '../words';

type AnyIdentifier = Identifier | { t: string; v: string } | string;

function read(one: AnyIdentifier): { type: string; value: string } {
  if (typeof one === 'string') {
    const at = one.indexOf(':');
    return at > 0 ? { type: one.slice(0, at), value: one.slice(at + 1) } : { type: '', value: one };
  }
  return 't' in one ? { type: one.t, value: one.v } : one;
}

export function IdentifierChip({ of }: { of: AnyIdentifier }) {
  const lang = useLanguage();
  const { type, value } = read(of);
  return (
    <span className="chip">
      {type && <span>{identifierLabel(type, lang)}</span>}
      <span className="cut" style={{ color: 'var(--ink)' }} title={value}>{value}</span>
    </span>
  );
}

export function IdentityView({ id }: { id: string }) {
  const w = useWords(people);
  const asked = useQuery({ queryKey: ['people', id, 'identity'], queryFn: () => call('GET /people/{id}/identity', { path: { id } }) });
  return (
    <Answered of={asked}>
      {(identity) => (
        <div className="stack loose">
          <p className="soft">{w('atoms', { n: identity.atoms })}</p>
          <Panel title={w('link_why')}>
            {identity.links.length === 0 ? <p className="dim">{w('links_none')}</p> : identity.links.map((link, i) => <LinkLine key={i} link={link} />)}
          </Panel>
          {identity.refused.length > 0 && (
            <Panel title={w('refused')}>
              <p className="soft small">{w('refused_text')}</p>
              {identity.refused.map((link, i) => (
                <LinkLine key={i} link={link} refused reason={link.reason} />
              ))}
            </Panel>
          )}
        </div>
      )}
    </Answered>
  );
}

function LinkLine({ link, refused, reason }: { link: IdentityLink; refused?: boolean; reason?: string }) {
  const w = useWords(people);
  const lang = useLanguage();
  const Icon = refused ? Unlink : Link2;
  return (
    <div style={{ padding: '8px 0', borderTop: '1px solid var(--line-soft)' }}>
      <div className="row wrap">
        <IdentifierChip of={link.a} />
        <Icon size={14} aria-hidden className="dim svg" />
        <IdentifierChip of={link.b} />
        {reason && <span className="small" style={{ color: 'var(--warn)' }}>{reasonLabel(reason, lang)}</span>}
      </div>
      {link.evidence && (
        <div className="dim small" style={{ marginTop: 4 }}>
          {w('link_evidence')}: {eventLabel(link.evidence.kind, lang)} · {w('same_event')} · {dateTime(link.evidence.at, lang, true)} · <code>{link.evidence.event_id}</code>
        </div>
      )}
    </div>
  );
}
