// Which identifiers are this person, and the evidence for each link; and which links were refused.
import { useQuery } from '@tanstack/react-query';
import { Link2, Unlink } from 'lucide-react';
import { type Evidence, type IdentityLink, type Identifier, type RefusedLink, call } from '../../../lib/api';
import { dateTime } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { eventLabel, identifierLabel, reasonLabel } from '../../../lib/vocabulary';
import { Answered } from '../../../ui/feedback';
import { Panel } from '../../../ui/page';
import { people } from '../words';

export function IdentifierChip({ of }: { of: Identifier }) {
  const lang = useLanguage();
  return (
    <span className="chip">
      <span>{identifierLabel(of.type, lang)}</span>
      <span className="cut" style={{ color: 'var(--ink)' }} title={of.value}>{of.value}</span>
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
          <Panel title={w('link_why')}>{identity.links.length === 0 ? <p className="dim">{w('links_none')}</p> : identity.links.map((link, i) => <LinkLine key={i} link={link} />)}</Panel>
          {identity.refused.length > 0 && (
            <Panel title={w('refused')}>
              <p className="soft small">{w('refused_text')}</p>
              {identity.refused.map((link, i) => (
                <RefusedLine key={i} link={link} />
              ))}
            </Panel>
          )}
        </div>
      )}
    </Answered>
  );
}

function LinkLine({ link }: { link: IdentityLink }) {
  return (
    <div style={{ padding: '8px 0', borderTop: '1px solid var(--line-soft)' }}>
      <div className="row wrap">
        {link.a && <IdentifierChip of={link.a} />}
        <Link2 size={14} aria-hidden className="dim svg" />
        {link.b && <IdentifierChip of={link.b} />}
      </div>
      <EvidenceLine of={link.evidence} />
    </div>
  );
}

function RefusedLine({ link }: { link: RefusedLink }) {
  const lang = useLanguage();
  return (
    <div style={{ padding: '8px 0', borderTop: '1px solid var(--line-soft)' }}>
      <div className="row wrap">
        {link.evidence.identifiers.map((one, i) => (
          <span key={one.type + one.value} className="row">
            {i > 0 && <Unlink size={14} aria-hidden className="dim svg" />}
            <IdentifierChip of={one} />
          </span>
        ))}
        <span className="small" style={{ color: 'var(--warn)' }}>{reasonLabel(link.reason, lang)}</span>
      </div>
      <EvidenceLine of={link.evidence} />
    </div>
  );
}

function EvidenceLine({ of }: { of: Evidence }) {
  const w = useWords(people);
  const lang = useLanguage();
  return (
    <div className="dim small break" style={{ marginTop: 4 }}>
      {w('link_evidence')}: {eventLabel(of.kind, lang)} · {w('same_event')} · {dateTime(of.at, lang, true)} · <code>{of.event_id}</code>
    </div>
  );
}
