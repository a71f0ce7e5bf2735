// How the program is doing.
import { useQuery } from '@tanstack/react-query';
import { call } from '../../../lib/api';
import { bytes, duration, number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { Figure } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { Page } from '../../../ui/page';
import { sw } from '../words';

export default function SystemPage() {
  const w = useWords(sw);
  const lang = useLanguage();
  const asked = useQuery({ queryKey: ['system'], refetchInterval: 5000, queryFn: () => call('GET /system') });
  return (
    <Page title={w('title')} sub={w('sub')}>
      <Answered of={asked}>
        {(one) => {
          const failed = one.log.failed;
          const state = failed ? 'broken' : one.lag > 1000 || !one.is_live ? 'behind' : 'fine';
          return (
            <div className="stack loose">
              <div className={state === 'fine' ? 'note-box good' : state === 'broken' ? 'problem' : 'note-box warn'}>
                <strong>{w(state)}</strong>
                <div>{w(`${state}_text`, { n: number(one.lag, lang) })}</div>
                {failed && <code className="small break">{failed}</code>}
              </div>
              <div className="figures">
                <Figure label={w('version')} value={<span style={{ fontSize: 16 }}>{one.version}</span>} />
                <Figure label={w('uptime')} value={<span style={{ fontSize: 16 }}>{duration(one.uptime_ms, lang)}</span>} />
                <Figure label={w('lag')} value={number(one.lag, lang)} note={w('lag_note')} />
                <Figure label={w('position')} value={number(one.position, lang)} />
                <Figure label={w('people')} value={number(one.people, lang)} />
                <Figure label={w('disk')} value={bytes(one.state_bytes, lang)} note={w('disk_note')} />
                <Figure label={w('lake')} value={one.lake_marker == null ? '–' : number(one.lake_marker, lang)} note={w('lake_note')} />
              </div>
            </div>
          );
        }}
      </Answered>
    </Page>
  );
}
