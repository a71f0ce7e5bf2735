// Which identifiers are this person, and the evidence for each link; and which links were refused.
import { useQuery } from '@tanstack/react-query';
import { Link2, Merge, Split, Unlink } from 'lucide-react';
import { useState } from 'react';
import { type ApartPair, type Evidence, type Identifier, type Identity, type IdentityLink, type RefusedLink, call } from '../../../lib/api';
import { dateTime } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { eventLabel, reasonLabel } from '../../../lib/vocabulary';
import { Button } from '../../../ui/button';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { Panel } from '../../../ui/page';
import { MOST_DRAWN, nodeKey } from '../logic/graph';
import { people } from '../words';
import { IdentifierChip } from './identifier-chip';
import { IdentityGraph } from './identity-graph';
import { MergeDialog, UnmergeDialog } from './regroup-dialog';

export function IdentityView({ id }: { id: string }) {
  const asked = useQuery({ queryKey: ['people', id, 'identity'], queryFn: () => call('GET /people/{id}/identity', { path: { id } }) });
  return <Answered of={asked}>{(identity) => <Whole id={id} identity={identity} />}</Answered>;
}

type Asking = { unmerge: Identifier[] } | { merge: string } | null;

function Whole({ id, identity }: { id: string; identity: Identity }) {
  const w = useWords(people);
  const able = useMay()('people:write');
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<Asking>(null);
  const toggle = (key: string) => setChosen((now) => (now.has(key) ? new Set([...now].filter((one) => one !== key)) : new Set([...now, key])));
  const out = identity.identifiers.filter((one) => chosen.has(nodeKey(one)));
  const close = () => {
    setAsking(null);
    setChosen(new Set());
  };
  return (
    <div className="stack loose">
      <Panel
        title={w('atoms', { n: identity.identifiers.length })}
        extra={
          able && (
            <span className="row wrap">
              <Button size="small" icon={<Merge size={14} />} onClick={() => setAsking({ merge: '' })}>{w('merge')}</Button>
              <Button size="small" danger icon={<Split size={14} />} disabled={out.length === 0 || out.length === identity.identifiers.length} onClick={() => setAsking({ unmerge: out })}>
                {out.length > 0 ? w('unmerge_n', { n: out.length }) : w('unmerge')}
              </Button>
            </span>
          )
        }
      >
        <IdentityGraph identity={identity} chosen={chosen} onToggle={toggle} able={able && identity.identifiers.length > 1} />
        {able && identity.identifiers.length > 1 && <p className="dim small">{w('graph_hint')}</p>}
        {identity.identifiers.length > MOST_DRAWN && <p className="dim small">{w('graph_more', { n: MOST_DRAWN })}</p>}
      </Panel>
      <Panel title={w('link_why')}>{identity.links.length === 0 ? <p className="dim">{w('links_none')}</p> : identity.links.map((link, i) => <LinkLine key={i} link={link} />)}</Panel>
      {identity.apart.length > 0 && (
        <Panel title={w('apart')}>
          <p className="soft small">{w('apart_text')}</p>
          {identity.apart.map((one, i) => <ApartLine key={i} of={one} again={able && one.person !== id ? () => setAsking({ merge: one.person }) : undefined} />)}
        </Panel>
      )}
      {identity.refused.length > 0 && (
        <Panel title={w('refused')}>
          <p className="soft small">{w('refused_text')}</p>
          {identity.refused.map((link, i) => <RefusedLine key={i} link={link} />)}
        </Panel>
      )}
      {asking && 'unmerge' in asking && <UnmergeDialog id={id} out={asking.unmerge} onClose={close} />}
      {asking && 'merge' in asking && <MergeDialog id={id} given={asking.merge} onClose={close} />}
    </div>
  );
}

function ApartLine({ of, again }: { of: ApartPair; again?: () => void }) {
  const w = useWords(people);
  const lang = useLanguage();
  return (
    <div style={{ padding: '8px 0', borderTop: '1px solid var(--line-soft)' }}>
      <div className="row wrap">
        {of.a && <IdentifierChip of={of.a} />}
        <Unlink size={14} aria-hidden className="dim svg" />
        {of.b && <IdentifierChip of={of.b} />}
        <Go to={paths.person(of.person)} className="small">{w('open_other')}</Go>
        {again && <Button size="small" onClick={again}>{w('merge_again')}</Button>}
      </div>
      <div className="dim small break" style={{ marginTop: 4 }}>
        {of.cause === 'shared' ? w('apart_shared') : of.cause === 'newest' ? w('apart_newest') : w('apart_by', { who: of.by_name ?? of.by })} · {dateTime(of.at, lang, true)}
        {of.reason && ` · ${of.reason}`}
      </div>
    </div>
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
      {of.detail.cause === 'by_hand' ? `${w('joined_by_hand')}${of.detail.reason ? `: ${of.detail.reason}` : ''}` : `${w('link_evidence')}: ${eventLabel(of.kind, lang)} · ${w('same_event')}`} · {dateTime(of.at, lang, true)} · <code>{of.event_id}</code>
    </div>
  );
}
