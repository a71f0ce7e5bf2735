// What a person agreed to, per channel, and changing it by the front door.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Consent, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { channelLabel, purposeLabel } from '../../../lib/vocabulary';
import { Ago, Badge } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { Answered, useToast } from '../../../ui/feedback';
import { Panel } from '../../../ui/page';
import { type Row, rowsOf } from '../logic/consents';
import { people } from '../words';

export const useConsents = (id: string, may: boolean) =>
  useQuery({ queryKey: ['people', id, 'consents'], enabled: may, queryFn: () => call('GET /people/{id}/consents', { path: { id } }).then((answer) => answer.items) });

export function Consents({ id }: { id: string }) {
  const w = useWords(people);
  const may = useMay()('privacy:read');
  const asked = useConsents(id, may);
  if (!may) return null;
  return (
    <Panel title={w('consents')}>
      <Answered of={asked} lines={3}>{(consents) => <ConsentList id={id} consents={consents} />}</Answered>
    </Panel>
  );
}

function ConsentList({ id, consents }: { id: string; consents: Consent[] }) {
  const w = useWords(people);
  const lang = useLanguage();
  const toast = useToast();
  const able = useMay()('privacy:write');
  const [asking, setAsking] = useState<Row | null>(null);
  const rows = rowsOf(consents);
  const change = useMutation({
    mutationFn: ({ purpose, channel, granted }: { purpose: string; channel: string; granted: boolean }) => call('POST /people/{id}:consent', { path: { id }, body: { purpose, channel, granted } }),
    onSuccess: () => {
      setAsking(null);
      toast.done(w('consent_done'));
      void queries.invalidateQueries({ queryKey: ['people', id] });
    },
    onError: toast.failed,
  });
  return (
    <>
      {consents.length === 0 && <p className="dim small" style={{ marginBottom: 6 }}>{w('consents_none')}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.purpose + row.channel} className="row" style={{ padding: '4px 0' }}>
            <span className="grow">
              {channelLabel(row.channel, lang)} <span className="dim">{purposeLabel(row.purpose, lang)}</span>
              {row.known && (
                <div className="dim small">
                  <Ago at={row.known.at} />
                  {row.channel !== '*' && row.known.channel === '*' && ` · ${w('consent_whole')}`}
                </div>
              )}
            </span>
            <Badge tone={row.known ? (row.known.granted ? 'good' : 'bad') : 'quiet'}>{w(row.known ? (row.known.granted ? 'granted' : 'withdrawn') : 'not_recorded')}</Badge>
            {!able ? null : row.known?.granted ? (
              <Button size="small" onClick={() => setAsking(row)}>
                {w('withdraw')}
              </Button>
            ) : (
              <Button size="small" loading={change.isPending && change.variables.channel === row.channel} onClick={() => change.mutate({ ...row, granted: true })}>
                {w('grant')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Danger
        open={asking !== null}
        title={asking ? w('consent_title', { channel: channelLabel(asking.channel, lang), purpose: purposeLabel(asking.purpose, lang) }) : ''}
        confirm={w('withdraw')}
        busy={change.isPending}
        error={change.error}
        onConfirm={() => asking && change.mutate({ purpose: asking.purpose, channel: asking.channel, granted: false })}
        onClose={() => setAsking(null)}
      >
        <p>{w('consent_text')}</p>
      </Danger>
    </>
  );
}
