// What a person agreed to, per channel, and changing it by the front door.
import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { type Consent, type Person, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { channelLabel, purposeLabel } from '../../../lib/vocabulary';
import { Ago, Badge } from '../../../ui/bits';
import { Danger } from '../../../ui/danger';
import { useToast } from '../../../ui/feedback';
import { people } from '../words';

const CHANNELS = ['email', 'sms', 'webhook'];
type Row = { purpose: string; channel: string; known?: Consent };

export function Consents({ person }: { person: Person }) {
  const w = useWords(people);
  const lang = useLanguage();
  const toast = useToast();
  const [asking, setAsking] = useState<Row | null>(null);
  const rows: Row[] = [
    ...CHANNELS.map((channel) => ({ purpose: 'marketing', channel, known: person.consents.find((one) => one.purpose === 'marketing' && one.channel === channel) })),
    ...person.consents.filter((one) => one.purpose !== 'marketing' || !CHANNELS.includes(one.channel)).map((known) => ({ purpose: known.purpose, channel: known.channel, known })),
  ];
  const change = useMutation({
    mutationFn: ({ purpose, channel, granted }: { purpose: string; channel: string; granted: boolean }) => call('POST /people/{id}:consent', { path: { id: person.id }, body: { purpose, channel, granted } }),
    onSuccess: () => {
      setAsking(null);
      toast.done(w('consent_done'));
      setTimeout(() => void queries.invalidateQueries({ queryKey: ['people', person.id] }), 400);
    },
    onError: toast.failed,
  });
  return (
    <>
      {person.consents.length === 0 && <p className="dim small" style={{ marginBottom: 6 }}>{w('consents_none')}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.purpose + row.channel} className="row" style={{ padding: '4px 0' }}>
            <span className="grow">
              {channelLabel(row.channel, lang)} <span className="dim">{purposeLabel(row.purpose, lang)}</span>
              {row.known && (
                <div className="dim small">
                  <Ago at={row.known.at} />
                </div>
              )}
            </span>
            <Badge tone={row.known ? (row.known.granted ? 'good' : 'bad') : 'quiet'}>{w(row.known ? (row.known.granted ? 'granted' : 'withdrawn') : 'not_recorded')}</Badge>
            {row.known?.granted ? (
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
